import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimatorSchema } from '../../src/estimate/advantages.js';
import { discountAt } from '../../src/estimate/discount.js';

const discounts = (options: object, iterations: number[]) =>
  iterations.map((iteration) => discountAt(estimatorSchema.parse(options), iteration));

test('one discount for all iterations unless told otherwise', () => {
  assert.deepEqual(discounts({}, [0, 70, 5000]), [0.99, 0.99, 0.99]);
});

test('a growing discount: the horizon grows evenly between the two iterations', () => {
  const options = { discount: 0.98, growth: { discount: 0.99, from: 60, to: 100 } };
  const horizons = discounts(options, [0, 60, 70, 80, 99, 100, 5000]).map((discount) => 1 / (1 - discount));
  for (const [i, expected] of [50, 50, 62.5, 75, 98.75, 100, 100].entries()) {
    assert.ok(Math.abs(horizons[i] - expected) < 1e-9, `${horizons[i]} instead of ${expected}`);
  }
  assert.deepEqual(discounts(options, [60, 100]), [0.98, 0.99]);
});

test('refuses growth that goes backwards or never ends', () => {
  const growth = { discount: 0.99, from: 5, to: 5 };
  assert.throws(() => estimatorSchema.parse({ growth }), /from < to/);
  assert.throws(() => estimatorSchema.parse({ growth: { ...growth, to: 9, discount: 1 } }), /<1/);
});
