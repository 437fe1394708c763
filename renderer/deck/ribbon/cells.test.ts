import { describe, expect, it } from 'vitest';
import type { JudgedDraft, Round } from '../../../contract/rounds';
import { createFakeBridge, exampleSettings } from '../../testing/fake-bridge';
import { acceptedOf, bonusOf, CELL_KINDS, GHOST_KINDS, RibbonCells, rejectedOf } from './cells';

const draft = (
  token: number,
  byToken: boolean,
  byGroup: boolean,
  accepted: boolean,
): JudgedDraft => ({
  token,
  accepted,
  byToken,
  byGroup,
  ratio: 0.5,
  massRatio: 0.9,
  group: token + 1,
  groupSize: 7,
});

const round = (frame: number, part: Partial<Round>): Round => ({
  piece: 0,
  frame,
  judged: [],
  ignored: [],
  drawn: null,
  ended: false,
  ...part,
});

const kindsOf = (cells: RibbonCells) =>
  Array.from(cells.kinds.subarray(0, cells.frames), (kind) => CELL_KINDS[kind]);
const ghostsOf = (cells: RibbonCells, frames = cells.frames) =>
  Array.from(cells.ghosts.subarray(0, frames), (ghost) => GHOST_KINDS[ghost]);

describe('RibbonCells', () => {
  it('puts each token in its frame and each rejected draft under the recovered token', () => {
    const cells = new RibbonCells(false);
    cells.append([
      round(0, {
        judged: [draft(10, true, true, true), draft(11, false, true, true)],
        drawn: { token: 12, kind: 'bonus' },
      }),
      round(3, {
        judged: [draft(13, true, true, true), draft(14, true, false, false)],
        ignored: [15],
        drawn: { token: 16, kind: 'recovered' },
      }),
      round(5, {
        judged: [draft(17, false, false, false)],
        ignored: [18, 19],
        drawn: { token: 20, kind: 'recovered' },
      }),
    ]);
    expect(kindsOf(cells)).toEqual([
      'keptByBoth',
      'keptByGroup',
      'bonus',
      'keptByBoth',
      'recovered',
      'recovered',
    ]);
    expect(ghostsOf(cells)).toEqual([
      'none',
      'none',
      'none',
      'none',
      'keptByTokenOnly',
      'refusedByBoth',
    ]);
    expect(cells.counts.ignored).toBe(3);
    expect(cells.detail(1)).toMatchObject({ token: 11, draft: { token: 11 }, rejected: null });
    expect(cells.detail(4)).toMatchObject({ token: 16, draft: null, rejected: { token: 14 } });
  });

  it('tells apart what the exact rule kept and the group would not have, and the reverse', () => {
    const cells = new RibbonCells(false);
    cells.append([
      round(0, {
        judged: [draft(1, true, false, true), draft(2, false, true, false)],
        drawn: { token: 3, kind: 'recovered' },
      }),
    ]);
    expect(kindsOf(cells)).toEqual(['keptByToken', 'recovered']);
    expect(ghostsOf(cells)).toEqual(['none', 'keptByGroupOnly']);
  });

  it('shows plain tokens as plain and counts them as bonus', () => {
    const cells = new RibbonCells(true);
    cells.append([0, 1, 2].map((frame) => round(frame, { drawn: { token: 5, kind: 'bonus' } })));
    expect(kindsOf(cells)).toEqual(['plain', 'plain', 'plain']);
    expect(bonusOf(cells.counts)).toBe(3);
  });

  it('leaves the silence between pieces without tokens', () => {
    const cells = new RibbonCells(false);
    cells.append([
      round(0, { judged: [draft(1, true, true, true)], drawn: { token: 2, kind: 'bonus' } }),
      round(5, {
        piece: 1,
        judged: [draft(3, true, true, true)],
        drawn: { token: 4, kind: 'bonus' },
      }),
    ]);
    expect(kindsOf(cells)).toEqual([
      'keptByBoth',
      'bonus',
      'silence',
      'silence',
      'silence',
      'keptByBoth',
      'bonus',
    ]);
    expect(Array.from(cells.tokens.subarray(0, 7))).toEqual([1, 2, -1, -1, -1, 3, 4]);
    expect(cells.detail(3)).toBeNull();
    expect(cells.nearest(2, 1)).toBe(5);
    expect(cells.nearest(4, -1)).toBe(1);
    expect(cells.nearest(7, 1)).toBeNull();
  });

  it('gives end-of-speech no frame, drafted or drawn, and still counts it', () => {
    const drafted = new RibbonCells(false);
    drafted.append([
      round(0, { judged: [draft(1, true, true, true), draft(9, true, true, true)], ended: true }),
    ]);
    expect(kindsOf(drafted)).toEqual(['keptByBoth']);
    expect(acceptedOf(drafted.counts)).toBe(2);

    const recovered = new RibbonCells(false);
    recovered.append([
      round(0, {
        judged: [draft(1, true, true, true), draft(2, false, false, false)],
        drawn: { token: 9, kind: 'recovered' },
        ended: true,
      }),
    ]);
    expect(kindsOf(recovered)).toEqual(['keptByBoth']);
    expect(recovered.counts.recovered).toBe(1);
    expect(ghostsOf(recovered, 2)).toEqual(['none', 'refusedByBoth']);
    expect(recovered.detail(1)).toBeNull();
  });

  it('keeps everything as it grows past its first arrays', () => {
    const cells = new RibbonCells(false);
    for (let frame = 0; frame < 3000; frame += 2) {
      cells.append([
        round(frame, {
          judged: [draft(frame, true, true, true), draft(1, false, false, false)],
          drawn: { token: frame + 1, kind: 'recovered' },
        }),
      ]);
    }
    expect(cells.frames).toBe(3000);
    for (const frame of [0, 1, 255, 256, 257, 1023, 2998, 2999]) {
      expect(cells.detail(frame)?.token).toBe(frame);
    }
    expect(cells.detail(2999)?.rejected?.token).toBe(1);
  });

  it.each(['plain', 'exact', 'pcg'] as const)(
    'counts what the counters count: %s',
    async (method) => {
      const { bridge } = createFakeBridge({
        takes: [
          { text: 'The counts are the same in both.', settings: { ...exampleSettings, method } },
        ],
      });
      const listed = await bridge.listTakes(undefined);
      if (!listed.ok) throw new Error(listed.failure.message);
      const read = await bridge.readTake({ take: listed.value[0].id });
      if (!read.ok) throw new Error(read.failure.message);
      const { take, rounds } = read.value;
      const cells = new RibbonCells(method === 'plain');
      cells.append(rounds);
      const { counters } = take;
      expect(counters.committed).toBeGreaterThan(50);
      expect(acceptedOf(cells.counts)).toBe(counters.accepted);
      expect(rejectedOf(cells.counts)).toBe(counters.rejected);
      expect(cells.counts.ignored).toBe(counters.ignored);
      expect(cells.counts.recovered).toBe(counters.recovered);
      expect(bonusOf(cells.counts)).toBe(counters.bonus);
      expect(cells.frames).toBe(take.frames);
    },
  );
});
