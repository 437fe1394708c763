import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { acceptanceRate, blockEfficiency } from '../../contract/counters';
import { FailureError, toFailure } from '../../contract/failure';
import { frameTokens, type Round } from '../../contract/rounds';
import { oneSentence } from '../../contract/sentence';
import type { SpeakSettings } from '../../contract/settings';
import { Take } from '../../contract/take';
import { ditherTo16 } from '../audio/dither';
import { replaceFile } from '../audio/durable-file';
import { storageFailure } from '../audio/storage-failure';
import { encodeWav } from '../audio/wav';
import { cacheFolder } from '../cache-folder';
import { forkChild } from '../child';
import { groupStatistics } from '../decoding/groups';
import { seededUniform } from '../decoding/random';
import { readRegularFile, refuseToReplace } from '../disk/regular-file';
import { DeviceLost, Engine } from '../inference/engine';
import type { CopyCommand, CopyReport, Device, SpeakRequest } from '../inference/messages';
import { MappedCopies } from '../packs/mapped-copies';
import type { Pack } from '../packs/pack';
import { speakRequest } from '../speak-request';
import { recordedLookaheads } from '../takes/recorded-lookaheads';
import { codecLink } from './codec-link';
import { deviceFor } from './device';
import { fail, say } from './exit';
import { parseFlags, type SpeakFlags, USAGE } from './flags';
import { openPack } from './open-pack';

/** A text of the most characters that may be spoken is far smaller. */
const MAX_TEXT_BYTES = 1 << 20;
/** A take's `take.json` holds its text twice, and a digit a round. */
const MAX_TAKE_BYTES = 1 << 22;

/** What to say, under which settings, and what is known of a take that it makes again. */
type Wanted = Pick<Take, 'text' | 'pronunciations'> & {
  settings: Partial<SpeakSettings>;
  take: Take | null;
};

async function wantedOf(flags: SpeakFlags, pack: Pack): Promise<Wanted> {
  const { settings } = flags;
  if (flags.take === null) return { text: await textOf(flags), settings, take: null };
  const take = await readTake(flags.take);
  if (take.pack.sha256 !== pack.sha256) {
    const { name } = take.pack;
    throw new FailureError(
      'usage',
      `This take was made with another voice pack, ${name}: name its folder with --pack.`,
    );
  }
  const { text, pronunciations } = take;
  return { text, pronunciations, settings: { ...take.settings, ...settings }, take };
}

async function readTake(file: string): Promise<Take> {
  try {
    return Take.parse(JSON.parse((await readRegularFile(file, MAX_TAKE_BYTES)).toString()));
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const what = code ? `cannot be read (${code})` : 'is not the take.json of a take';
    throw new FailureError('usage', `${file} ${what}.`);
  }
}

async function textOf({ text, textFile }: SpeakFlags): Promise<string> {
  if (textFile === null) return text ?? '';
  try {
    return (await readRegularFile(textFile, MAX_TEXT_BYTES)).toString();
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new FailureError('usage', `The text file ${textFile} cannot be read (${code}).`);
  }
}

/** Found before a minute of decoding rather than after it. */
async function checkOut(out: string | null): Promise<void> {
  if (out === null) return;
  try {
    process.cwd();
  } catch (error) {
    const message =
      'The folder that this was started in is gone: go to another one, then try again.';
    throw new FailureError('usage', message, { cause: error });
  }
  const folder = await stat(dirname(resolve(out))).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new FailureError('usage', `There is no folder ${dirname(out)} to write ${out} into.`);
  }
  await refuseToReplace(out);
}

function settingsFor(pack: Pack, given: Partial<SpeakSettings>): SpeakSettings {
  const { defaults, voices } = pack.summary;
  return {
    voice: voices[0].name,
    method: 'pcg',
    ...defaults,
    lookahead: 'adaptive',
    topK: 0,
    repetitionPenalty: 1,
    seed: 0,
    ...given,
  };
}

async function writeWav(out: string, parts: Float32Array[], pack: Pack, tag: string) {
  const samples = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const { samples: rounded } = ditherTo16(samples, seededUniform(0));
  const bytes = encodeWav({ format: 'int16', samples: rounded }, pack.summary.sampleRate, {
    ISFT: 'Timbrel',
    ICMT: tag,
  });
  await replaceFile(out, bytes).catch((error) => {
    throw storageFailure(error, dirname(resolve(out)));
  });
}

const startCopying = () => forkChild<CopyCommand, CopyReport>(join(import.meta.dirname, 'copy.js'));

