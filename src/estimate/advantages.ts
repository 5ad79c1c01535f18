import { z } from 'zod';
import { parseOptions } from '../base/options.js';
import { checkedSize, isRounding, rootMeanSquare } from '../base/rounding.js';
import type { PathBatch } from '../rollout/types.js';
import { checkReturns, timeDependentBaseline } from './baseline.js';
import { discountAt, discountFields } from './discount.js';
import { discountedReturns } from './returns.js';

export const estimatorSchema = z.strictObject({
  ...discountFields,
  /** time: mean return at the same time over paths. constant: mean over the batch. none: zero. */
  baseline: z.enum(['time', 'constant', 'none']).default('time'),
  /** std: divided by their standard deviation. standardize: mean subtracted first. none: as they are. */
  scaling: z.enum(['std', 'standardize', 'none']).default('std'),
});
export type EstimatorOptions = z.output<typeof estimatorSchema>;

/**
 * Monte Carlo advantages of the steps of paths: discounted returns less a baseline, scaled. All zero where they are equal
 * but for rounding.
 * @param iteration decides γ where the options let it grow
 * @returns [S]
 * @throws ArgumentError, NotFoundError; TrellisError ERR_DIVERGED if a return is not finite
 */
export function advantages(
  batch: Pick<PathBatch, 'rewards' | 'timeIndex' | 'episodes'>,
  given: z.input<typeof estimatorSchema> = {},
  iteration = 0,
): Float64Array {
  const options = parseOptions(estimatorSchema, given, 'estimator options');
  const { rewards, timeIndex, episodes } = batch ?? {};
  const returns = discountedReturns(rewards, episodes?.offsets, discountAt(options, iteration));
  return advantagesOf(returns, timeIndex, options);
}

/** Advantages of given returns [S]. @param timeIndex of each within its path [S] */
export function advantagesOf(
  returns: Float64Array,
  timeIndex: Int32Array,
  options: Pick<EstimatorOptions, 'baseline' | 'scaling'>,
): Float64Array {
  checkReturns(returns, timeIndex);
  const size = checkedSize(returns, 'return');
  const result = Float64Array.from(returns);
  if (options.baseline === 'time') {
    const baseline = timeDependentBaseline(returns, timeIndex);
    for (let i = 0; i < result.length; i++) result[i] -= baseline[timeIndex[i]];
  } else if (options.baseline === 'constant') {
    shift(result, -mean(returns));
  }
  return scaleAdvantages(result, options.scaling, size);
}

/**
 * Scales in place and returns the array. All equal: zero, since there is nothing to learn.
 * @param size of the returns that the values were made of
 */
export function scaleAdvantages(
  values: Float64Array,
  scaling: EstimatorOptions['scaling'],
  size = rootMeanSquare(values),
): Float64Array {
  const centre = mean(values);
  const deviation = deviationFrom(centre, values);
  if (isRounding(deviation, size, values.length)) return values.fill(0);
  if (scaling === 'none') return values;
  if (scaling === 'standardize') shift(values, -centre);
  for (let i = 0; i < values.length; i++) values[i] /= deviation;
  return values;
}

/** What counts as one advantage: 1 if they were scaled, else their standard deviation, in the rewards' unit. */
export function advantageUnit(values: Float64Array, { scaling }: Pick<EstimatorOptions, 'scaling'>): number {
  return scaling === 'none' ? deviationFrom(mean(values), values) : 1;
}

function deviationFrom(centre: number, values: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2;
  return Math.sqrt(squares / values.length);
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function shift(values: Float64Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i] += by;
}
