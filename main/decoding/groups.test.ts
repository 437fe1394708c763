import { describe, expect, it } from 'vitest';
import { groupStatistics, groupsAt, singletonGroups } from './groups';
import { buildNeighbours } from './neighbours';
import { seededUniform } from './random';

const uniform = seededUniform(5);
const rows = { tokens: 60, width: 5, values: Array.from({ length: 300 }, () => uniform() - 0.5) };
const table = buildNeighbours(rows, -0.2);
const p = Float64Array.from({ length: 62 }, () => uniform());
const total = p.reduce((a, b) => a + b, 0);
for (let i = 0; i < p.length; i++) p[i] /= total;

const members = (groups: ReturnType<typeof groupsAt>, k: number) =>
  Array.from({ length: groups.size(k) }, (_, i) => groups.member(k, i));
const owners = (groups: ReturnType<typeof groupsAt>, t: number) =>
  Array.from({ length: groups.ownerCount(t) }, (_, i) => groups.owner(t, i));

describe('groups', () => {
  it.each([-0.2, 0, 0.3, 0.7, 1])('at θ %f: owners are the transpose of members', (theta) => {
    const groups = groupsAt(table, theta, 62);
    for (let t = 0; t < 62; t++) {
      const wanted = Array.from({ length: 62 }, (_, k) => k).filter((k) =>
        members(groups, k).includes(t),
      );
      expect(owners(groups, t).sort((a, b) => a - b)).toEqual(wanted);
    }
  });

  it('with a cap: no group is larger, and owners are still the transpose', () => {
    const groups = groupsAt(table, 0, 62, 4);
    let asymmetric = false;
    for (let t = 0; t < 62; t++) {
      expect(groups.size(t)).toBeLessThanOrEqual(4);
      const wanted = Array.from({ length: 62 }, (_, k) => k).filter((k) =>
        members(groups, k).includes(t),
      );
      expect(owners(groups, t).sort((a, b) => a - b)).toEqual(wanted);
      if (wanted.some((k) => !members(groups, t).includes(k))) asymmetric = true;
    }
    expect(asymmetric).toBe(true);
  });

  it.each([
    ['symmetric', undefined],
    ['capped', 5],
  ])('coarse masses of %s groups sum to 1', (_, cap) => {
    const groups = groupsAt(table, 0.1, 62, cap);
    let sum = 0;
    for (let k = 0; k < 62; k++) sum += groups.mass(p, k);
    expect(sum).toBeCloseTo(1, 12);
  });

  it('a larger θ gives a prefix of the same members', () => {
    const wide = groupsAt(table, 0, 62);
    const narrow = groupsAt(table, 0.5, 62);
    for (let k = 0; k < 60; k++) {
      expect(members(narrow, k)).toEqual(members(wide, k).slice(0, narrow.size(k)));
    }
  });

  it('tokens outside the codebook are singletons', () => {
    const groups = groupsAt(table, -0.2, 62);
    expect([members(groups, 60), members(groups, 61)]).toEqual([[60], [61]]);
    expect(singletonGroups(7).size(6)).toBe(1);
  });

  it('refuses a θ that the table cannot answer', () => {
    expect(() => groupsAt(table, -0.5)).toThrow(/under the floor/);
    expect(() => groupsAt(table, 1.2)).toThrow(/from −1 to 1/);
    expect(() => groupsAt(table, Number.NaN)).toThrow(/from −1 to 1/);
  });

  it('statistics agree with a count by hand', () => {
    const groups = groupsAt(table, 0.4);
    const sizes = Array.from({ length: 60 }, (_, k) => groups.size(k)).sort((a, b) => a - b);
    const sum = sizes.reduce((a, b) => a + b, 0);
    expect(groupStatistics(table, 0.4)).toEqual({
      theta: 0.4,
      meanSize: sum / 60,
      medianSize: (sizes[29] + sizes[30]) / 2,
      singletons: sizes.filter((size) => size === 1).length,
      bytes: sum * 4,
    });
  });
});
