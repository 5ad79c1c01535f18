import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Purpose, streamKey, uniform } from '../../src/base/random.js';
import {
  bootstrapInterval,
  interquartileMean,
  mean,
  performanceProfile,
  quantile,
  smooth,
  standardDeviation,
  stratifiedInterval,
} from '../../src/report/statistics.js';

test('interquartile mean: whole middle half, fractional edges, and one value', () => {
  assert.equal(interquartileMean([6, 1, 2, 4, 3, 5, 700, 8]), (3 + 4 + 5 + 6) / 4);
  assert.equal(interquartileMean([100, 2, 3, 4, -50]), (0.75 * 2 + 3 + 0.75 * 4) / 2.5);
  assert.equal(interquartileMean([7]), 7);
  assert.ok(Number.isNaN(interquartileMean([])));
});

test('standard deviation and quantiles of known samples', () => {
  assert.equal(standardDeviation([1, 2, 3, 4]), Math.sqrt(5 / 3));
  assert.equal(standardDeviation([5]), 0);
  assert.equal(quantile([0, 10], 0.25), 2.5);
});

test('a 95 % bootstrap interval of the mean covers the true mean about that often', () => {
  let covered = 0;
  const trials = 200;
  for (let trial = 0; trial < trials; trial++) {
    const [k0, k1] = streamKey(3, Purpose.scratch, trial);
    const sample = Array.from({ length: 20 }, (_, i) => uniform(k0, k1, i, 0));
    const [low, high] = bootstrapInterval(sample, mean, { resamples: 300 });
    assert.ok(low < high);
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  // The percentile interval is a little short at n = 20: nominal 0.95, binomial deviation 0.015.
  assert.ok(covered / trials > 0.88 && covered / trials <= 0.99, `covered ${covered / trials}`);
});

test('the same sample gives the same interval', () => {
  assert.deepEqual(
    bootstrapInterval([1, 2, 4, 8], interquartileMean),
    bootstrapInterval([1, 2, 4, 8], interquartileMean),
  );
});

test('smoothing starts at the first value, passes over NaN and converges to a constant', () => {
  const smoothed = smooth([4, NaN, 0, ...Array<number>(60).fill(1)], 10);
  assert.equal(smoothed[0], 4);
  assert.equal(smoothed[1], 4);
  assert.ok(smoothed[2] > 0 && smoothed[2] < 4);
  assert.ok(Math.abs(smoothed.at(-1)! - 1) < 1e-4);
});

test('a stratified interval resamples each group by itself', () => {
  const total = (strata: readonly (readonly number[])[]) => mean(strata.map(mean));
  // Groups without spread leave nothing to resample, however far apart they are.
  assert.deepEqual(
    stratifiedInterval(
      [
        [0, 0, 0],
        [100, 100],
      ],
      total,
    ),
    [50, 50],
  );
  assert.notDeepEqual(bootstrapInterval([0, 0, 0, 100, 100], mean), [40, 40]);
  assert.ok(stratifiedInterval([[], []], total).every(Number.isNaN));
  assert.throws(() => stratifiedInterval([[1]], total, { level: 1 }), { code: 'ERR_ARGUMENT' });
});

test('a stratified interval of the mean of two groups has the width of their known deviations', () => {
  // Values ±1 in one group and ±3 in the other, 50 of each: the mean of means has variance (1 + 9) / 50 / 4.
  const alternating = (size: number) => Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? size : -size));
  const strata = [alternating(1), alternating(3)];
  const [low, high] = stratifiedInterval(strata, (groups) => mean(groups.map(mean)), { resamples: 4000 });
  const expected = 1.96 * Math.sqrt(10 / 50 / 4);
  // 4000 resamples: the ends of a 95 % interval are known to some 3 % of the width.
  assert.ok(Math.abs(high - expected) < 0.1 * expected, `${high} for ${expected}`);
  assert.ok(Math.abs(low + expected) < 0.1 * expected, `${low} for ${-expected}`);
});

test('a performance profile is the share of runs above each threshold, tasks counting alike', () => {
  const strata = [[1, 2, 3, 4], [10], []];
  assert.deepEqual(performanceProfile(strata, [0, 1, 2.5, 4, 10]), [1, (0.75 + 1) / 2, (0.5 + 1) / 2, 0.5, 0]);
  assert.ok(Number.isNaN(performanceProfile([[], []], [0])[0]));
});
