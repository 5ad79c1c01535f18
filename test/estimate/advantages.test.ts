import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advantages, advantagesOf, estimatorSchema } from '../../src/estimate/advantages.js';
import { timeDependentBaseline } from '../../src/estimate/baseline.js';
import { discountedQ } from '../../src/estimate/discounted-q.js';
import { vineAdvantages, vineEstimatorSchema } from '../../src/estimate/vine-advantages.js';
import type { Episodes } from '../../src/rollout/types.js';

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
  const of = (given: object) => [...advantagesOf(batch.returns, batch.timeIndex, estimatorSchema.parse(given))];
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

test('advantages of a batch: of its discounted returns, with the discount of the iteration', () => {
  const batch = {
    rewards: Float32Array.of(1, 2, 4, 8),
    timeIndex: Int32Array.of(0, 1, 0, 1),
    episodes: { offsets: Int32Array.of(0, 2, 4) } as Episodes,
  };
  const options = { discount: 0.5, growth: { discount: 0.75, to: 10 }, baseline: 'none', scaling: 'none' } as const;
  assert.deepEqual([...advantages(batch, options)], [2, 2, 8, 8]);
  assert.deepEqual([...advantages(batch, options, 10)], [2.5, 2, 10, 8]);
});

test('advantages: nothing to learn from equal returns, and no division by zero', () => {
  const batch = paths([4], [4], [4]);
  assert.deepEqual([...advantagesOf(batch.returns, batch.timeIndex, estimatorSchema.parse({}))], [0, 0, 0]);
});

test('the batch is not touched', () => {
  const batch = paths([1, 2], [3, 6]);
  advantagesOf(batch.returns, batch.timeIndex, estimatorSchema.parse({}));
  assert.deepEqual([...batch.returns], [1, 2, 3, 6]);
});

test('advantages: what rounding leaves of equal returns is none, however many there are and however large', () => {
  const path = Array.from({ length: 10 }, (_, t) => (1 - 0.99 ** (10 - t)) / 0.01);
  for (const count of [5, 8, 9, 10, 5000]) {
    for (const unit of [0.1, 1e-30, 3e30]) {
      const batch = paths(...Array.from({ length: count }, () => path.map((value) => unit * value)));
      for (const scaling of ['std', 'standardize', 'none']) {
        const values = advantagesOf(batch.returns, batch.timeIndex, estimatorSchema.parse({ scaling }));
        assert.ok(
          values.every((value) => value === 0),
          `${count} ${unit} ${scaling}`,
        );
      }
    }
  }
});

test('advantages: a small difference is still something to learn', () => {
  const batch = paths([1000, 1], [1000, 1], [1000, 1], [1000, 1], [1000.000001, 1]);
  const values = advantagesOf(batch.returns, batch.timeIndex, estimatorSchema.parse({}));
  assert.ok(Math.abs(Math.hypot(...values) - Math.sqrt(10)) < 1e-9);
});

test('advantages: a return that is not finite, or too large to be squared, is an error that says which', () => {
  const of = (value: number) => () => {
    const { returns, timeIndex } = paths([1, 2], [3, value]);
    return advantagesOf(returns, timeIndex, estimatorSchema.parse({}));
  };
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    assert.throws(of(value), { code: 'ERR_DIVERGED', message: new RegExp(`return 3 is ${value}`) });
  }
  assert.throws(of(1e200), { code: 'ERR_DIVERGED', message: /too large/ });
});

test('vine: centred per state, on a common scale; equal Q values are nothing to learn', () => {
  const of = (q: number[], given: object = {}) => [
    ...vineAdvantages(Float64Array.from(q), q.length / 2, vineEstimatorSchema.parse(given)),
  ];
  assert.deepEqual(of([1, 3, 10, 16]), [-0.5, 0.5, -1.5, 1.5]);
  assert.deepEqual(of([1, 3, 10, 16], { scaling: 'none' }), [-1, 1, -3, 3]);
  assert.deepEqual(of([0.1 + 0.2, 0.3, 7, 7]), [0, 0, 0, 0]);
  assert.deepEqual(of([0.1 + 0.2, 0.3, 7, 7], { center: false, scaling: 'none' }), [0, 0, 0, 0]);
  assert.throws(() => of([1, 2, 3, Number.NaN]), { code: 'ERR_DIVERGED', message: /Q value 3 is NaN/ });
});

test('Q of branches: discounted sums, each batch from its first step on', () => {
  const estimate = discountedQ(0.5);
  for (let batch = 0; batch < 2; batch++) {
    const q = new Float64Array(2);
    estimate(q, Float64Array.of(1, 8), 0);
    estimate(q, Float64Array.of(2, 4), 1);
    estimate(q, Float64Array.of(4, 0), 2);
    assert.deepEqual([...q], [3, 10]);
  }
  for (const discount of [-0.1, 1.1, Number.NaN, '1' as never]) {
    assert.throws(() => discountedQ(discount), { code: 'ERR_ARGUMENT', message: /discount/ });
  }
});
