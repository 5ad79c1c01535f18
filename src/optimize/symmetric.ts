/**
 * Dense algebra of symmetric matrices, row-major [n × n]. The order of every sum is fixed: runs of earlier versions, which
 * took both from a library, are continued with the same bits (test/optimize/symmetric.test.ts).
 */

/**
 * Solves matrix · x = right by Cholesky's factorisation.
 * @param matrix symmetric [n × n]; only the lower half is read
 * @param right [n]
 * @returns x [n], or null where the matrix is not positive definite
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array): Float64Array | null {
  const n = right.length;
  const lower = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    let squares = 0;
    for (let k = 0; k < j; k++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += lower[k * n + i] * lower[j * n + i];
      const entry = (matrix[j * n + k] - sum) / lower[k * n + k];
      lower[j * n + k] = entry;
      squares += entry * entry;
    }
    const pivot = matrix[j * n + j] - squares;
    if (!(pivot > 0)) return null;
    lower[j * n + j] = Math.sqrt(pivot);
  }
  const x = right.slice();
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < k; i++) x[k] -= x[i] * lower[k * n + i];
    x[k] /= lower[k * n + k];
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) x[k] -= x[i] * lower[i * n + k];
    x[k] /= lower[k * n + k];
  }
  return x;
}

export interface Eigen {
  /** [n], ascending */
  readonly values: Float64Array;
  /** [n × n], row-major; column j belongs to value j */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and orthonormal eigenvectors: Householder's reduction to a tridiagonal matrix, then QL steps with implicit
 * shifts (Bowdler, Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968: tred2 and tql2).
 * @param matrix symmetric [n × n]
 */
export function eigenSymmetric(matrix: Float64Array, n: number): Eigen {
  const vectors = matrix.slice();
  const values = new Float64Array(n);
  const off = new Float64Array(n);
  if (n > 0) {
    tridiagonalize(vectors, values, off, n);
    diagonalize(vectors, values, off, n);
    sortAscending(vectors, values, n);
  }
  return { values, vectors };
}

/** Leaves the diagonal in d, what is beside it in e[1 …], and the orthogonal transformation in v. */
function tridiagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  const last = (n - 1) * n;
  for (let j = 0; j < n; j++) d[j] = v[last + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    d[i] = scale === 0 ? skipRow(v, d, e, n, i) : reflect(v, d, e, n, i, scale);
  }
  for (let i = 0; i < n - 1; i++) {
    v[last + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[last + j];
    v[last + j] = 0;
  }
  v[last + n - 1] = 1;
  e[0] = 0;
}

/** A row that is zero beside the diagonal already. */
function skipRow(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number): number {
  e[i] = d[i - 1];
  for (let j = 0; j < i; j++) {
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
    v[j * n + i] = 0;
  }
  return 0;
}

/** Householder's reflection that clears row i left of the subdiagonal, applied from both sides. @returns half |u|² */
function reflect(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number, scale: number): number {
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const f = d[i - 1];
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const u = d[j];
    v[j * n + i] = u;
    let sum = e[j] + v[j * n + j] * u;
    for (let k = j + 1; k < i; k++) {
      sum += v[k * n + j] * d[k];
      e[k] += v[k * n + j] * u;
    }
    e[j] = sum;
  }
  let product = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    product += e[j] * d[j];
  }
  const half = product / (h + h);
  for (let j = 0; j < i; j++) e[j] -= half * d[j];
  for (let j = 0; j < i; j++) {
    const [u, p] = [d[j], e[j]];
    for (let k = j; k < i; k++) v[k * n + j] -= u * e[k] + p * d[k];
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
  }
  return h;
}

function diagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let shift = 0;
  let size = 0;
  for (let l = 0; l < n; l++) {
    size = Math.max(size, Math.abs(d[l]) + Math.abs(e[l]));
    const small = Number.EPSILON * size;
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > small) m++;
    if (m > l) {
      do {
        shift += sweep(v, d, e, n, l, m);
      } while (Math.abs(e[l]) > small);
    }
    d[l] += shift;
    e[l] = 0;
  }
}

/** One implicit QL step on rows l … m. @returns by how much the diagonal was shifted */
function sweep(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): number {
  const first = d[l];
  let p = (d[l + 1] - first) / (2 * e[l]);
  const root = p < 0 ? -hypotenuse(p, 1) : hypotenuse(p, 1);
  d[l] = e[l] / (p + root);
  d[l + 1] = e[l] * (p + root);
  const next = d[l + 1];
  const shift = first - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= shift;
  p = d[m];
  const beside = e[l + 1];
  // Cosines and sines of the last three rotations.
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    const r = hypotenuse(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    for (let k = i, row = 0; row < n; row++, k += n) {
      const right = v[k + 1];
      v[k + 1] = s * v[k] + c * right;
      v[k] = c * v[k] - s * right;
    }
  }
  p = (-s * s2 * c3 * beside * e[l]) / next;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

/** √(a² + b²) without overflow; not Math.hypot, whose bits differ between engines. */
function hypotenuse(a: number, b: number): number {
  const [large, small] = Math.abs(a) > Math.abs(b) ? [a, b] : [b, a];
  if (large === 0) return 0;
  const ratio = small / large;
  return Math.abs(large) * Math.sqrt(1 + ratio * ratio);
}

function sortAscending(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (d[j] < d[least]) least = j;
    if (least === i) continue;
    [d[i], d[least]] = [d[least], d[i]];
    for (let row = 0; row < n; row++) {
      [v[row * n + i], v[row * n + least]] = [v[row * n + least], v[row * n + i]];
    }
  }
}
