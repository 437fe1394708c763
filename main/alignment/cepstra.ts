import FFT from 'fft.js';

/** Frame t is centred on the middle of [t, t + 1) × 10 ms. */
export const HOP_SECONDS = 0.01;
const WINDOW_SECONDS = 0.025;
const BANDS = 26;
const LOWEST_HZ = 100;
const HIGHEST_HZ = 7600;
const CEPSTRA = 13;
/** Cepstra and their slopes. */
export const DIMENSIONS = 2 * CEPSTRA;
/** Bands this far below the loudest one (nepers of power) are taken for silence, however silent. */
const FLOOR = 11.5;
/** Frames within this of the loudest (nepers of power) are speech, whose mean is taken out. */
const SPEECH = 7;

/** [CEPSTRA × BANDS] */
const COSINES = Float64Array.from({ length: CEPSTRA * BANDS }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / BANDS) * ((i % BANDS) + 0.5)) / BANDS),
);

/**
 * Mel-frequency cepstra of mono sound at any rate, less their mean over speech, with their slopes
 * over five frames: [frames × DIMENSIONS].
 */
export function cepstra(samples: Float32Array, sampleRate: number): Float32Array {
  const bands = logBands(samples, sampleRate);
  const frames = bands.length / BANDS;
  const still = new Float32Array(frames * CEPSTRA);
  for (let frame = 0; frame < frames; frame++) {
    for (let c = 0; c < CEPSTRA; c++) {
      let sum = 0;
      for (let band = 0; band < BANDS; band++) {
        sum += bands[frame * BANDS + band] * COSINES[c * BANDS + band];
      }
      still[frame * CEPSTRA + c] = sum / BANDS;
    }
  }
  takeOutMean(still, frames);
  return withSlopes(still, frames);
}

/** Natural logarithms of power in mel bands: [frames × BANDS], never far below the loudest. */
function logBands(samples: Float32Array, sampleRate: number): Float32Array {
  const hop = HOP_SECONDS * sampleRate;
  const length = Math.round(WINDOW_SECONDS * sampleRate);
  const size = 2 ** Math.ceil(Math.log2(length));
  const fft = new FFT(size);
  const spectrum = fft.createComplexArray();
  const input = new Float64Array(size);
  const hann = Float64Array.from(
    { length },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length),
  );
  const filters = melFilters(size, sampleRate);
  const frames = Math.floor(samples.length / hop);
  const bands = new Float32Array(frames * BANDS);
  let loudest = Number.NEGATIVE_INFINITY;
  for (let frame = 0; frame < frames; frame++) {
    const first = Math.round((frame + 0.5) * hop - length / 2);
    for (let i = 0; i < length; i++) {
      const at = first + i;
      input[i] = at >= 0 && at < samples.length ? hann[i] * samples[at] : 0;
    }
    fft.realTransform(spectrum, input);
    for (let band = 0; band < BANDS; band++) {
      const { from, weights } = filters[band];
      let power = 1e-12;
      for (let i = 0; i < weights.length; i++) {
        const bin = 2 * (from + i);
        power +=
          weights[i] * (spectrum[bin] * spectrum[bin] + spectrum[bin + 1] * spectrum[bin + 1]);
      }
      const value = Math.log(power);
      bands[frame * BANDS + band] = value;
      if (value > loudest) loudest = value;
    }
  }
  for (let i = 0; i < bands.length; i++) bands[i] = Math.max(bands[i], loudest - FLOOR);
  return bands;
}

type Filter = { from: number; weights: number[] };

/** Triangles on the mel scale over the bins of a transform. Bands above half the rate are empty. */
function melFilters(size: number, sampleRate: number): Filter[] {
  const mel = (hertz: number) => 1127 * Math.log1p(hertz / 700);
  const step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (BANDS + 1);
  const edge = (i: number) => 700 * Math.expm1((mel(LOWEST_HZ) + i * step) / 1127);
  const perBin = sampleRate / size;
  return Array.from({ length: BANDS }, (_, band) => {
    const [low, middle, high] = [edge(band), edge(band + 1), edge(band + 2)];
    const from = Math.ceil(low / perBin);
    const to = Math.min(size / 2, Math.floor(high / perBin));
    const weights = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => {
      const hertz = (from + i) * perBin;
      return Math.min((hertz - low) / (middle - low), (high - hertz) / (high - middle));
    });
    return { from, weights };
  });
}

function takeOutMean(still: Float32Array, frames: number): void {
  let loudest = Number.NEGATIVE_INFINITY;
  for (let frame = 0; frame < frames; frame++) {
    loudest = Math.max(loudest, still[frame * CEPSTRA]);
  }
  const mean = new Float64Array(CEPSTRA);
  let counted = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (still[frame * CEPSTRA] < loudest - SPEECH) continue;
    counted++;
    for (let c = 0; c < CEPSTRA; c++) mean[c] += still[frame * CEPSTRA + c];
  }
  for (let i = 0; i < still.length; i++) still[i] -= mean[i % CEPSTRA] / counted;
}

function withSlopes(still: Float32Array, frames: number): Float32Array {
  const all = new Float32Array(frames * DIMENSIONS);
  const at = (frame: number, c: number) =>
    still[Math.min(frames - 1, Math.max(0, frame)) * CEPSTRA + c];
  for (let frame = 0; frame < frames; frame++) {
    for (let c = 0; c < CEPSTRA; c++) {
      const near = at(frame + 1, c) - at(frame - 1, c);
      const far = at(frame + 2, c) - at(frame - 2, c);
      all[frame * DIMENSIONS + c] = at(frame, c);
      all[frame * DIMENSIONS + CEPSTRA + c] = (near + 2 * far) / 10;
    }
  }
  return all;
}
