import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discountedReturns } from '../../src/estimate/returns.js';

test('discounted returns by hand; a path does not see the next one', () => {
  const rewards = Float32Array.of(1, 2, 4, 8, 16);
  const returns = discountedReturns(rewards, Int32Array.of(0, 3, 5), 0.5);
  assert.deepEqual([...returns], [3, 4, 4, 16, 16]);
});

test('no discount, full discount, an empty batch', () => {
  const rewards = Float32Array.of(1, 2, 3);
  const offsets = Int32Array.of(0, 3);
  assert.deepEqual([...discountedReturns(rewards, offsets, 1)], [6, 5, 3]);
  assert.deepEqual([...discountedReturns(rewards, offsets, 0)], [1, 2, 3]);
  assert.deepEqual([...discountedReturns(new Float32Array(0), Int32Array.of(0), 1)], []);
});
