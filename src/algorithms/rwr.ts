import { z } from 'zod';
import { exp } from '../base/math.js';
import { allEqual } from '../base/rounding.js';
import { rank } from '../optimize/ranking.js';
import { stay } from '../optimize/trust-region.js';
import { singlePathSchema } from '../rollout/paths.js';
import type { Episodes } from '../rollout/types.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { fitByLikelihood, fitSchema } from './max-likelihood.js';
import { onPolicy } from './on-policy.js';
import { singlePaths } from './single-paths.js';

export const rwrSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  /**
   * top-fraction: all samples of the best paths count alike (the original code). exponential: every path counts with
   * exp(temperature · (return - best) / spread of returns). adaptive: exp(-τ c), c what a path's return is below the batch's
   * best and τ the rate that fits the weighted c of the iteration before (Peters & Schaal 2007).
   */
  weighting: z.enum(['top-fraction', 'exponential', 'adaptive']).default('top-fraction'),
  topFraction: z.number().gt(0).max(1).default(0.1),
  /** β of the `exponential` weights, per standard deviation of the returns. */
  temperature: z.number().gt(0).default(1),
  fit: fitSchema.prefault({}),
});
export type RwrOptions = z.output<typeof rwrSchema>;

/** Reward-weighted regression: maximum likelihood of the actions of well-paid paths (section 8.1). */
export const rwr = defineAlgorithm({
  name: 'rwr',
  distributed: true,
  summary: 'reward-weighted regression: maximum likelihood of the best paths',
  options: rwrSchema,
  columns: surrogateColumns,
  create(context, options) {
    const adaptive = options.weighting === 'adaptive';
    // τ; zero before the first batch.
    const memory = new Float64Array(1);
    return onPolicy(context, {
      ...(adaptive ? { memory } : {}),
      sampler: singlePaths(context, options.sampling),
      update(batch, start) {
        // No path is better than another: nothing to learn.
        if (allEqual(batch.episodes.returns)) return stay(start, Number.NaN);
        const { returns } = batch.episodes;
        const perPath = adaptive ? adaptiveWeights(returns, memory) : pathWeights(returns, options);
        const { rows, weights } = samplesOf(batch.episodes, perPath);
        return fitByLikelihood(batch, start, rows, weights, options.fit);
      },
    });
  },
});

/** Weight of each path [E]; zero: left out. */
export function pathWeights(returns: Float64Array, options: RwrOptions): Float64Array {
  const count = returns.length;
  const order = rank(returns, count);
  if (options.weighting === 'top-fraction') {
    const weights = new Float64Array(count);
    for (let r = 0; r < Math.max(1, Math.round(options.topFraction * count)); r++) weights[order[r]] = 1;
    return weights;
  }
  const mean = returns.reduce((a, b) => a + b, 0) / count;
  const spread = Math.sqrt(returns.reduce((a, b) => a + (b - mean) ** 2, 0) / count) || 1;
  return returns.map((value) => exp((options.temperature * (value - returns[order[0]])) / spread));
}

/**
 * Weights exp(-τ c) of paths [E], c >= 0 what each return is below the best. τ starts at one over the mean of c; afterwards
 * it becomes Σ w / Σ w c, the maximum of the transformed rewards' likelihood Σ w log(τ exp(-τ c)) (Peters & Schaal 2007,
 * the adaptive reward transformation, with returns of paths in the place of rewards of single steps).
 * @param memory τ: that of these weights comes in (zero: none yet), the next one's goes out
 */
export function adaptiveWeights(returns: Float64Array, memory: Float64Array): Float64Array {
  const best = returns.reduce((a, b) => Math.max(a, b));
  const costs = returns.map((value) => best - value);
  const rate = memory[0] > 0 ? memory[0] : returns.length / costs.reduce((a, b) => a + b, 0);
  const weights = costs.map((cost) => exp(-rate * cost));
  const [sum, weighted] = [weights.reduce((a, b) => a + b, 0), weights.reduce((a, w, i) => a + w * costs[i], 0)];
  // The best path alone has a weight: no rate fits that.
  memory[0] = weighted > 0 && Number.isFinite(sum / weighted) ? sum / weighted : rate;
  return weights;
}

/** All steps of the paths with a weight above zero. */
function samplesOf(episodes: Episodes, weights: Float64Array): { rows: Int32Array; weights: Float64Array } {
  const rows: number[] = [];
  const perRow: number[] = [];
  for (let path = 0; path < episodes.count; path++) {
    if (weights[path] === 0) continue;
    for (let i = episodes.offsets[path]; i < episodes.offsets[path + 1]; i++) {
      rows.push(i);
      perRow.push(weights[path]);
    }
  }
  return { rows: Int32Array.from(rows), weights: Float64Array.from(perRow) };
}
