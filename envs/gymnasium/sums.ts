/** Squares to be added. */
const scratch = new Float64Array(8);
let squares = new Float64Array(128);

/**
 * Σ x² over `count` numbers, each clipped to low … high before, added in numpy's order: from eight numbers on eight running sums,
 * joined as a tree, then the rest one by one; beyond 128 numbers in halves.
 */
export function sumOfSquares(
  data: Float64Array,
  from: number,
  count: number,
  low = -Infinity,
  high = Infinity,
): number {
  if (squares.length < count) squares = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const x = Math.min(high, Math.max(low, data[from + i]));
    squares[i] = x * x;
  }
  return numpySum(squares, 0, count);
}

/** The sum of `count` numbers in numpy's order. */
export function numpySum(values: Float64Array, from: number, count: number): number {
  if (count > 128) {
    const half = Math.floor(count / 16) * 8;
    return numpySum(values, from, half) + numpySum(values, from + half, count - half);
  }
  let sum = 0;
  let i = 0;
  if (count >= 8) {
    const r = scratch;
    for (let j = 0; j < 8; j++) r[j] = values[from + j];
    for (i = 8; i + 8 <= count; i += 8) for (let j = 0; j < 8; j++) r[j] += values[from + i + j];
    sum = r[0] + r[1] + (r[2] + r[3]) + (r[4] + r[5] + (r[6] + r[7]));
  }
  for (; i < count; i++) sum += values[from + i];
  return sum;
}

/** Σ x² in numpy's order, each operation in single precision. */
function singleSumOfSquares(data: Float64Array, from: number, count: number): number {
  const { fround } = Math;
  const square = (i: number) => {
    const x = fround(data[from + i]);
    return fround(x * x);
  };
  let sum = 0;
  let i = 0;
  if (count >= 8) {
    const r = scratch;
    for (let j = 0; j < 8; j++) r[j] = square(j);
    for (i = 8; i + 8 <= count; i += 8) for (let j = 0; j < 8; j++) r[j] = fround(r[j] + square(i + j));
    const left = fround(fround(r[0] + r[1]) + fround(r[2] + r[3]));
    sum = fround(left + fround(fround(r[4] + r[5]) + fround(r[6] + r[7])));
  }
  for (; i < count; i++) sum = fround(sum + square(i));
  return sum;
}

/**
 * weight · Σ u² as Gymnasium computes it for actions of single precision: in single precision all through.
 * @param data controls, which such actions are exactly
 */
export function controlCost(weight: number, data: Float64Array, from: number, count: number): number {
  return Math.fround(Math.fround(weight) * singleSumOfSquares(data, from, count));
}

/** The Euclidean norm of `count` differences, added left to right. */
export function distance(a: Float64Array, from: number, b: Float64Array, to: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = a[from + i] - b[to + i];
    sum += d * d;
  }
  return Math.sqrt(sum);
}
