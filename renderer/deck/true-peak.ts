/** Samples to either side of an instant that its value is made of. */
const REACH = 12;
/** Instants per sample, as in ITU-R BS.1770. */
const OVERSAMPLING = 4;
/** Between samples below this share of the peak, no higher one lies in sound that was sampled well. */
const WORTH_A_LOOK = 0.5;

/** Weights of the samples around the instant `phase` quarters behind the one at REACH − 1. */
const KERNELS = Array.from({ length: OVERSAMPLING - 1 }, (_, i) => {
  const offset = (i + 1) / OVERSAMPLING;
  const weights = Array.from({ length: 2 * REACH }, (_, tap) => {
    const x = tap - REACH + 1 - offset;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * Math.cos((Math.PI * x) / (2 * REACH)) ** 2;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
});

/** The largest size of sound that grows, between its samples too: the true peak of BS.1770. */
export class TruePeak {
  private largest = 0;
  /** The last samples, which what is between them still lacks the next ones for. */
  private rest: Float32Array = new Float32Array(REACH);

  /** 1 is full scale. The instants between the newest samples are not counted yet. */
  get peak(): number {
    return this.largest;
  }

  append(samples: Float32Array): void {
    const sound = new Float32Array(this.rest.length + samples.length);
    sound.set(this.rest);
    sound.set(samples, this.rest.length);
    for (const sample of samples) this.largest = Math.max(this.largest, Math.abs(sample));
    const end = sound.length - REACH;
    for (let at = REACH - 1; at < end; at++) {
      const near = Math.max(Math.abs(sound[at]), Math.abs(sound[at + 1]));
      if (near < WORTH_A_LOOK * this.largest) continue;
      for (const kernel of KERNELS) {
        let value = 0;
        for (let tap = 0; tap < 2 * REACH; tap++)
          value += kernel[tap] * sound[at - REACH + 1 + tap];
        this.largest = Math.max(this.largest, Math.abs(value));
      }
    }
    this.rest = sound.slice(Math.max(0, end - REACH + 1));
  }
}
