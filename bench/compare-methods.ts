import { cpus } from 'node:os';
import type { Lookahead, Method } from '../contract/settings';
import { codecLink } from '../main/cli/codec-link';
import { deviceFor } from '../main/cli/device';
import { groupStatistics } from '../main/decoding/groups';
import { Engine } from '../main/inference/engine';
import type { Pack } from '../main/packs/pack';
import { speakRequest } from '../main/speak-request';
import type { BenchFlags } from './flags';
import { SENTENCES } from './sentences';
import { type MethodSummary, type Sample, type Spread, spread, summarise } from './summary';

const METHODS: Method[] = ['plain', 'exact', 'pcg'];

/** The three methods at one lookahead on one device. Prints what came of it. */
export async function compareMethods(given: BenchFlags, pack: Pack, folder: string): Promise<void> {
  const sentences = SENTENCES.slice(0, given.sentences ?? SENTENCES.length);
  const { seeds: givenSeeds, device } = given;
  const seeds = givenSeeds ?? 3;
  const { defaults, frameRate, voices } = pack.summary;
  const settings = {
    ...defaults,
    voice: given.voice ?? voices[0].name,
    theta: given.theta ?? defaults.theta,
    lookahead: given.lookahead ?? defaults.lookahead,
    topK: 0,
    repetitionPenalty: 1,
  };
  const { name, use } = await deviceFor(pack, device, folder);
  const codec = codecLink(given.codec, name, folder);
  const engine = await Engine.load({ ...pack.engine, gpu: use }, name, codec);
  const speak = (text: string, method: Method, seed: number) =>
    engine.speak(speakRequest(pack, text, { ...settings, method, seed }), () => undefined);

  for (const method of METHODS) await speak(sentences[0], method, 0);
  const samples: Sample[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    for (const [sentence, text] of sentences.entries()) {
      for (let turn = 0; turn < METHODS.length; turn++) {
        // Each method comes first, second and last equally often.
        const method = METHODS[(turn + sentence + seed) % METHODS.length];
        samples.push({ method, sentence, seed, result: await speak(text, method, seed) });
      }
      process.stderr.write(`\r${samples.length} of ${sentences.length * seeds * METHODS.length}`);
    }
  }
  process.stderr.write('\r');
  const cancelMs = await measureCancels((signal) =>
    engine.speak(
      speakRequest(pack, sentences[0], { ...settings, method: 'pcg', seed: 1 }),
      () => undefined,
      { signal },
    ),
  );
  const { theta, lookahead, temperature, voice } = settings;
  const report: Report = {
    pack: pack.summary.id,
    device: engine.device.name,
    codec: codec ? 'apart' : 'inside',
    processor: `${cpus()[0].model.trim()}, ${cpus().length} logical cores`,
    voice,
    theta,
    meanGroupSize: groupStatistics(pack.neighbours, theta).meanSize,
    lookahead,
    temperature,
    sentences: sentences.length,
    seeds,
    /** From the moment of a cancel to the end of the take, sound of the last frames included. */
    cancelMs,
    methods: METHODS.map((method) => summarise(method, samples, frameRate)),
  };
  console.log(given.json ? JSON.stringify(report) : table(report));
  await engine.close();
}

/** Cancels takes at twelve moments, spread over the first three quarters of what one takes. */
async function measureCancels(
  speak: (signal: AbortSignal) => Promise<{ cancelled: boolean; wallMs: number }>,
): Promise<Spread> {
  const { wallMs } = await speak(new AbortController().signal);
  const taken: number[] = [];
  for (let i = 1; i <= 12; i++) {
    const cancel = new AbortController();
    const after = (i * wallMs) / 16;
    const due = performance.now() + after;
    // A pass blocks the thread, so the timer may fire late: that wait is part of a cancel.
    const timer = setTimeout(() => cancel.abort(), after);
    const { cancelled } = await speak(cancel.signal);
    clearTimeout(timer);
    // One that was over before tells nothing.
    if (cancelled) taken.push(performance.now() - due);
  }
  return spread(taken);
}

type Report = {
  pack: string;
  device: string;
  codec: 'apart' | 'inside';
  processor: string;
  voice: string;
  theta: number;
  meanGroupSize: number;
  lookahead: Lookahead;
  temperature: number;
  sentences: number;
  seeds: number;
  cancelMs: Spread;
  methods: MethodSummary[];
};

const CODEC = { apart: 'in a process of its own', inside: 'in the process that decodes' };

function table(report: Report): string {
  const range = ({ median, least, most }: Spread, digits: number) =>
    `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
  const percent = (part: number) => `${(100 * part).toFixed(0)} %`;
  const rate = (value: number | null, digits: number) => value?.toFixed(digits) ?? '–';
  const rows: [string, (summary: MethodSummary) => string][] = [
    ['speed-up over plain', (m) => `${range(m.speedUp, 2)}`],
    ['… without the codec', (m) => `${range(m.decodingSpeedUp, 2)}`],
    ['acceptance rate α', (m) => rate(m.acceptanceRate, 3)],
    ['block efficiency τ', (m) => rate(m.blockEfficiency, 2)],
    ['ms a token', (m) => range(m.msPerToken, 2)],
    ['tokens a second', (m) => range(m.tokensPerSecond, 0)],
    ['real-time factor', (m) => range(m.realTimeFactor, 2)],
    ['first sound, ms', (m) => range(m.firstSoundMs, 0)],
    ['time in target', (m) => percent(m.share.target)],
    ['time in draft', (m) => percent(m.share.draft)],
    ['time in codec', (m) => percent(m.share.codec)],
    ['time in script', (m) => percent(m.share.script)],
  ];
  const { methods } = report;
  return [
    `${report.pack}, ${report.voice}, θ ${report.theta} (mean group ` +
      `${report.meanGroupSize.toFixed(1)}), lookahead ${report.lookahead}, temperature ` +
      `${report.temperature}, ${report.sentences} sentences × ${report.seeds} seeds, interleaved`,
    `${report.device}, the codec ${CODEC[report.codec]}; ${report.processor}`,
    ['', ...methods.map(({ method }) => method)],
    ...rows.map(([name, cell]) => [name, ...methods.map(cell)]),
    `a cancel takes ${range(report.cancelMs, 0)} ms`,
  ]
    .map((line) =>
      typeof line === 'string' ? line : line.map((cell, i) => cell.padEnd(i ? 20 : 22)).join(''),
    )
    .join('\n');
}
