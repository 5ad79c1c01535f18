import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKey, uniform } from '../base/random.js';

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a sample (divides by n - 1); 0 of one value, NaN of none. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return values.length === 1 ? 0 : NaN;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * Interquartile mean: the mean of the middle half, values on the quartiles' edges weighted by the part of them that lies
 * inside, so that it is continuous in n (Agarwal et al., "Deep reinforcement learning at the edge of the statistical
 * precipice", NeurIPS 2021).
 */
export function interquartileMean(values: readonly number[]): number {
  const n = values.length;
  if (n === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const low = n / 4;
  const high = (3 * n) / 4;
  let sum = 0;
  sorted.forEach((value, i) => {
    sum += value * Math.max(0, Math.min(i + 1, high) - Math.max(i, low));
  });
  return sum / (high - low);
}

/**
 * Percentile bootstrap interval of a statistic, with a fixed stream of resamples (the same input gives the same interval).
 * @param level 0 … 1; default 0.95
 * @returns [low, high]; both NaN of nothing
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  { level = 0.95, resamples = 2000, seed = 0 } = {},
): [number, number] {
  if (!(level > 0 && level < 1))
    throw new ArgumentError(`level is ${level}`, { value: level, expected: '0 < level < 1' });
  const n = values.length;
  if (n === 0) return [NaN, NaN];
  const [k0, k1] = streamKey(seed, Purpose.scratch);
  const statistics = Array.from({ length: resamples }, (_, r) =>
    statistic(Array.from({ length: n }, (_, i) => values[Math.floor(uniform(k0, k1, r, i) * n)])),
  ).sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return [quantile(statistics, tail), quantile(statistics, 1 - tail)];
}

/**
 * Percentile bootstrap interval of a statistic of several groups, each resampled by itself: runs of a task stay runs of
 * that task (Agarwal et al. 2021). The stream of resamples is fixed.
 * @param strata values of each group, e.g. the scores of a task's runs; empty ones stay empty
 * @param level 0 … 1; default 0.95
 * @returns [low, high]; both NaN where there is no value at all
 */
export function stratifiedInterval(
  strata: readonly (readonly number[])[],
  statistic: (strata: readonly (readonly number[])[]) => number,
  { level = 0.95, resamples = 2000, seed = 0 } = {},
): [number, number] {
  if (!(level > 0 && level < 1))
    throw new ArgumentError(`level is ${level}`, { value: level, expected: '0 < level < 1' });
  if (strata.every(({ length }) => length === 0)) return [NaN, NaN];
  const keys = strata.map((_, k) => streamKey(seed, Purpose.scratch, 0, k));
  const statistics = Array.from({ length: resamples }, (_, r) =>
    statistic(
      strata.map((values, k) => {
        const [k0, k1] = keys[k];
        return values.map((_value, i) => values[Math.floor(uniform(k0, k1, r, i) * values.length)]);
      }),
    ),
  ).sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return [quantile(statistics, tail), quantile(statistics, 1 - tail)];
}

/**
 * Performance profile: the share of runs whose score is above each threshold, every task counting the same whatever its
 * number of runs (Agarwal et al. 2021). Tasks without runs are left out; NaN where there are none.
 * @param strata scores of each task's runs
 */
export function performanceProfile(strata: readonly (readonly number[])[], thresholds: readonly number[]): number[] {
  const tasks = strata.filter(({ length }) => length > 0);
  return thresholds.map((threshold) =>
    mean(tasks.map((scores) => scores.filter((score) => score > threshold).length / scores.length)),
  );
}

/** Linear-interpolation quantile of sorted values, 0 <= q <= 1. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * Exponentially weighted moving average with weight 2 / (span + 1) on the newest value and weights normalised from the
 * start, so that the first value stands for itself. NaN values are passed over.
 */
export function smooth(values: readonly number[], span: number): number[] {
  const keep = 1 - 2 / (span + 1);
  let weighted = 0;
  let weights = 0;
  return values.map((value) => {
    if (!Number.isNaN(value)) {
      weighted = keep * weighted + value;
      weights = keep * weights + 1;
    }
    return weighted / weights;
  });
}

/** Mean of the last `count` values (of all, where there are fewer). */
export function tailMean(values: readonly number[], count: number): number {
  return mean(values.slice(-count));
}