/** Speaks a request, and gathers what is told. */
async function hear(engine: Engine, request: SpeakRequest) {
  const sound: Float32Array[] = [];
  const rounds: Round[] = [];
  const notices: string[] = [];
  const lookaheads: string[] = [];
  const result = await engine.speak(request, (event) => {
    if (event.type === 'audio') sound.push(event.samples);
    else if (event.type === 'rounds') rounds.push(...event.rounds);
    else if (event.type === 'piece') lookaheads.push(event.piece.lookaheads);
    else if (event.type === 'notice') notices.push(event.message);
  });
  return { sound, rounds, notices, lookaheads, result };
}

async function speak(flags: SpeakFlags): Promise<void> {
  await checkOut(flags.out);
  const pack = await openPack(flags.pack, import.meta.dirname);
  const { text, pronunciations, take, ...wanted } = await wantedOf(flags, pack);
  const settings = settingsFor(pack, wanted.settings);
  const fresh = speakRequest(pack, text, settings, pronunciations);
  const spoken = { text, settings, pronunciations, pack };
  const lookaheads = recordedLookaheads(take ? [take] : [], spoken, fresh.pieces);
  const request = { ...fresh, lookaheads };
  const device = await deviceFor(pack, flags.device, import.meta.dirname);
  const copies = new MappedCopies(pack, cacheFolder());
  const found = await copies.find({ ...pack.engine, gpu: device.use });
  const codecOn = (on: Device) => codecLink(flags.codec, on, import.meta.dirname);
  let engine = await Engine.load(found, device.name, codecOn(device.name));
  const heard = await hear(engine, request).catch(async (error) => {
    if (!(error instanceof DeviceLost)) throw error;
    say(error.message);
    engine = await Engine.load(pack.engine, 'cpu', codecOn('cpu'));
    return hear(engine, request);
  });
  const { sound, rounds, notices, lookaheads: chosen, result } = heard;
  const { voice, method, theta, lookahead, seed, temperature, topP } = settings;
  if (flags.out !== null) {
    const tag = `${pack.summary.id}, ${voice}, ${method}, θ ${theta}, seed ${seed}`;
    await writeWav(flags.out, sound, pack, tag);
  }
  const seconds = result.frames / pack.summary.frameRate;
  const report = {
    pack: pack.summary.id,
    voice,
    method,
    theta,
    lookahead,
    /** Of each round, a digit; a comma stands between pieces. */
    lookaheads: chosen.join(),
    seed,
    temperature,
    topP,
    /** Of the speech, in order; end-of-speech is none. */
    tokens: rounds.flatMap(frameTokens),
    counters: result.counters,
    acceptanceRate: acceptanceRate(result.counters),
    blockEfficiency: blockEfficiency(result.counters),
    seconds,
    wallMs: result.wallMs,
    firstSoundMs: result.firstSoundMs,
    realTimeFactor: seconds > 0 ? result.wallMs / 1000 / seconds : null,
    tokensPerSecond: (1000 * result.counters.committed) / result.wallMs,
    meanGroupSize: groupStatistics(pack.neighbours, theta).meanSize,
    device: engine.device.name,
    half: engine.device.half,
    draftsOnCpu: engine.device.draftsOnCpu,
    passedOver: device.passedOver,
    /** Of this process, pack and engine in one. */
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    out: flags.out,
  };
  for (const notice of notices) say(notice);
  if (flags.json) console.log(JSON.stringify(report));
  else console.log(sentenceOf(report, device.passedOver));
  await engine.close();
  const objection = await copies.make(pack.engine, startCopying);
  if (objection) say(objection);
}

type Report = {
  method: string;
  seconds: number;
  wallMs: number;
  acceptanceRate: number | null;
  blockEfficiency: number | null;
  tokensPerSecond: number;
  device: string;
  half: boolean;
  draftsOnCpu: boolean;
  out: string | null;
};

function sentenceOf(report: Report, passedOver: string[]): string {
  const { acceptanceRate: alpha, blockEfficiency: tau } = report;
  const rates = alpha === null ? '' : `, α ${alpha.toFixed(3)}, τ ${tau?.toFixed(2)}`;
  const precise = report.half ? `${report.device} in half precision` : report.device;
  const device = report.draftsOnCpu ? `${precise}, drafts on the CPU` : precise;
  return [
    `${report.seconds.toFixed(2)} s of speech in ${(report.wallMs / 1000).toFixed(2)} s by ` +
      `${report.method} decoding on ${device}: ` +
      `${report.tokensPerSecond.toFixed(0)} tokens/s${rates}.`,
    ...passedOver.map(oneSentence),
    ...(report.out === null ? [] : [`Written to ${report.out}.`]),
  ].join('\n');
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) console.log(USAGE);
  else await speak(flags);
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
