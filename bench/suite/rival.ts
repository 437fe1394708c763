import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import { type Spread, spread } from '../summary';
import type { PlacedSample } from './turns';

/** Tokens a second of decoding alone, by name. */
const Rates = z.record(z.string(), z.number().positive());
export type Rates = z.infer<typeof Rates>;

/** One run of the rival, and the turn at which it ran. */
export type RivalRun = { sentence: number; seed: number; rates: Rates };

export type RivalRow = {
  name: string;
  tokensPerSecond: Spread;
  /** Our tokens a second, codec left out, over the rival's of the same turn; by method. */
  ours: Record<string, Spread>;
};

/** Runs the command. Throws a `usage` failure where it prints anything but one object of rates. */
export async function runRival(command: string): Promise<Rates> {
  const refuse = (why: string, cause: unknown) =>
    new FailureError('usage', `--rival ${why}: ${command}`, { cause });
  const { stdout } = await promisify(exec)(command).catch((error) => {
    throw refuse(`failed (exit code ${error.code})`, error);
  });
  try {
    return Rates.parse(JSON.parse(stdout));
  } catch (error) {
    throw refuse('must print one JSON object of tokens a second by name', error);
  }
}

/** What the rival came to, and how `methods` of ours at a place compare with it. */
export function rivalRows(
  runs: readonly RivalRun[],
  samples: readonly PlacedSample[],
  place: string,
  methods: readonly string[],
): RivalRow[] {
  const names = Object.keys(runs[0]?.rates ?? {});
  return names.map((name) => {
    const ratios = (method: string) =>
      runs.map(({ sentence, seed, rates }) => {
        const { result } = samples.find(
          (one) =>
            one.place === place &&
            one.method === method &&
            one.sentence === sentence &&
            one.seed === seed,
        ) as PlacedSample;
        const { counters, wallMs, codecMs } = result;
        return (1000 * counters.committed) / (wallMs - codecMs) / rates[name];
      });
    return {
      name,
      tokensPerSecond: spread(runs.map(({ rates }) => rates[name])),
      ours: Object.fromEntries(methods.map((method) => [method, spread(ratios(method))])),
    };
  });
}
