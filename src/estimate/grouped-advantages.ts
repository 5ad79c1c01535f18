import { checkedSize, isRounding } from '../base/rounding.js';
import type { GroupedBatch } from '../rollout/grouped.js';
import type { PathBatch } from '../rollout/types.js';
import { advantages, advantageUnit, type EstimatorOptions } from './advantages.js';
import { MINIMUM_PATHS } from './baseline.js';
import { discountAt } from './discount.js';
import { discountedReturns } from './returns.js';

/** Advantages of the steps of each of this process's groups, and what counts as one. */
export interface GroupedAdvantages {
  readonly own: readonly Float64Array[];
  readonly unit: number;
}

/**
 * Monte Carlo advantages of a batch in groups, as `advantages` makes those of a whole one: baseline and moments are of all
 * groups, made of sums over each.
 */
export async function groupedAdvantages(
  batch: GroupedBatch<PathBatch>,
  options: EstimatorOptions,
  iteration: number,
): Promise<GroupedAdvantages> {
  const { groups, own } = batch;
  if (groups.single) {
    const values = advantages(own[0], options, iteration);
    return { own: [values], unit: advantageUnit(values, options) };
  }
  const discount = discountAt(options, iteration);
  const values = own.map(({ rewards, episodes }) => discountedReturns(rewards, episodes.offsets, discount));
  const sizes = values.map((returns) => checkedSize(returns, 'return'));
  const rows = await groups.gatherNumbers(values.map((returns, i) => [returns.length, sum(returns), sizes[i] ** 2]));
  const count = total(rows, ([states]) => states);
  const mean = total(rows, ([, returns]) => returns) / count;
  const size = Math.sqrt(total(rows, ([states, , square]) => states * square) / count);
  if (options.baseline === 'time') await subtractBaseline(batch, values);
  else if (options.baseline === 'constant') for (const one of values) shift(one, -mean);
  return scale(batch, values, options, { count, size });
}

/** Less the mean return at the same time, over the paths of all groups: see `timeDependentBaseline`. */
async function subtractBaseline(
  { groups, own, whole }: GroupedBatch<PathBatch>,
  values: Float64Array[],
): Promise<void> {
  const length = whole.episodes.lengths.reduce((most, steps) => Math.max(most, steps), 0);
  const sums = await groups.sum(
    own.map(({ timeIndex }, g) => {
      const perTime = new Float64Array(2 * length);
      for (let i = 0; i < timeIndex.length; i++) {
        perTime[timeIndex[i]] += values[g][i];
        perTime[length + timeIndex[i]]++;
      }
      return perTime;
    }),
  );
  const paths = sums.subarray(length);
  const baseline = sums.slice(0, length);
  const enough = Math.min(MINIMUM_PATHS, paths[0]);
  for (let t = 0; t < length; t++) baseline[t] = paths[t] >= enough ? baseline[t] / paths[t] : baseline[t - 1];
  own.forEach(({ timeIndex }, g) => {
    for (let i = 0; i < timeIndex.length; i++) values[g][i] -= baseline[timeIndex[i]];
  });
}

async function scale(
  { groups }: GroupedBatch<PathBatch>,
  values: Float64Array[],
  { scaling }: EstimatorOptions,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<GroupedAdvantages> {
  const sums = await groups.gatherNumbers(values.map((one) => [sum(one)]));
  const centre = total(sums, ([one]) => one) / count;
  const squares = await groups.gatherNumbers(
    values.map((one) => {
      let around = 0;
      for (let i = 0; i < one.length; i++) around += (one[i] - centre) ** 2;
      return [around];
    }),
  );
  const deviation = Math.sqrt(total(squares, ([around]) => around) / count);
  if (isRounding(deviation, size, count)) {
    for (const one of values) one.fill(0);
    return { own: values, unit: scaling === 'none' ? 0 : 1 };
  }
  if (scaling === 'none') return { own: values, unit: deviation };
  for (const one of values) {
    if (scaling === 'standardize') shift(one, -centre);
    for (let i = 0; i < one.length; i++) one[i] /= deviation;
  }
  return { own: values, unit: 1 };
}

function sum(values: Float64Array): number {
  let all = 0;
  for (let i = 0; i < values.length; i++) all += values[i];
  return all;
}

function shift(values: Float64Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i] += by;
}

function total(rows: readonly Float64Array[], of: (row: Float64Array) => number): number {
  return rows.reduce((all, row) => all + of(row), 0);
}
