import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FailureError, toFailure } from '../contract/failure';
import { type Lookahead, MAX_LOOKAHEAD, type Method } from '../contract/settings';
import { deviceFor } from '../main/cli/device';
import { fail } from '../main/cli/exit';
import { groupStatistics } from '../main/decoding/groups';
import { Engine } from '../main/inference/engine';
import { DEVICE_CHOICES, type DeviceChoice } from '../main/inference/messages';
import { loadPack } from '../main/packs/pack';
import { speakRequest } from '../main/speak-request';
import { SENTENCES } from './sentences';
import { type MethodSummary, type Sample, type Spread, spread, summarise } from './summary';

const USAGE = `npm run bench -- [options]

Decodes sentences plainly, exactly and coarse-grained in turn, and compares pair by pair.

  --sentences N     of twelve (12)
  --seeds N         each sentence under so many seeds (3)
  --voice NAME      (the pack's first)
  --theta NUMBER    (the pack's)
  --lookahead K     1 to 8, or adaptive (the pack's)
  --pack FOLDER     (models/default)
  --device DEVICE   auto, cuda, webgpu, coreml, dml or cpu (auto)
  --json            print every figure as JSON`;

const METHODS: Method[] = ['plain', 'exact', 'pcg'];

function flags() {
  try {
    return parseArgs({
      options: {
        sentences: { type: 'string', default: '12' },
        seeds: { type: 'string', default: '3' },
        voice: { type: 'string' },
        theta: { type: 'string' },
        lookahead: { type: 'string' },
        pack: { type: 'string' },
        device: { type: 'string', default: 'auto' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new FailureError('usage', `${(error as Error).message.split('\n')[0]}`);
  }
}

const isDeviceChoice = (name: string): name is DeviceChoice =>
  DEVICE_CHOICES.some((choice) => choice === name);

function number(flag: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (given.trim() === '' || !(value >= least && value <= most)) {
    throw new FailureError('usage', `--${flag} takes a number from ${least} to ${most}.`);
  }
  return value;
}

function lookaheadOf(given: string): Lookahead {
  return given === 'adaptive' ? given : Math.floor(number('lookahead', given, 1, MAX_LOOKAHEAD));
}

async function bench(): Promise<void> {
  const given = flags();
  if (given.help) {
    console.log(USAGE);
    return;
  }
  const sentences = SENTENCES.slice(0, number('sentences', given.sentences, 1, SENTENCES.length));
  const seeds = Math.floor(number('seeds', given.seeds, 1, 1000));
  const { device } = given;
  if (!isDeviceChoice(device)) {
    throw new FailureError('usage', `--device takes ${DEVICE_CHOICES.join(', ')}.`);
  }
  const pack = await loadPack(given.pack ?? join(import.meta.dirname, '../../models/default'));
  const { defaults, frameRate, voices, thetaFloor } = pack.summary;
  const settings = {
    ...defaults,
    voice: given.voice ?? voices[0].name,
    theta: given.theta ? number('theta', given.theta, thetaFloor, 1) : defaults.theta,
    lookahead: given.lookahead ? lookaheadOf(given.lookahead) : defaults.lookahead,
    topK: 0,
    repetitionPenalty: 1,
  };
  const engine = await Engine.load(
    pack.engine,
    (await deviceFor(pack, device, import.meta.dirname)).name,
  );
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
  const report = {
    pack: pack.summary.id,
    device: engine.device.name,
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

/** Cancels takes at twelve moments, spread over their first half second. */
async function measureCancels(speak: (signal: AbortSignal) => Promise<unknown>): Promise<Spread> {
  const taken: number[] = [];
  for (let i = 1; i <= 12; i++) {
    const cancel = new AbortController();
    const due = performance.now() + i * 40;
    // A pass blocks the thread, so the timer may fire late: that wait is part of a cancel.
    setTimeout(() => cancel.abort(), i * 40);
    await speak(cancel.signal);
    taken.push(performance.now() - due);
  }
  return spread(taken);
}

type Report = {
  pack: string;
  device: string;
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
    `${report.device}, ${report.processor}`,
    ['', ...methods.map(({ method }) => method)],
    ...rows.map(([name, cell]) => [name, ...methods.map(cell)]),
    `a cancel takes ${range(report.cancelMs, 0)} ms`,
  ]
    .map((line) =>
      typeof line === 'string' ? line : line.map((cell, i) => cell.padEnd(i ? 20 : 22)).join(''),
    )
    .join('\n');
}

try {
  await bench();
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
