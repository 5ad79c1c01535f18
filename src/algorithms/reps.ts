import { z } from 'zod';
import { allEqual } from '../base/rounding.js';
import { repsWeights } from '../optimize/reps-dual.js';
import { stay } from '../optimize/trust-region.js';
import { singlePathSchema } from '../rollout/paths.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { fitByLikelihood, fitSchema } from './max-likelihood.js';
import { onPolicy } from './on-policy.js';
import { singlePaths } from './single-paths.js';

export const repsSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  /** ε: bound of the relative entropy between the new and the old distribution of samples, in nats. */
  epsilon: z.number().gt(0).default(0.5),
  /** First temperature η of the dual. */
  initialTemperature: z.number().gt(0).default(15),
  dualEvaluations: z.int().min(1).max(10_000).default(50),
  fit: fitSchema.prefault({ evaluations: 50 }),
});
export type RepsOptions = z.output<typeof repsSchema>;

/**
 * Relative entropy policy search (Peters, Mülling, Altün 2010): sample weights exp(Bellman error / η) from the dual, then
 * weighted maximum likelihood. The paper names it without giving settings; these are those of rllab.
 */
export const reps = defineAlgorithm({
  name: 'reps',
  distributed: true,
  summary: 'relative entropy policy search',
  options: repsSchema,
  columns: surrogateColumns,
  create(context, { sampling, epsilon, initialTemperature, dualEvaluations, fit }) {
    return onPolicy(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, start) {
        // No step and no path is better than another: nothing to learn.
        if (allEqual(batch.rewards) && allEqual(batch.episodes.returns)) return stay(start, Number.NaN);
        const weights = await repsWeights(
          batch,
          { epsilon, initialTemperature, evaluations: dualEvaluations },
          start.signal,
        );
        if (weights === null) return stay(start, Number.NaN);
        const rows = Int32Array.from({ length: batch.states }, (_, i) => i);
        return fitByLikelihood(batch, start, rows, weights, fit);
      },
    });
  },
});
