const BLOCK_BITS = 16;
const BLOCK = 1 << BLOCK_BITS;
const MASK = BLOCK - 1;

/** Mono samples that only ever grow, in fixed blocks: an append never copies what is there. */
export class SampleBlocks {
  private readonly blocks: Float32Array[] = [];
  private filled = 0;

  get length(): number {
    return this.filled;
  }

  append(samples: Float32Array): void {
    let taken = 0;
    while (taken < samples.length) {
      const offset = this.filled & MASK;
      if (offset === 0) this.blocks.push(new Float32Array(BLOCK));
      const count = Math.min(BLOCK - offset, samples.length - taken);
      this.blocks[this.blocks.length - 1].set(samples.subarray(taken, taken + count), offset);
      taken += count;
      this.filled += count;
    }
  }

  /** The sample at a whole index in [0, length). */
  at(index: number): number {
    return this.blocks[index >>> BLOCK_BITS][index & MASK];
  }
}
