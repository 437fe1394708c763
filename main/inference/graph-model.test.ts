import { expect, it, onTestFinished, vi } from 'vitest';
import { GraphModel } from './graph-model';
import { type GpuUse, PLAIN_USE } from './messages';
import { PROVIDERS } from './providers';
import { CpuMemory } from './runtime/device-memory';
import type { CpuTensor, Tensor } from './runtime/tensor';
import { syntheticDecoder, VOCABULARY } from './testing/synthetic-pack';

/** This process's memory as a device's that has caches of several lengths, and moves rows as that would. */
class MovingMemory extends CpuMemory {
  override moveRows(from: readonly Tensor[], to: readonly Tensor[], rows: number): void {
    for (const [i, source] of from.entries()) {
      const [, heads, length, width] = source.shape;
      const target = to[i];
      const numbers = (tensor: Tensor) => (tensor as CpuTensor<'float32'>).data;
      for (let head = 0; head < heads; head++) {
        const start = head * length * width;
        const held = numbers(source).subarray(start, start + rows * width);
        numbers(target).set(held, head * target.shape[2] * width);
      }
    }
  }
}

vi.mock('./session-memory', () => ({ memoryOf: () => new MovingMemory() }));

const MAX_LENGTH = 320;
const said = Array.from({ length: MAX_LENGTH }, (_, i) => (i * 53 + 7) % VOCABULARY);

/** Logits behind every token, in blocks of five after one long pass, with drafts that are taken back. */
async function decode(gpu?: GpuUse): Promise<number[]> {
  const graph = { ...syntheticDecoder, maxLength: MAX_LENGTH };
  const model = await GraphModel.open(graph, VOCABULARY, { device: 'cpu', threads: 1, gpu });
  onTestFinished(() => model.release());
  const logits: number[] = [];
  for (const start of [60, 30]) {
    model.rollback(0);
    logits.push(...(await model.forward(said.slice(0, start))));
    for (let at = start; at + 5 <= MAX_LENGTH; at += 5) {
      if (at + 9 <= MAX_LENGTH) await model.forward([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      model.rollback(at);
      logits.push(...(await model.forward(said.slice(at, at + 5))));
    }
  }
  return logits;
}

it('decodes the same while it takes longer caches, and short ones again for the next take', async () => {
  const expected = await decode();
  const { cpu } = PROVIDERS;
  const moved = vi.spyOn(MovingMemory.prototype, 'moveRows');
  PROVIDERS.cpu = { ...cpu, cacheLengths: () => [64, 128, MAX_LENGTH] };
  onTestFinished(() => {
    PROVIDERS.cpu = cpu;
  });
  expect(await decode()).toEqual(expected);
  expect(moved).toHaveBeenCalledTimes(4);
});

it('gives a device that captures a prompt in passes of lengths that are bound once', async () => {
  const expected = await decode();
  const { cpu } = PROVIDERS;
  // The processor does not mind what it is told of graphs.
  PROVIDERS.cpu = {
    ...cpu,
    isProcessor: false,
    capture: { option: 'captures', shortest: 1, losesFirst: false },
  };
  onTestFinished(() => {
    PROVIDERS.cpu = cpu;
  });
  const made = vi.spyOn(MovingMemory.prototype, 'mirror');
  onTestFinished(() => made.mockRestore());
  const bound = () =>
    made.mock.calls.filter(([type]) => type === 'int64').map(([, [, count]]) => count);
  const captured = { ...PLAIN_USE, captured: true };
  const logits = await decode(captured);
  expect(logits).toHaveLength(expected.length);
  const apart = logits.reduce((most, one, i) => Math.max(most, Math.abs(one - expected[i])), 0);
  expect(apart).toBeLessThan(1e-4);
  // The prompts, of 60 and of 30 positions, are blocks of 31, filled up.
  expect(bound()).toEqual([31, 9, 5]);
  made.mockClear();
  const model = await GraphModel.open(syntheticDecoder, VOCABULARY, {
    device: 'cpu',
    threads: 1,
    gpu: captured,
  });
  onTestFinished(() => model.release());
  // No block of 31 has room behind 40 of 64 positions.
  await model.forward(said.slice(0, 40));
  await model.forward(said.slice(40, 60));
  expect(bound()).toEqual([31, 9, 2]);
  expect(model.length).toBe(60);
  await model.warmUp(() => bound().length === 7);
  expect(bound().slice(3)).toEqual([1, 3, 4, 5]);
});

it('pretends to hold positions in caches that have room for them, and moves nothing', async () => {
  const { cpu } = PROVIDERS;
  PROVIDERS.cpu = { ...cpu, cacheLengths: () => [64, MAX_LENGTH] };
  onTestFinished(() => {
    PROVIDERS.cpu = cpu;
  });
  const graph = { ...syntheticDecoder, maxLength: MAX_LENGTH };
  const model = await GraphModel.open(graph, VOCABULARY, { device: 'cpu', threads: 1 });
  onTestFinished(() => model.release());
  await model.forward([1, 2]);
  // This memory has no way to move rows, and would say so.
  model.pretendToHold(100);
  await model.forward([3]);
  expect(model.length).toBe(101);
});
