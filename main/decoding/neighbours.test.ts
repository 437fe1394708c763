import { describe, expect, it } from 'vitest';
import { buildNeighbours, decodeNeighbours, encodeNeighbours } from './neighbours';
import { seededUniform } from './random';

function randomRows(tokens: number, width: number, seed: number) {
  const uniform = seededUniform(seed);
  return { tokens, width, values: Array.from({ length: tokens * width }, () => uniform() - 0.5) };
}

describe('neighbour table', () => {
  it('lists every pair above the floor, by falling cosine', () => {
    const rows = randomRows(40, 4, 1);
    const table = buildNeighbours(rows, 0.2);
    const cosine = (a: number, b: number) => {
      const row = (t: number) => rows.values.slice(t * 4, t * 4 + 4);
      const dot = (x: number[], y: number[]) => x.reduce((sum, v, i) => sum + v * y[i], 0);
      return dot(row(a), row(b)) / Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)));
    };
    for (let t = 0; t < 40; t++) {
      const ids = [...table.ids.slice(table.offsets[t], table.offsets[t + 1])];
      const wanted = Array.from({ length: 40 }, (_, o) => o)
        .filter((o) => o !== t && cosine(t, o) > 0.2)
        .sort((a, b) => cosine(t, b) - cosine(t, a));
      expect(ids).toEqual(wanted);
    }
  });

  it('survives its file form, cosines to four decimals', () => {
    const table = buildNeighbours(randomRows(50, 6, 2), -0.5);
    const read = decodeNeighbours(encodeNeighbours(table));
    expect([...read.ids]).toEqual([...table.ids]);
    expect(read.offsets).toEqual(table.offsets);
    expect(read.floor).toBe(-0.5);
    expect(read.cosines).toHaveLength(table.ids.length);
    expect(encodeNeighbours(read)).toEqual(encodeNeighbours(table));
    read.cosines.forEach((cosine, i) => {
      expect(Math.abs(cosine / read.one - table.cosines[i])).toBeLessThan(2e-5);
    });
  });

  it('is read from a part of a larger buffer, as the file system may hand it over', () => {
    const table = buildNeighbours(randomRows(10, 3, 4), 0);
    const bytes = encodeNeighbours(table);
    const larger = Buffer.alloc(bytes.length + 9);
    larger.set(bytes, 5);
    const read = decodeNeighbours(larger.subarray(5, 5 + bytes.length));
    expect([...read.ids]).toEqual([...table.ids]);
  });

  it('refuses bytes that are no table, each with its reason', () => {
    const bytes = encodeNeighbours(buildNeighbours(randomRows(10, 3, 3), 0));
    const altered = (change: (view: DataView) => void) => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      return copy;
    };
    expect(() => decodeNeighbours(new Uint8Array(3))).toThrow(/too short/);
    expect(() => decodeNeighbours(bytes.slice(0, -2))).toThrow(/length its header promises/);
    expect(() => decodeNeighbours(altered((v) => v.setUint32(0, 1, true)))).toThrow(/version/);
    expect(() => decodeNeighbours(altered((v) => v.setUint32(24, 0, true)))).toThrow(/add up/);
    // Their sum is right again where numbers of 32 bits begin anew.
    const around = altered((v) => {
      const [first, second] = [v.getUint32(24, true), v.getUint32(28, true)];
      v.setUint32(24, 0xffff_ffff, true);
      v.setUint32(28, first + second + 1, true);
    });
    expect(() => decodeNeighbours(around)).toThrow(/add up/);
    const ids = 24 + 4 * 10;
    expect(() => decodeNeighbours(altered((v) => v.setUint16(ids, 999, true)))).toThrow(/outside/);
  });
});
