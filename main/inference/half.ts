/** One number, as itself and as its bits: a graph has millions, so nothing is made for each. */
const single = new Float32Array(1);
const asBits = new Uint32Array(single.buffer);

/** Bits of the number in half precision that is nearest to a normal one; ties go to even. */
export function halfBits(value: number): number {
  single[0] = value;
  const bits = asBits[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude >= 0x4780_0000) throw new RangeError(`${value} is too large for half precision.`);
  if (magnitude < 0x3880_0000) {
    // Subnormal: whole multiples of 2⁻²⁴.
    return sign | roundToEven(Math.abs(value) * 2 ** 24);
  }
  // Rebased exponent and 10 bits of fraction; rounding may carry into the exponent, rightly.
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
