import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, comparePairs, formatTable, geometricMean, measure, median } from '../../bench/harness.js';

test('median and geometric mean', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Math.abs(geometricMean([2, 8]) - 4) < 1e-12);
});

test('measure interleaves the sides and finds the one that does twice as much', async () => {
  const order: string[] = [];
  let clock = 0;
  const spend = (name: string, units: number) => () => {
    order.push(name);
    // A machine that gets slower and slower, the same for both sides; one repetition is disturbed.
    clock += 5 + order.length / 10 + (order.length === 5 ? 1000 : 0);
    return units;
  };
  const sides = { a: spend('a', 2), b: spend('b', 1) };
  const rates = await measure(sides, { seconds: 0.001, repetitions: 7, now: () => clock });
  assert.ok(Math.abs(rates.a / rates.b - 2) < 0.1, `${rates.a} / ${rates.b}`);
  assert.equal(order.join(''), 'ab'.repeat(8));
});

test('pairs of neighbours keep their ratio where the machine drifts', () => {
  const row = { name: 'x', unit: 'steps/s' };
  // Half as fast from the third repetition on, between its two sides; the ratio of medians would be 0.4.
  const pairs = comparePairs(row, [80, 80, 40, 40, 40], { name: 'C loop', values: [100, 100, 100, 50, 50] });
  assert.equal(pairs.ratio, 0.8);
  assert.deepEqual([pairs.value, pairs.baseline?.value], [40, 100]);
});

test('the table says which numbers were met', () => {
  const met = compare({ name: 'x', unit: 'steps/s', atLeast: 0.9, reachFor: 1 }, 95, { name: 'C loop', value: 100 });
  const missed = compare({ name: 'y', unit: 'steps/s', atLeast: 0.9 }, 80_000, { name: 'C loop', value: 100_000 });
  assert.equal(met.ratio, 0.95);
  const less = (value: number) => ({ name: 'z', unit: 'ms', value, ratio: value, atMost: 1.1 });
  const [, first, second, third, fourth] = formatTable([met, missed, less(1.05), less(1.2)]).split('\n');
  assert.match(first!, /^x +95\.0 steps\/s +C loop: 100 +0\.950 +>= 0\.9 +1 +met$/);
  assert.match(second!, /80\.0k steps\/s.*MISSED$/);
  assert.match(third!, /<= 1\.1 +met$/);
  assert.match(fourth!, /<= 1\.1 +MISSED$/);
});
