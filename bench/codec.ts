import { toFailure } from '../contract/failure';
import type { Method } from '../contract/settings';
import { codecLink } from '../main/cli/codec-link';
import { deviceFor } from '../main/cli/device';
import { fail } from '../main/cli/exit';
import { openPack } from '../main/cli/open-pack';
import { Engine } from '../main/inference/engine';
import type { SpeakResult } from '../main/inference/messages';
import { speakRequest } from '../main/speak-request';
import { parseFlags } from './flags';
import { SENTENCES } from './sentences';
import { type Spread, spread } from './summary';

/*
 * `node scripts/command.mjs bench-codec [--sentences N] [--seeds N] [--pack FOLDER] [--device DEVICE]`: the codec in the
 * process that decodes, against the codec in one of its own, interleaved sentence by sentence.
 */

const METHODS: Method[] = ['plain', 'pcg'];

async function benchCodec(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  const sentences = flags.sentences ?? 6;
  const seeds = flags.seeds ?? 2;
  const pack = await openPack(flags.pack, import.meta.dirname);
  const { defaults, frameRate, voices } = pack.summary;
  const settings = { ...defaults, voice: voices[0].name, topK: 0, repetitionPenalty: 1 };
  const { name: device, use } = await deviceFor(pack, flags.device, import.meta.dirname);
  const engine = { ...pack.engine, gpu: use };
  const inside = await Engine.load(engine, device);
  const apart = await Engine.load(engine, device, codecLink('apart', device, import.meta.dirname));
  const speak = (engine: Engine, text: string, method: Method, seed: number) =>
    engine.speak(speakRequest(pack, text, { ...settings, method, seed }), () => undefined);
  for (const engine of [inside, apart]) await speak(engine, SENTENCES[0], 'pcg', 0);

  for (const method of METHODS) {
    const pairs: { inside: SpeakResult; apart: SpeakResult }[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      for (const [index, text] of SENTENCES.slice(0, sentences).entries()) {
        // Each comes first equally often.
        const turns = [inside, apart];
        if ((index + seed) % 2) turns.reverse();
        const results = new Map<Engine, SpeakResult>();
        for (const engine of turns) results.set(engine, await speak(engine, text, method, seed));
        pairs.push({
          inside: results.get(inside) as SpeakResult,
          apart: results.get(apart) as SpeakResult,
        });
      }
    }
    console.log(`${method}, ${pairs.length} pairs, median (range)`);
    const figure = (name: string, of: (result: SpeakResult) => number, digits: number) => {
      const ratio = spread(pairs.map((pair) => of(pair.apart) / of(pair.inside)));
      const [a, b] = (['inside', 'apart'] as const).map((place) =>
        spread(pairs.map((pair) => of(pair[place]))),
      );
      console.log(
        `  ${name.padEnd(18)} inside ${show(a, digits)}  apart ${show(b, digits)}  ` +
          `apart ÷ inside ${show(ratio, 2)}`,
      );
    };
    figure('tokens a second', (r) => (1000 * r.counters.committed) / r.wallMs, 0);
    figure('first sound, ms', (r) => r.firstSoundMs ?? Number.NaN, 0);
    figure('real-time factor', (r) => (r.wallMs / 1000 / r.frames) * frameRate, 3);
  }
  await inside.close();
  await apart.close();
}

function show({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

try {
  await benchCodec();
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
