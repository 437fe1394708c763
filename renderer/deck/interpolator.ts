/** Zero crossings of the kernel to either side: 0.88 of the band is kept, images are 60 dB down. */
const CROSSINGS = 32;

type Sound = { readonly length: number; at(index: number): number };

/** Reads sound of one sample rate at the instants of another: windowed sinc, band-limited. */
export class Interpolator {
  /** Below 1 where the output cannot hold all of the band. */
  private readonly cutoff: number;
  private readonly reach: number;
  /** By phase: where between two samples an instant lies, in parts of `to`. */
  private readonly kernels = new Map<number, Float32Array>();

  /** Both rates in whole Hz. */
  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {
    this.cutoff = Math.min(1, to / from);
    this.reach = Math.ceil(CROSSINGS / this.cutoff);
  }

  /** The sound at output sample `index`; there is silence before and after it. */
  at(sound: Sound, index: number): number {
    const place = index * this.from;
    const whole = Math.floor(place / this.to);
    const kernel = this.kernelAt(place - whole * this.to);
    const first = whole - this.reach + 1;
    const end = Math.min(kernel.length, sound.length - first);
    let sum = 0;
    for (let tap = Math.max(0, -first); tap < end; tap++)
      sum += kernel[tap] * sound.at(first + tap);
    return sum;
  }

  private kernelAt(phase: number): Float32Array {
    let kernel = this.kernels.get(phase);
    if (!kernel) {
      kernel = this.makeKernel(phase / this.to);
      this.kernels.set(phase, kernel);
    }
    return kernel;
  }

  /** [2 × reach] weights of the samples around an instant `offset` behind the one at reach − 1. */
  private makeKernel(offset: number): Float32Array {
    const weights = Array.from({ length: 2 * this.reach }, (_, tap) => {
      const x = tap - this.reach + 1 - offset;
      return sinc(this.cutoff * x) * blackman(x / this.reach);
    });
    // A constant stays one, whatever the phase.
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return Float32Array.from(weights, (weight) => weight / sum);
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** 1 at 0, nothing from 1 on. */
function blackman(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}
