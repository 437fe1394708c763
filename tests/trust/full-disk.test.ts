import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, mountsRefused, runWithMounts } from '../../main/takes/testing/scenario';
import { ROOT } from '../app/launch';
import { count, record } from './figures';

/** Bytes that are left free. */
const LEVELS = [0, 4096, 65_536].slice(0, count(1, 3));

type Told = {
  point: string;
  failure: { kind: string; message: string } | null;
  /** Whether every file that was there holds what it held. */
  isKept: boolean;
  temporary: string[];
};

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-full-'));
  script = await bundle('full-disk', join(import.meta.dirname, 'testing'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  if (script) await rm(script, { force: true });
});

describe('a full disk', () => {
  it('costs nothing that was there, at every point where something is written', async (ctx) => {
    const refused = mountsRefused();
    if (refused) ctx.skip(refused);
    const told: (Told & { free: number })[] = [];
    for (const free of LEVELS) {
      const args = [folder, String(free), join(ROOT, 'out/main/speak.js')];
      const points = (await runWithMounts(script, ...args, join(ROOT, 'models/default'))) as Told[];
      told.push(...points.map((point) => ({ ...point, free })));
    }
    // What was written whole in the little room that is left has replaced what was there.
    const isFine = ({ failure, isKept, temporary }: Told) =>
      temporary.length === 0 &&
      (failure === null || (isKept && /^[^\p{Cc}]{1,300}$/u.test(failure.message)));
    const failed = told.filter(({ failure }) => failure !== null).length;
    record(ctx, {
      threat: `full disk, ${told.length / LEVELS.length} points of writing with ${LEVELS.join(', ')} bytes free`,
      tried: told.length,
      survived: told.filter(isFine).length,
      figure: `${failed} refused in a sentence with every old hash unchanged, ${told.length - failed} done without the file or in the room left; temporary files left 0`,
    });
    expect(told.filter((each) => !isFine(each))).toEqual([]);
    const full = told.filter(({ free }) => free === 0);
    expect(full.filter(({ isKept }) => !isKept)).toEqual([]);
    // Caches alone may be done without, in silence.
    expect(full.filter(({ failure }) => failure === null).map(({ point }) => point)).toEqual([
      'verified files',
      'verdicts on devices',
      'mapped copies',
    ]);
  });
});
