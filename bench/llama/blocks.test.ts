import { expect, it } from 'vitest';
import { halfBits } from '../../main/inference/half';
import { type BlockRows, padded, stacked, toGgml } from './blocks';

const SCALE = halfBits(0.5);

/** One row of one block whose weights are 0.5 × (level − 8), levels 0 … 15 twice. */
const nibbles: BlockRows = {
  bits: 4,
  rows: 1,
  width: 32,
  levels: Uint8Array.from({ length: 16 }, (_, i) => ((2 * i) % 16) | (((2 * i + 1) % 16) << 4)),
  scales: Uint16Array.of(SCALE),
};

/** As llama.cpp reads a block of Q4_0. */
function weightsOfQ4(block: Uint8Array): number[] {
  const low = Array.from(block.subarray(2), (byte) => 0.5 * ((byte & 0xf) - 8));
  const high = Array.from(block.subarray(2), (byte) => 0.5 * ((byte >>> 4) - 8));
  return [...low, ...high];
}

it('writes 4 bits as Q4_0, number for number', () => {
  const { type, data } = toGgml(nibbles);
  expect(type).toBe('Q4_0');
  expect([data[0], data[1]]).toEqual([SCALE & 0xff, SCALE >>> 8]);
  expect(weightsOfQ4(data)).toEqual(Array.from({ length: 32 }, (_, i) => 0.5 * ((i % 16) - 8)));
});

it('writes 8 bits as Q8_0, number for number', () => {
  const levels = Uint8Array.from({ length: 32 }, (_, i) => 8 * i);
  const { type, data } = toGgml({ ...nibbles, bits: 8, levels });
  expect(type).toBe('Q8_0');
  expect(Array.from(new Int8Array(data.buffer, 2))).toEqual(
    Array.from(levels, (level) => level - 128),
  );
});

it('puts matrices below each other, and zeros below them', () => {
  const two = stacked([nibbles, nibbles]);
  expect(two).toMatchObject({ rows: 2, width: 32 });
  const { data } = toGgml(padded(two, 3));
  expect(data).toHaveLength(3 * 18);
  expect(Array.from(data.subarray(18, 36))).toEqual(Array.from(data.subarray(0, 18)));
  // Whatever the middle, the scale is zero.
  expect(weightsOfQ4(data.subarray(36)).every((weight) => weight === 0)).toBe(true);
  expect(Array.from(data.subarray(36, 38))).toEqual([0, 0]);
});

it('does not mix precisions', () => {
  expect(() => stacked([nibbles, { ...nibbles, bits: 8 }])).toThrow('different precision');
});
