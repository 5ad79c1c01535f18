import { z } from 'zod';

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
 * Advantages of a vine batch [A]: each state's Q values about their mean, on a common scale (as the original code).
 * @param q discounted rewards of the branches [S × K]
 */
export function vineAdvantages(q: Float64Array, states: number, options: VineEstimatorOptions): Float64Array {
  const k = q.length / states;
  const result = Float64Array.from(q);
  let deviations = 0;
  for (let s = 0; s < states; s++) {
    let mean = 0;
    for (let i = s * k; i < (s + 1) * k; i++) mean += q[i] / k;
    let squares = 0;
    for (let i = s * k; i < (s + 1) * k; i++) {
      squares += (q[i] - mean) ** 2;
      if (options.center) result[i] -= mean;
    }
    deviations += Math.sqrt(squares / k);
  }
  const scale = deviations / states;
  if (options.scaling === 'state-std' && scale > 0) for (let i = 0; i < result.length; i++) result[i] /= scale;
  return result;
}
