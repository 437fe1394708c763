/*
 * Programs over one row of 32-bit numbers, many of them at once. The memory holds a table of 256 numbers of 64 bits,
 * 2^(i ÷ 256), then the row, filled up to a multiple of sixteen, and then what is said of it.
 *
 * AssemblyScript, compiled by `npm run assembly` into `main/decoding/row-program.ts`.
 */

/** Bytes of the table. */
const ROW: i32 = 2048;
/** Bytes of sixteen numbers. */
const STRIDE: i32 = 64;

/**
 * Logits become the probabilities that they have at a temperature of 1 ÷ `scale`. The largest is to be finite, and
 * what fills the row up −∞. Weights are within 4·10⁻¹⁶ of e^x before they are rounded to 32 bits.
 */
export function softmax(size: i32, scale: f64): void {
  const end = endOf(size);
  let most = f32x4.splat(-Infinity);
  for (let at = ROW; at < end; at += STRIDE) {
    const low = f32x4.pmax(v128.load(at), v128.load(at, 16));
    const high = f32x4.pmax(v128.load(at, 32), v128.load(at, 48));
    most = f32x4.pmax(most, f32x4.pmax(low, high));
  }
  const largest = f64x2.splat(
    max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    ),
  );
  const scales = f64x2.splat(scale);
  let sums = f64x2.splat(0);
  for (let at = ROW; at < end; at += 32) {
    // Four pairs at once, for the steps of each wait for one another.
    const low = v128.load(at);
    const high = v128.load(at, 16);
    const one = exp(f64x2.mul(f64x2.sub(first(low), largest), scales));
    const two = exp(f64x2.mul(f64x2.sub(second(low), largest), scales));
    const three = exp(f64x2.mul(f64x2.sub(first(high), largest), scales));
    const four = exp(f64x2.mul(f64x2.sub(second(high), largest), scales));
    v128.store(at, joined(one, two));
    v128.store(at, joined(three, four), 16);
    sums = f64x2.add(sums, f64x2.add(f64x2.add(one, two), f64x2.add(three, four)));
  }
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  const inverse = f64x2.splat(1 / sum);
  for (let at = ROW; at < end; at += 16) {
    const weights = v128.load(at);
    const low = f64x2.mul(first(weights), inverse);
    const high = f64x2.mul(second(weights), inverse);
    v128.store(at, joined(low, high));
  }
}

/** Writes which numbers are over `bound`, as they come, behind the row as 32-bit numbers; returns how many. */
export function over(size: i32, bound: f32): i32 {
  const end = endOf(size);
  const bounds = f32x4.splat(bound);
  let next = end;
  for (let at = ROW; at < end; at += 16) {
    let found = i32x4.bitmask(f32x4.gt(v128.load(at), bounds));
    while (found !== 0) {
      store<i32>(next, ((at - ROW) >> 2) + ctz(found));
      next += 4;
      found &= found - 1;
    }
  }
  return (next - end) >> 2;
}

/** Where a row of so many numbers ends in the memory. */
function endOf(size: i32): i32 {
  return ROW + (((size << 2) + STRIDE - 1) & -STRIDE);
}

/** The first two of four numbers in 64 bits. */
function first(four: v128): v128 {
  return f64x2.promote_low_f32x4(four);
}

function second(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3));
}

/** Two pairs rounded to 32 bits. */
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** e^x for x up to 0: looked up at steps of ln 2 ÷ 256 and followed from there by its series. */
function exp(x: v128): v128 {
  // e^−104 is nothing in 32 bits, and adds nothing to a sum of 1 or more.
  const bounded = f64x2.pmax(f64x2.splat(-104), x);
  // To add 1.5 · 2^52 rounds to a whole number, which is then in the lowest bits.
  const shifted = f64x2.add(
    f64x2.mul(bounded, f64x2.splat(256 * Math.LOG2E)),
    f64x2.splat(6755399441055744),
  );
  const steps = f64x2.sub(shifted, f64x2.splat(6755399441055744));
  // ln 2 ÷ 256 in two parts; any number of steps times the first is exact.
  const rough = f64x2.sub(bounded, f64x2.mul(steps, f64x2.splat(0.6931471803691238 / 256)));
  const r = f64x2.sub(rough, f64x2.mul(steps, f64x2.splat(1.9082149292705877e-10 / 256)));
  let series = f64x2.add(f64x2.mul(r, f64x2.splat(1.0 / 24.0)), f64x2.splat(1.0 / 6.0));
  series = f64x2.add(f64x2.mul(series, r), f64x2.splat(0.5));
  series = f64x2.add(f64x2.mul(f64x2.mul(r, r), series), r);
  const index = v128.and(shifted, i64x2.splat(255));
  let fraction = v128.load_zero<f64>(i32x4.extract_lane(index, 0) << 3);
  fraction = v128.load_lane<f64>(i32x4.extract_lane(index, 2) << 3, fraction, 1);
  const weight = f64x2.add(fraction, f64x2.mul(fraction, series));
  // Whole powers of two go to the exponent.
  return i64x2.add(weight, i64x2.shl(v128.andnot(shifted, i64x2.splat(255)), 44));
}
