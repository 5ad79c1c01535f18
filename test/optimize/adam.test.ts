import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Adam, clipByNorm } from '../../src/optimize/adam.js';

test('two steps by hand', () => {
  const adam = new Adam(1, { learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 1e-8 });
  const theta = Float32Array.of(1);
  adam.step(theta, Float32Array.of(2));
  // m̂ = 2, v̂ = 4: the first step has the length of the learning rate.
  assert.ok(Math.abs(theta[0] - 0.9) < 1e-6);
  adam.step(theta, Float32Array.of(-1));
  // m = 0.5 · 1 - 0.5 = 0, so nothing moves.
  assert.ok(Math.abs(theta[0] - 0.9) < 1e-6);
});

test('finds the minimum of a badly scaled bowl', () => {
  const scales = [1, 100, 0.01];
  const adam = new Adam(3, { learningRate: 0.05 });
  const theta = Float32Array.of(3, -2, 5);
  for (let i = 0; i < 2000; i++) {
    adam.learningRate = 0.05 * (1 - i / 2000);
    adam.step(
      theta,
      Float32Array.from(scales, (scale, j) => scale * (theta[j] - 1)),
    );
  }
  for (const x of theta) assert.ok(Math.abs(x - 1) < 1e-2, `${theta}`);
});

test('weight decay is decoupled from the gradient', () => {
  const theta = Float32Array.of(2);
  new Adam(1, { learningRate: 0.1, weightDecay: 0.5 }).step(theta, Float32Array.of(0));
  assert.equal(theta[0], Math.fround(2 * 0.95));
});

test('goes on from its saved state as if it had not stopped', () => {
  const gradient = (i: number) => Float32Array.from({ length: 4 }, (_, j) => Math.sin(i + j));
  const theta = new Float32Array(4);
  const first = new Adam(4);
  for (let i = 0; i < 5; i++) first.step(theta, gradient(i));
  const second = new Adam(4);
  second.loadState(first.saveState());
  const copy = theta.slice();
  for (let i = 5; i < 9; i++) {
    first.step(theta, gradient(i));
    second.step(copy, gradient(i));
  }
  assert.deepEqual(copy, theta);
});

test('what does not fit is named', () => {
  assert.throws(() => new Adam(2).step(new Float32Array(2), new Float32Array(3)), /gradient; expected .* 2/);
  assert.throws(() => new Adam(2).loadState(new Adam(3).saveState()), /mean; expected .* 2/);
  assert.throws(() => new Adam(2, { learningRat: 1 } as object), /learningRate/);
  assert.throws(() => new Adam(2, { beta1: 1 }), /beta1/);
});

test('clipping a gradient keeps its direction', () => {
  const gradient = Float32Array.of(3, 4);
  assert.equal(clipByNorm(gradient, 10), 5);
  assert.deepEqual([...gradient], [3, 4]);
  assert.equal(clipByNorm(gradient, 1), 5);
  assert.ok(Math.abs(Math.hypot(...gradient) - 1) < 1e-6 && Math.abs(gradient[0] / gradient[1] - 0.75) < 1e-6);
  const broken = Float32Array.of(NaN, 1);
  assert.ok(Number.isNaN(clipByNorm(broken, 0.5)) && broken[1] === 1);
});
