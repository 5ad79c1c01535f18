import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minibatches, shuffledIndices } from '../../src/rollout/minibatches.js';

test('every index once, the last part shorter', () => {
  const parts = [...minibatches(10, 4, [1, 2])].map((part) => [...part]);
  assert.deepEqual(
    parts.map((part) => part.length),
    [4, 4, 2],
  );
  assert.deepEqual(
    parts.flat().sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual([...minibatches(0, 4, [1, 2])], []);
});

test('the order depends on the key alone', () => {
  assert.deepEqual(shuffledIndices(100, [3, 4]), shuffledIndices(100, [3, 4]));
  assert.notDeepEqual(shuffledIndices(100, [3, 4]), shuffledIndices(100, [3, 5]));
});

test('all orders are equally likely', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffledIndices(3, [i, 7]).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // Five standard deviations of a binomial draw of 6,000 with probability 1/6.
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 5 * 29, `${count}`);
});

test('counts that are none', () => {
  assert.throws(() => [...minibatches(-1, 4, [0, 0])], /a number of samples/);
  assert.throws(() => [...minibatches(4, 0, [0, 0])], /a positive integer/);
});
