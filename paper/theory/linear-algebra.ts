/** Small dense matrices, row-major Float64Arrays of n × n; for tabular problems of at most a few hundred states. */
export type Matrix = Float64Array;

/** n × n identity. */
export function identity(n: number): Matrix {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

/** a + scale · b, element by element, of any two arrays of one length. */
export function addScaled(a: Float64Array, scale: number, b: Float64Array): Float64Array {
  return a.map((value, i) => value + scale * b[i]);
}

/** Scalar product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** A B. */
export function multiply(a: Matrix, b: Matrix, n: number): Matrix {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j] += factor * b[k * n + j];
    }
  }
  return out;
}

/** A x for a column vector x. */
export function multiplyVector(a: Matrix, x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), x));
}

/** y A for a row vector y. */
export function multiplyRow(y: Float64Array, a: Matrix): Float64Array {
  const n = y.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[j] += y[i] * a[i * n + j];
  return out;
}

/** Operator norm from l1 to l1: the largest absolute column sum (Eq. 40). */
export function norm1(a: Matrix, n: number): number {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j]);
    largest = Math.max(largest, sum);
  }
  return largest;
}

/** Largest absolute entry. */
export function maxAbs(a: Float64Array): number {
  return a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/**
 * A^-1 by Gauss-Jordan elimination with partial pivoting. I - gamma P is diagonally dominant by columns, so that it is
 * never singular for gamma < 1.
 */
export function inverse(matrix: Matrix, n: number): Matrix {
  const a = Float64Array.from(matrix);
  const out = identity(n);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(a[i * n + column]) > Math.abs(a[pivot * n + column])) pivot = i;
    }
    if (pivot !== column) {
      swapRows(a, n, pivot, column);
      swapRows(out, n, pivot, column);
    }
    const scale = 1 / a[column * n + column];
    for (let j = 0; j < n; j++) {
      a[column * n + j] *= scale;
      out[column * n + j] *= scale;
    }
    for (let i = 0; i < n; i++) {
      const factor = a[i * n + column];
      if (i === column || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i * n + j] -= factor * a[column * n + j];
        out[i * n + j] -= factor * out[column * n + j];
      }
    }
  }
  return out;
}

function swapRows(a: Matrix, n: number, i: number, k: number): void {
  for (let j = 0; j < n; j++) {
    const value = a[i * n + j];
    a[i * n + j] = a[k * n + j];
    a[k * n + j] = value;
  }
}
