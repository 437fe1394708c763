/** Samples under one value of the finest level. */
const FINEST = 8;
/** Each level above covers this many values of the one below. */
const FACTOR = 4;
const LEVELS = 9;

interface Level {
  span: number;
  high: Float32Array;
  low: Float32Array;
}

/** Smallest and largest samples of sound that grows, at several resolutions. */
export class Peaks {
  private readonly levels: Level[] = Array.from({ length: LEVELS }, (_, level) => ({
    span: FINEST * FACTOR ** level,
    high: new Float32Array(64),
    low: new Float32Array(64),
  }));
  private filled = 0;

  /** Samples so far. */
  get length(): number {
    return this.filled;
  }

  append(samples: Float32Array): void {
    const end = this.filled + samples.length;
    for (const level of this.levels) {
      const values = Math.ceil(end / level.span);
      if (values > level.high.length) {
        level.high = grown(level.high, values);
        level.low = grown(level.low, values);
      }
      const { span, high, low } = level;
      let place = this.filled;
      let taken = 0;
      while (taken < samples.length) {
        const value = Math.floor(place / span);
        const count = Math.min((value + 1) * span - place, samples.length - taken);
        // A value that nothing was added to yet starts at its first sample, not at zero.
        let max = place % span === 0 ? samples[taken] : high[value];
        let min = place % span === 0 ? samples[taken] : low[value];
        for (let i = taken; i < taken + count; i++) {
          const sample = samples[i];
          if (sample > max) max = sample;
          if (sample < min) min = sample;
        }
        high[value] = max;
        low[value] = min;
        place += count;
        taken += count;
      }
    }
    this.filled = end;
  }

  /**
   * Largest and smallest sample of each of `high.length` equal columns of [start, end), which are
   * in samples and may be fractions. A column takes in every value that it touches, so that no
   * peak is lost between two columns; beyond the sound it is 0.
   */
  columns(start: number, end: number, high: Float32Array, low: Float32Array): void {
    const width = (end - start) / high.length;
    const level = this.levels.findLast(({ span }) => span <= width) ?? this.levels[0];
    const values = Math.ceil(this.filled / level.span);
    for (let column = 0; column < high.length; column++) {
      const first = Math.max(0, Math.floor((start + column * width) / level.span));
      const last = Math.min(values, Math.ceil((start + (column + 1) * width) / level.span));
      let max = first < last ? level.high[first] : 0;
      let min = first < last ? level.low[first] : 0;
      for (let value = first + 1; value < last; value++) {
        if (level.high[value] > max) max = level.high[value];
        if (level.low[value] < min) min = level.low[value];
      }
      high[column] = max;
      low[column] = min;
    }
  }
}

function grown(values: Float32Array, needed: number): Float32Array {
  const larger = new Float32Array(Math.max(needed, values.length * 2));
  larger.set(values);
  return larger;
}
