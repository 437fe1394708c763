import { describe, expect, it } from 'vitest';
import { noCounts } from '../../main/decoding/counters';
import { floorMsPerToken } from './floor';
import { memoryBandwidth } from './memory-bandwidth';

describe('the floor', () => {
  it('counts the target once a pass and the draft once a drafted token', () => {
    const bytes = { targetBytes: 2e6, draftBytes: 1e5 };
    const plain = { ...noCounts(), targetCalls: 10, committed: 10 };
    expect(floorMsPerToken(bytes, 1e9, plain)).toBeCloseTo(2);
    const speculative = { ...noCounts(), targetCalls: 10, drafted: 40, committed: 24 };
    expect(floorMsPerToken(bytes, 1e9, speculative)).toBeCloseTo(1);
  });

  it('reads memory at some rate', async () => {
    const { threads, bytes, bytesPerSecond } = await memoryBandwidth(1 << 20, 1);
    expect({ threads, bytes }).toEqual({ threads: 1, bytes: 1 << 20 });
    expect(bytesPerSecond).toBeGreaterThan(0);
  });
});
