import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWav } from '../audio/wav';
import { SILENCE } from './phone-models';

const run = promisify(execFile);

/** A phone and when it is over, in seconds. */
export type SpokenPhone = { phone: string; end: number };

export type Speech = { sampleRate: number; samples: Float32Array; phones: SpokenPhone[] };

/** flite's names for what CMUdict calls otherwise. */
const OTHER_NAMES: Record<string, string> = { AX: 'AH', PAU: SILENCE };

/** Speaks a text with Debian's flite, which tells when each phone was over. */
export async function speakWithFlite(text: string, voice: string): Promise<Speech> {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-flite-'));
  try {
    const file = join(folder, 'speech.wav');
    const { stdout } = await run('flite', ['-voice', voice, '-psdur', '-t', text, '-o', file]);
    const phones = stdout
      .trim()
      .split(/\s+/)
      .map((word) => {
        const [name, end] = word.split(':');
        const upper = name.toUpperCase();
        return { phone: OTHER_NAMES[upper] ?? upper, end: Number(end) };
      });
    const { sampleRate, samples } = readWav(await readFile(file));
    return { sampleRate, samples, phones };
  } finally {
    await rm(folder, { recursive: true });
  }
}
