import { z } from 'zod';
import type { Batch } from '../sample/types.js';
import { timeDependentBaseline } from './baseline.js';
import { discountFields } from './discount.js';

export const estimatorSchema = z.strictObject({
  ...discountFields,
  /** time: mean return at the same time over paths. constant: mean over the batch. none: zero. */
  baseline: z.enum(['time', 'constant', 'none']).default('time'),
  /** std: divided by their standard deviation. standardize: mean subtracted first. none: as they are. */
  scaling: z.enum(['std', 'standardize', 'none']).default('std'),
});
export type EstimatorOptions = z.output<typeof estimatorSchema>;

/** Advantages of a single-path batch: returns less a baseline, scaled [A]. */
export function advantages(batch: Pick<Batch, 'returns' | 'timeIndex'>, options: EstimatorOptions): Float64Array {
  const { returns, timeIndex } = batch;
  const result = Float64Array.from(returns);
  if (options.baseline === 'time') {
    const baseline = timeDependentBaseline(returns, timeIndex);
    for (let i = 0; i < result.length; i++) result[i] -= baseline[timeIndex[i]];
  } else if (options.baseline === 'constant') {
    shift(result, -mean(returns));
  }
  return scaleAdvantages(result, options.scaling);
}

/** Scales in place and returns the array. All equal (nothing to learn): left as they are, or zero if standardised. */
export function scaleAdvantages(values: Float64Array, scaling: EstimatorOptions['scaling']): Float64Array {
  if (scaling === 'none') return values;
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2;
  const deviation = Math.sqrt(squares / values.length);
  if (scaling === 'standardize') shift(values, -centre);
  if (deviation > 0) for (let i = 0; i < values.length; i++) values[i] /= deviation;
  return values;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function shift(values: Float64Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i] += by;
}
