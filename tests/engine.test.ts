import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { committedTokens, frameCount, frameTokens, type Round } from '../contract/rounds';
import type { SpeakSettings } from '../contract/settings';
import type { Piece } from '../contract/take';
import { deviceFor } from '../main/cli/device';
import { divergence, klOfRow } from '../main/inference/agreement';
import { Engine } from '../main/inference/engine';
import { GraphModel } from '../main/inference/graph-model';
import { makeMappedCopies } from '../main/inference/mapped-copy';
import type { SpeakEvent, SpeakRequest, SpeakResult } from '../main/inference/messages';
import { bytesFor } from '../main/inference/session';
import { notPresent, WAYS } from '../main/inference/testing/devices';
import { loadPack, type Pack } from '../main/packs/pack';
import { speakRequest } from '../main/speak-request';

/**
 * Of decoding with the weights that ship, in nats: activations are rounded to 8 bits, and what another order of
 * sums moves across a rounding's edge is moved further by each layer behind.
 */
const MEAN_KL = 5e-4;
const LARGEST_KL = { target: 3e-3, draft: 1e-3 };
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

let pack: Pack;
let engine: Engine;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  pack = await loadPack(fileURLToPath(new URL('../models/default', import.meta.url)));
  engine = await Engine.load(pack.engine, 'cpu');
  opened.push(engine);
});
afterAll(async () => {
  for (const one of opened) await one.close();
});

const SENTENCE = 'The birch canoe slid on the smooth planks.';

function request(text: string, change: Partial<SpeakSettings> = {}): SpeakRequest {
  const { defaults, voices } = pack.summary;
  return speakRequest(pack, text, {
    voice: voices[0].name,
    method: 'pcg',
    ...defaults,
    topK: 0,
    repetitionPenalty: 1,
    seed: 7,
    ...change,
  });
}

type Heard = {
  result: SpeakResult;
  rounds: Round[];
  tokens: number[];
  sound: Float32Array;
  pieces: Piece[];
  notices: string[];
  events: SpeakEvent[];
};

async function speak(
  one: SpeakRequest,
  speaker = engine,
  onEvent: (event: SpeakEvent) => void = () => undefined,
  options: Parameters<Engine['speak']>[2] = {},
): Promise<Heard> {
  const events: SpeakEvent[] = [];
  const result = await speaker.speak(
    one,
    (event) => {
      events.push(event);
      onEvent(event);
    },
    options,
  );
  const of = <T extends SpeakEvent['type']>(type: T) =>
    events.filter((event): event is Extract<SpeakEvent, { type: T }> => event.type === type);
  const rounds = of('rounds').flatMap((event) => event.rounds);
  return {
    result,
    rounds,
    tokens: rounds.flatMap(frameTokens),
    sound: Float32Array.from(of('audio').flatMap((event) => [...event.samples])),
    pieces: of('piece').map((event) => event.piece),
    notices: of('notice').map((event) => event.message),
    events,
  };
}

