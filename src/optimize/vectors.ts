/** Plain vector arithmetic on flat arrays; sums are accumulated in double precision in index order. */
export type Vector = Float32Array | Float64Array;

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** y += factor · x */
export function addScaled(y: Vector, factor: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
}

/** a + factor · b in single precision, as a new array: a candidate θ. */
export function stepFrom(theta: Float32Array, factor: number, direction: Vector): Float32Array {
  const result = new Float32Array(theta.length);
  for (let i = 0; i < theta.length; i++) result[i] = theta[i] + factor * direction[i];
  return result;
}

/** Does the array hold only finite numbers? */
export function allFinite(a: Vector): boolean {
  for (let i = 0; i < a.length; i++) if (!Number.isFinite(a[i])) return false;
  return true;
}
