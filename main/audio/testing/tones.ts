/** A sine of `amplitude`, in full scale. Frequency and rate in Hz. */
export function tone(
  frequency: number,
  seconds: number,
  sampleRate: number,
  amplitude = 0.5,
): Float32Array {
  return Float32Array.from(
    { length: Math.round(seconds * sampleRate) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate),
  );
}

/** The part of a signal that is a sine of `frequency`, by least squares, and what is left. */
export function splitTone(
  samples: Float32Array,
  frequency: number,
  sampleRate: number,
): {
  amplitude: number /** Radians, of a sine that begins at sample 0. */;
  phase: number;
  rest: Float32Array;
} {
  const angle = (i: number) => (2 * Math.PI * frequency * i) / sampleRate;
  let [ss, sc, cc, xs, xc] = [0, 0, 0, 0, 0];
  samples.forEach((x, i) => {
    const [s, c] = [Math.sin(angle(i)), Math.cos(angle(i))];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    xs += x * s;
    xc += x * c;
  });
  const determinant = ss * cc - sc * sc;
  const inPhase = (xs * cc - xc * sc) / determinant;
  const quadrature = (xc * ss - xs * sc) / determinant;
  return {
    amplitude: Math.hypot(inPhase, quadrature),
    phase: Math.atan2(quadrature, inPhase),
    rest: samples.map((x, i) => x - inPhase * Math.sin(angle(i)) - quadrature * Math.cos(angle(i))),
  };
}

export function rms(samples: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < samples.length; i++) squares += samples[i] ** 2;
  return Math.sqrt(squares / samples.length);
}

export function decibels(ratio: number): number {
  return 20 * Math.log10(ratio);
}