describe('the weights that ship', () => {
  it.for(
    WAYS.flatMap(({ name, ...way }) =>
      (['target', 'draft'] as const).map((graph) => ({ graph, on: name, ...way })),
    ),
  )(
    '$graph on $on: blocks agree with single steps, also after a rollback',
    async ({ graph: name, device, gpu, nats }, ctx) => {
      const { vocabularySize, codebookSize } = pack.engine;
      const model = await GraphModel.open(pack.engine[name], vocabularySize, {
        device,
        threads: 2,
        gpu,
      }).catch((error) => ctx.skip(notPresent(device, error)));
      opened.push({ close: () => model.release() });
      const [{ prompt }] = request(SENTENCE).pieces;
      const { tokens } = await speak(request(SENTENCE));
      const said = [...prompt, ...tokens.slice(0, 60)];
      const single: Float32Array[] = [];
      for (const token of said) single.push((await model.forward([token])).slice());
      const divergences: number[] = [];
      const compare = (block: Float32Array, at: number, count: number) => {
        for (let row = 0; row < count; row++) {
          const one = block.slice(row * vocabularySize, (row + 1) * vocabularySize);
          divergences.push(klOfRow(single[at + row], one, 0, vocabularySize));
        }
      };
      model.rollback(0);
      compare(await model.forward(said), 0, said.length);
      for (let at = prompt.length; at + 9 < said.length; at += 4) {
        model.rollback(at);
        // Drafts that are refused, taken back, and the right tokens in their place.
        await model.forward([1, 2, 3, 4].map((step) => (at * 7 + step * 911) % codebookSize));
        model.rollback(at);
        compare(await model.forward(said.slice(at, at + 9)), at, 9);
      }
      expect(mean(divergences)).toBeLessThan(MEAN_KL);
      expect(Math.max(...divergences)).toBeLessThan(
        Math.max(LARGEST_KL[name], gpu.half ? nats : 0),
      );
    },
  );

  const webgpu = { device: 'webgpu', captured: false, draftsOnCpu: false } as const;
  const changes = [
    { ...webgpu, half: true, smallBlocks: false },
    { ...webgpu, half: false, smallBlocks: true },
    { ...webgpu, half: true, smallBlocks: true },
    { ...webgpu, device: 'cuda' as const, half: false, smallBlocks: false },
    { ...webgpu, device: 'cuda' as const, half: true, smallBlocks: false },
  ];
  it.each(
    changes.flatMap((use) => [
      { name: 'target' as const, ...use },
      { name: 'draft' as const, ...use },
    ]),
  )(
    '$name changed for $device (half precision: $half, small blocks: $smallBlocks) agrees as closely as a device must',
    async ({ name, device, ...gpu }) => {
      const { vocabularySize } = pack.engine;
      const folder = await mkdtemp(join(tmpdir(), 'timbrel-changed-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'changed.onnx');
      const bytes = await bytesFor(pack.engine[name], { device, gpu });
      await writeFile(file, bytes as Uint8Array);
      const [single, changed] = await Promise.all(
        [pack.engine[name], { ...pack.engine[name], file }].map((graph) =>
          GraphModel.open(graph, vocabularySize, { device: 'cpu', threads: 2 }),
        ),
      );
      onTestFinished(() => single.release());
      onTestFinished(() => changed.release());
      const [{ prompt }] = request(SENTENCE).pieces;
      const { tokens } = await speak(request(SENTENCE));
      const said = [...prompt, ...tokens];
      const kl = await divergence(single, changed, (position) => said[position % said.length]);
      // An embedding of plain numbers holds the very same.
      if (gpu.half || gpu.smallBlocks) expect(kl).toBeGreaterThan(0);
      expect(kl).toBeLessThan(1e-2);
    },
  );

  it('sound in chunks equals the whole', async () => {
    const { voices } = pack.summary;
    for (const change of [{}, { voice: voices[voices.length - 1].name, seed: 3 }]) {
      const settings = request(SENTENCE, change);
      const { sound, tokens } = await speak(settings);
      const whole = await engine.vocode(tokens, settings.pieces[0].voice);
      expect(sound.length).toBe(whole.length);
      const largest = whole.reduce((most, v, i) => Math.max(most, Math.abs(v - sound[i])), 0);
      // A third of the least step of 16 bits.
      expect(largest).toBeLessThan(1e-5);
    }
  });
});

describe('speaking', () => {
  it('the same seed gives the same tokens and sound; another seed another take', async () => {
    const first = await speak(request(SENTENCE));
    const again = await speak(request(SENTENCE));
    const other = await speak(request(SENTENCE, { seed: 8 }));
    expect(again.tokens).toEqual(first.tokens);
    expect(again.sound).toEqual(first.sound);
    expect(other.tokens).not.toEqual(first.tokens);
  });

  it('θ = 1 repeats exact decoding token for token', async () => {
    const exact = await speak(request(SENTENCE, { method: 'exact' }));
    const pcg = await speak(request(SENTENCE, { theta: 1 }));
    expect(pcg.tokens).toEqual(exact.tokens);
    expect(pcg.result.counters).toEqual(exact.result.counters);
  });

  it.each(['plain', 'exact', 'pcg'] as const)(
    '%s: rounds, counters, frames and sound agree',
    async (method) => {
      const { rounds, result, tokens, sound, pieces } = await speak(request(SENTENCE, { method }));
      const { counters: c } = result;
      const judged = rounds.flatMap((round) => round.judged);
      expect(c.rounds).toBe(rounds.length);
      expect(c.accepted).toBe(judged.filter((draft) => draft.accepted).length);
      expect(c.rejected).toBe(judged.filter((draft) => !draft.accepted).length);
      expect(c.drafted).toBe(c.accepted + c.rejected + c.ignored);
      expect(c.committed).toBe(c.accepted + c.recovered + c.bonus);
      expect(c.committed).toBe(tokens.length + 1);
      expect(result.frames).toBe(tokens.length);
      expect(sound.length).toBe((tokens.length * pack.summary.sampleRate) / pack.summary.frameRate);
      expect(pieces).toEqual([
        {
          text: SENTENCE,
          startFrame: 0,
          frames: tokens.length,
          end: 'endOfSpeech',
          lookaheads: method === 'plain' ? '' : expect.stringMatching(`^[0-8]{${rounds.length}}$`),
        },
      ]);
      let frame = 0;
      for (const round of rounds) {
        expect(round.frame).toBe(frame);
        frame += frameCount(round);
      }
      if (method === 'pcg') {
        expect(judged.some((draft) => draft.accepted && !draft.byToken)).toBe(true);
        for (const draft of judged) expect(draft.accepted).toBe(draft.byGroup);
      }
      if (method === 'exact')
        for (const draft of judged) expect(draft.accepted).toBe(draft.byToken);
      if (method === 'plain') expect(c.drafted).toBe(0);
    },
  );

  it('sound begins while tokens still come', async () => {
    const { events } = await speak(request(SENTENCE));
    const firstSound = events.findIndex((event) => event.type === 'audio');
    const lastRounds = events.findLastIndex((event) => event.type === 'rounds');
    expect(firstSound).toBeGreaterThanOrEqual(0);
    expect(firstSound).toBeLessThan(lastRounds);
  });

  it('pieces are joined on one frame axis, with silence between them', async () => {
    const text = 'One small step.\n\nOne giant leap.';
    const { pieces, rounds, sound, result } = await speak(request(text));
    expect(pieces).toHaveLength(2);
    const gap = pieces[1].startFrame - pieces[0].frames;
    expect(gap).toBe(Math.round(0.2 * pack.summary.frameRate));
    expect(result.frames).toBe(pieces[0].frames + gap + pieces[1].frames);
    expect(rounds.find((round) => round.piece === 1)?.frame).toBe(pieces[1].startFrame);
    const samplesPerFrame = pack.summary.sampleRate / pack.summary.frameRate;
    const silence = sound.slice(
      pieces[0].frames * samplesPerFrame,
      pieces[1].startFrame * samplesPerFrame,
    );
    expect(silence.every((sample) => sample === 0)).toBe(true);
    // The second piece is what it would be after any first one of the same number.
    const other = await speak(request('Two.\n\nOne giant leap.'));
    expect(other.rounds.filter((round) => round.piece === 1).map(committedTokens)).toEqual(
      rounds.filter((round) => round.piece === 1).map(committedTokens),
    );
  });

  it('a cancel lets the round under way end, and vocodes what was committed', async () => {
    const abort = new AbortController();
    const { result, tokens, sound, pieces } = await speak(
      request(SENTENCE),
      engine,
      (event) => {
        if (event.type === 'audio') abort.abort();
      },
      { signal: abort.signal },
    );
    expect(result.cancelled).toBe(true);
    expect(pieces[0].end).toBe('cancelled');
    expect(tokens.length).toBeGreaterThan(0);
    expect(sound.length).toBe((tokens.length * pack.summary.sampleRate) / pack.summary.frameRate);
    const whole = await speak(request(SENTENCE));
    expect(whole.tokens.slice(0, tokens.length)).toEqual(tokens);
    expect(whole.tokens.length).toBeGreaterThan(tokens.length);
  });

  it('timing plain steps on the way changes no token', async () => {
    const plainly = await speak(request(SENTENCE));
    const probed = await speak(request(SENTENCE), engine, undefined, { probePlain: true });
    expect(probed.tokens).toEqual(plainly.tokens);
    expect(probed.result.plainTokensPerSecond).toBeGreaterThan(1);
    expect(plainly.result.plainTokensPerSecond).toBeNull();
  });

  it('measures plain decoding', async () => {
    expect(await engine.measurePlain(8)).toBeGreaterThan(1);
  });
});

describe('loading', () => {
  it('mapped copies speaks what the graphs themselves do, sample for sample', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'timbrel-mapped-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { target, draft, codecDecoder } = pack.engine;
    await makeMappedCopies({ target, draft, codecDecoder }, folder);
    const copied = <Graph extends { file: string }>(graph: Graph) => ({
      ...graph,
      mapped: join(folder, basename(graph.file)),
    });
    const mapped = await Engine.load(
      {
        ...pack.engine,
        target: copied(target),
        draft: copied(draft),
        codecDecoder: copied(codecDecoder),
      },
      'cpu',
    );
    onTestFinished(() => mapped.close());
    const expected = await speak(request(SENTENCE));
    const { tokens, sound } = await speak(request(SENTENCE), mapped);
    expect(tokens).toEqual(expected.tokens);
    expect(sound).toEqual(expected.sound);
  });

  it('on a GPU that is not there falls back, or says what failed', async (ctx) => {
    const chosen = await deviceFor(
      pack,
      'auto',
      fileURLToPath(new URL('../out/main', import.meta.url)),
    );
    if (chosen.name !== 'cpu') return ctx.skip('this machine has a GPU that works');
    for (const reason of chosen.passedOver) expect(reason).toMatch(/^\S.*\.$/);
    expect(chosen.passedOver.some((reason) => reason.startsWith('WebGPU'))).toBe(true);
    await expect(Engine.load(pack.engine, 'webgpu')).rejects.toThrow(
      /could not be opened on webgpu/,
    );
  });
});
