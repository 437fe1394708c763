declare module 'fft.js' {
  /** Transforms of `size` values, a power of two; complex values lie interleaved. */
  export default class FFT {
    constructor(size: number);
    createComplexArray(): number[];
    realTransform(output: number[], input: ArrayLike<number>): void;
  }
}
