import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { SpeakSettings } from '../contract/settings';
import { type Child, forkChild } from '../main/child';
import { Engine } from '../main/inference/engine';
import type { CodecCommand, CodecReport } from '../main/inference/messages';
import { loadPack } from '../main/packs/pack';
import { speakRequest } from '../main/speak-request';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

it('vocodes in a process of its own what it vocodes here, and outlives that process', async () => {
  const pack = await loadPack(at('models/default'));
  const { defaults, voices } = pack.summary;
  const settings: SpeakSettings = {
    voice: voices[0].name,
    method: 'pcg',
    ...defaults,
    topK: 0,
    repetitionPenalty: 1,
    seed: 3,
  };
  const request = speakRequest(pack, 'Rice is good. The sun is warm.', settings);
  const started: Child<CodecCommand, CodecReport>[] = [];
  let deaths = 0;
  const inside = await Engine.load(pack.engine, 'cpu');
  onTestFinished(() => inside.close());
  const apart = await Engine.load(pack.engine, 'cpu', async () => {
    const child: Child<CodecCommand, CodecReport> = forkChild(at('out/main/codec.js'));
    started.push(child);
    return {
      ...child,
      // While it is asked for something, whatever the pack: later, it would be started again unseen.
      post: (command) => {
        child.post(command);
        if (command.type === 'decode' && deaths-- > 0) child.kill();
      },
    };
  });
  onTestFinished(() => apart.close());

  const speak = async (engine: Engine) => {
    const sound: number[] = [];
    /** Samples that came before each piece was told to be over. Chunks beside decoding have other lengths. */
    const ends: number[] = [];
    await engine.speak(request, (event) => {
      if (event.type === 'audio') sound.push(...event.samples);
      if (event.type === 'piece') ends.push(sound.length);
    });
    return { sound, ends };
  };
  const here = await speak(inside);
  const there = await speak(apart);
  expect(here.ends).toEqual([here.sound.length]);
  expect(there.ends).toEqual(here.ends);
  expect(there.sound).toHaveLength(here.sound.length);
  const apartness = there.sound.map((sample, i) => Math.abs(sample - here.sound[i]));
  expect(Math.max(...apartness)).toBeLessThan(1e-4);

  const killed = started[0].pid;
  deaths = 1;
  await expect(speak(apart)).rejects.toThrow(/codec stopped unexpectedly/);
  expect((await speak(apart)).sound).toHaveLength(here.sound.length);
  expect(started).toHaveLength(2);
  expect(started[1].pid).not.toBe(killed);

  deaths = Number.POSITIVE_INFINITY;
  await expect(speak(apart)).rejects.toThrow(/codec stopped unexpectedly/);
  deaths = 0;
  expect((await speak(apart)).sound).toHaveLength(here.sound.length);
});
