/** Against ml-matrix, from which earlier versions took both: to the last bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { threefry } from '../../src/base/random.js';
import { eigenSymmetric, solvePositiveDefinite } from '../../src/optimize/symmetric.js';

const words = new Uint32Array(2);
function draw(stream: number, index: number): number {
  threefry(5, stream, index, 0, words);
  return words[0] / 2 ** 31 - 1;
}

/** Symmetric [n × n]; of rank n (positive definite), of lower rank, with zeros, or diagonal. */
function matrix(n: number, kind: number): Float64Array {
  const factor = Float64Array.from({ length: n * n }, (_, i) => {
    const value = draw(100 * n + kind, i);
    return (kind === 1 && i % n >= n / 2) || (kind === 2 && Math.abs(value) > 0.3) ? 0 : value;
  });
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j && kind !== 1 ? 0.1 : 0;
      for (let k = 0; k < n; k++) sum += factor[i * n + k] * factor[j * n + k];
      out[i * n + j] = out[j * n + i] = kind === 3 && i !== j ? 0 : sum;
    }
  }
  return out;
}

const sizes = [1, 2, 3, 5, 8, 21, 60];

test('eigenvalues and eigenvectors', () => {
  for (const n of sizes) {
    for (const kind of [0, 1, 2, 3]) {
      const given = matrix(n, kind);
      const { values, vectors } = eigenSymmetric(given, n);
      const oracle = new EigenvalueDecomposition(Matrix.from1DArray(n, n, given), { assumeSymmetric: true });
      assert.deepEqual(values, Float64Array.from(oracle.realEigenvalues), `values ${n} ${kind}`);
      assert.deepEqual(vectors, Float64Array.from(oracle.eigenvectorMatrix.to1DArray()), `vectors ${n} ${kind}`);
    }
  }
});

test('linear equations of positive definite matrices', () => {
  for (const n of sizes) {
    for (const kind of [0, 2, 3]) {
      const given = matrix(n, kind);
      const right = Float64Array.from({ length: n }, (_, i) => draw(n, i));
      const oracle = new CholeskyDecomposition(Matrix.from1DArray(n, n, given)).solve(Matrix.columnVector(right));
      assert.deepEqual(solvePositiveDefinite(given, right), Float64Array.from(oracle.to1DArray()), `${n} ${kind}`);
    }
  }
});

test('a matrix that is not positive definite is told', () => {
  assert.equal(solvePositiveDefinite(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1)), null);
  assert.equal(solvePositiveDefinite(Float64Array.of(Number.NaN), Float64Array.of(1)), null);
});
