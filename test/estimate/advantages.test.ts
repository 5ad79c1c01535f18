import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advantages, estimatorSchema } from '../../src/estimate/advantages.js';
import { timeDependentBaseline } from '../../src/estimate/baseline.js';

/** Paths given as lists of returns. */
function paths(...lists: number[][]) {
  return {
    returns: Float64Array.from(lists.flat()),
    timeIndex: Int32Array.from(lists.flatMap((list) => list.map((_, t) => t))),
  };
}

test('baseline: mean over the paths that reach a time', () => {
  const { returns, timeIndex } = paths([1, 2], [3, 4], [5, 6], [7, 8], [9, 10]);
  assert.deepEqual([...timeDependentBaseline(returns, timeIndex)], [5, 6]);
});

test('baseline: constant after fewer than five paths remain', () => {
  const { returns, timeIndex } = paths([1, 1, 100, 50], [2, 1, 100], [3, 1, 100], [4, 1, 100], [5, 1], [6]);
  assert.deepEqual([...timeDependentBaseline(returns, timeIndex)], [3.5, 1, 1, 1]);
});

test('baseline: of fewer than five paths, all are needed', () => {
  const { returns, timeIndex } = paths([2, 4, 8], [4, 6]);
  assert.deepEqual([...timeDependentBaseline(returns, timeIndex)], [3, 5, 5]);
});

test('advantages: by hand, with each option', () => {
  const batch = paths([1, 2], [3, 6]);
  const of = (given: object) => [...advantages(batch, estimatorSchema.parse(given))];
  assert.deepEqual(of({ baseline: 'time', scaling: 'none' }), [-1, -2, 1, 2]);
  assert.deepEqual(of({ baseline: 'constant', scaling: 'none' }), [-2, -1, 0, 3]);
  assert.deepEqual(of({ baseline: 'none', scaling: 'none' }), [1, 2, 3, 6]);
  const deviation = Math.sqrt(2.5);
  assert.deepEqual(
    of({ baseline: 'time', scaling: 'std' }),
    [-1, -2, 1, 2].map((x) => x / deviation),
  );
  const standardized = of({ baseline: 'none', scaling: 'standardize' });
  assert.ok(Math.abs(standardized.reduce((a, b) => a + b)) < 1e-12);
  assert.ok(Math.abs(standardized.reduce((a, b) => a + b * b, 0) / 4 - 1) < 1e-12);
});

test('advantages: nothing to learn from equal returns, and no division by zero', () => {
  const batch = paths([4], [4], [4]);
  assert.deepEqual([...advantages(batch, estimatorSchema.parse({}))], [0, 0, 0]);
});

test('the batch is not touched', () => {
  const batch = paths([1, 2], [3, 6]);
  advantages(batch, estimatorSchema.parse({}));
  assert.deepEqual([...batch.returns], [1, 2, 3, 6]);
});
