import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conjugateGradient } from '../../src/optimize/conjugate-gradient.js';
import { testDraws } from '../helpers/training.js';

/** A = B B' + shift I, and its product. */
function randomSystem(n: number, seed: number, shift: number) {
  const draw = testDraws(seed);
  const b = Array.from({ length: n }, () => Array.from({ length: n }, draw));
  const a = b.map((row, i) => b.map((other, j) => row.reduce((s, x, k) => s + x * other[k], i === j ? shift : 0)));
  const product = async (v: Float32Array) => Float64Array.from(a, (row) => row.reduce((s, x, j) => s + x * v[j], 0));
  const rhs = Float64Array.from({ length: n }, draw);
  return { a, product, rhs };
}

const exact = { iterations: 200, residualTolerance: 1e-12 };

for (const n of [1, 2, 7, 30]) {
  test(`solves random symmetric positive definite systems of size ${n}`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { product, rhs } = randomSystem(n, 100 * n + seed, 0.5);
      const { x, residual } = await conjugateGradient(product, rhs, exact);
      const ax = await product(Float32Array.from(x));
      // Search directions are rounded to single precision before each product.
      for (let i = 0; i < n; i++) assert.ok(Math.abs(ax[i] - rhs[i]) < 1e-4, `${ax[i]} ${rhs[i]}`);
      assert.ok(residual < 1e-5);
    }
  });
}

test('reports the residual of the x it returns, and how many products it made', async () => {
  const { product, rhs } = randomSystem(20, 3, 1);
  const { x, residual, iterations } = await conjugateGradient(product, rhs, {
    iterations: 4,
    residualTolerance: 1e-10,
  });
  const ax = await product(Float32Array.from(x));
  const actual = Math.hypot(...ax.map((value, i) => rhs[i] - value));
  assert.equal(iterations, 4);
  assert.ok(Math.abs(actual - residual) < 1e-4 * Math.hypot(...rhs), `${actual} ${residual}`);
});

test('minimises the energy norm of the error over the Krylov space: more iterations are never worse', async () => {
  const { product, rhs } = randomSystem(15, 9, 0.1);
  const solution = (await conjugateGradient(product, rhs, exact)).x;
  let previous = Number.POSITIVE_INFINITY;
  for (const iterations of [1, 2, 4, 8]) {
    const { x } = await conjugateGradient(product, rhs, { iterations, residualTolerance: 0 });
    const error = Float32Array.from(x, (value, i) => value - solution[i]);
    const ae = await product(error);
    const energy = error.reduce((sum, e, i) => sum + e * ae[i], 0);
    assert.ok(energy < previous);
    previous = energy;
  }
});

test('a zero right-hand side costs nothing; a product that is not positive ends the search', async () => {
  const zero = await conjugateGradient(async (v) => v, new Float64Array(3), exact);
  assert.deepEqual([zero.iterations, zero.residual, [...zero.x]], [0, 0, [0, 0, 0]]);
  const negative = await conjugateGradient(async (v) => v.map((x) => -x), Float64Array.of(1, 2), exact);
  assert.deepEqual([negative.iterations, [...negative.x]], [0, [0, 0]]);
});
