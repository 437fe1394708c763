import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FailureError } from '../../contract/failure';
import { seededUniform } from '../../main/decoding/random';
import { loadPack } from '../../main/packs/pack';
import { VerifiedFiles } from '../../main/packs/verified-files';
import { count, record } from './figures';
import { victimPack, writePack } from './victim-pack';

const SEED = 16;
const MOST_LENGTH = 300;

let folder: string;
let whole: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-manifests-'));
  await mkdir(join(folder, 'pack'));
  await writePack(victimPack(), join(folder, 'pack'));
  whole = await readFile(join(folder, 'pack/pack.json'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What takes the place of a value. */
const VALUES: Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 31,
  256,
  '',
  ' ',
  'x'.repeat(10_000),
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\Windows',
  'a\u0000b',
  '\u001b[31mred',
  'line\nbreak',
  '\u202eright to left',
  '{layer}',
  '__proto__',
  'constructor',
  '𝕏',
  [],
  [[]],
  {},
  { __proto__: null },
  [null],
  Array.from({ length: 2000 }, () => 0),
];

/** Names of keys that are added. */
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'extra',
  '\u001b[2J',
  'a\nb',
  'x'.repeat(5000),
  '',
];

/** A manifest with one thing changed somewhere, as text. */
function mutate(text: string, uniform: () => number): string {
  const upTo = (limit: number) => Math.min(limit - 1, Math.floor(uniform() * limit));
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length)];
  if (uniform() < 0.15) return mutateText(text, upTo);
  const json = JSON.parse(text) as Json;
  let at: Json = json;
  for (;;) {
    const keys: (string | number)[] = Array.isArray(at)
      ? at.map((_, i) => i)
      : Object.keys(at as object);
    const key = pick(keys);
    const holder = at as Record<string | number, Json>;
    const inner: Json = holder?.[key];
    const isNested = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
    if (isNested && uniform() < 0.8) {
      at = inner;
      continue;
    }
    switch (upTo(5)) {
      case 0:
        if (Array.isArray(at)) at.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 1:
        // As a key of its own, which an assignment would not make of `__proto__`.
        Object.defineProperty(at, pick(KEYS), {
          value: pick(VALUES),
          enumerable: true,
          configurable: true,
          writable: true,
        });
        break;
      case 2:
        if (Array.isArray(at)) at.push(structuredClone(inner));
        else holder[`${key}2`] = structuredClone(inner);
        break;
      case 3:
        holder[key] = typeof inner === 'number' ? inner * pick([-1, 0, 0.5, 2, 1e9]) : pick(VALUES);
        break;
      default:
        holder[key] = structuredClone(pick(VALUES));
    }
    return JSON.stringify(json);
  }
}

function mutateText(text: string, upTo: (limit: number) => number): string {
  const at = upTo(text.length);
  const character = String.fromCharCode(upTo(256));
  switch (upTo(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + character + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + upTo(50));
    default:
      return text.slice(0, at) + character.repeat(upTo(100)) + text.slice(at);
  }
}

it('takes a changed manifest, or refuses it in a sentence', { timeout: 1_200_000 }, async (ctx) => {
  const tried = count(400, 10_000);
  const uniform = seededUniform(SEED);
  const verified = new VerifiedFiles(join(folder, 'verified.json'));
  const failures: string[] = [];
  let taken = 0;
  let longest = 0;
  for (let i = 0; i < tried; i++) {
    const text = mutate(whole, uniform);
    await writeFile(join(folder, 'pack/pack.json'), text);
    try {
      await loadPack(join(folder, 'pack'), { verified });
      taken++;
    } catch (error) {
      if (!(error instanceof FailureError) || error.failure.kind !== 'pack') {
        failures.push(`${i}: ${error instanceof Error ? error.stack : String(error)}`);
        continue;
      }
      const { message } = error.failure;
      longest = Math.max(longest, message.length);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
      if (message.length > MOST_LENGTH || /[\u0000-\u001f\u007f-\u009f]/.test(message)) {
        failures.push(`${i}: ${JSON.stringify(message.slice(0, 400))}`);
      }
    }
  }
  expect(({} as Record<string, unknown>).extra).toBeUndefined();
  record(ctx, {
    threat: `mutated manifests, seed ${SEED}: a sentence about the pack, or accepted`,
    tried,
    survived: tried - failures.length,
    figure: `${taken} accepted; longest sentence ${longest} characters`,
  });
  expect(failures).toEqual([]);
});
