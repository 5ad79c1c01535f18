import { z } from 'zod';
import { checkedSize, isRounding } from '../base/rounding.js';

export const vineEstimatorSchema = z.strictObject({
  /** γ */
  discount: z.number().min(0).max(1).default(0.99),
  /** Subtract from each Q the mean over its state's K actions. */
  center: z.boolean().default(true),
  /** state-std: divide all by the mean over states of each state's standard deviation. none: leave them. */
  scaling: z.enum(['state-std', 'none']).default('state-std'),
});
export type VineEstimatorOptions = z.output<typeof vineEstimatorSchema>;

/**
 * Advantages of a vine batch [A]: each state's Q values about their mean, on a common scale (as the original code). All
 * zero where every state's are equal but for rounding.
 * @param q discounted rewards of the branches [S × K]
 * @throws TrellisError ERR_DIVERGED if one is not finite
 */
export function vineAdvantages(q: Float64Array, states: number, options: VineEstimatorOptions): Float64Array {
  const k = q.length / states;
  const size = checkedSize(q, 'Q value');
  const result = Float64Array.from(q);
  const scale = stateDeviation(q, states, (mean, from) => {
    if (options.center) for (let i = from; i < from + k; i++) result[i] -= mean;
  });
  if (isRounding(scale, size, k)) return result.fill(0);
  if (options.scaling === 'state-std') for (let i = 0; i < result.length; i++) result[i] /= scale;
  return result;
}

/** What counts as one advantage: 1 if they were scaled, else the mean deviation of a state's, in the rewards' unit. */
export function vineUnit(
  advantages: Float64Array,
  states: number,
  { scaling }: Pick<VineEstimatorOptions, 'scaling'>,
): number {
  return scaling === 'none' ? stateDeviation(advantages, states) : 1;
}

/** Mean over states of the standard deviation of each state's Q values. @param onState gets their mean and first */
function stateDeviation(q: Float64Array, states: number, onState?: (mean: number, from: number) => void): number {
  const k = q.length / states;
  let deviations = 0;
  for (let s = 0; s < states; s++) {
    let mean = 0;
    for (let i = s * k; i < (s + 1) * k; i++) mean += q[i] / k;
    let squares = 0;
    for (let i = s * k; i < (s + 1) * k; i++) squares += (q[i] - mean) ** 2;
    deviations += Math.sqrt(squares / k);
    onState?.(mean, s * k);
  }
  return deviations / states;
}
