import { z } from 'zod';
import { advantages, estimatorSchema } from '../estimate/advantages.js';
import { lineSearch } from '../optimize/line-search.js';
import { maxKlDirection } from '../optimize/max-kl.js';
import { importanceSampledSurrogate } from '../optimize/objectives.js';
import { stateMetrics } from '../optimize/state-metrics.js';
import { accept, evaluateAt, gradientAt, stay } from '../optimize/trust-region.js';
import { dot, stepFrom } from '../optimize/vectors.js';
import { singlePathSchema } from '../rollout/paths.js';
import { gatherRows } from '../rollout/rows.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { onPolicy } from './on-policy.js';
import { singlePaths } from './single-paths.js';

export const maxKlSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  estimator: estimatorSchema.prefault({}),
  /** δ: bound of the KL divergence at every state, in nats. The original code tried 0.03 and 0.1, too. */
  klLimit: z.number().gt(0).default(0.01),
  /**
   * Share of δ that the full step aims at. The largest divergence among all states exceeds what the quadratic model of every
   * tenth of them says by more than the mean does: results/cartpole-target.
   */
  klTarget: z.number().gt(0).max(1).default(0.7),
  /** One constraint for every k-th state. */
  constraintEvery: z.int().min(1).default(10),
  /** The direction is found to within this share of the best. */
  gap: z.number().gt(0).lt(1).default(0.001),
  /** Steps tried, each half of the last, until the largest KL is within the limit and the surrogate improves. */
  tries: z.int().min(1).max(100).default(20),
});
export type MaxKlOptions = z.output<typeof maxKlSchema>;

/**
 * TRPO with the KL divergence bounded at every state (Eq. 12) instead of on average: one constraint per state. For
 * small policies.
 */
export const maxKl = defineAlgorithm({
  name: 'max-kl',
  distributed: true,
  summary: 'TRPO with the KL divergence bounded at every state (Eq. 12); small policies only',
  options: maxKlSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, klLimit, klTarget, constraintEvery, gap, tries }) {
    return onPolicy(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, starting, iteration) {
        const { engine, distribution, data, old, theta } = starting;
        const objective = importanceSampledSurrogate(distribution, batch, advantages(batch, estimator, iteration));
        const problem = { ...starting, objective };
        const { gradient, start } = await gradientAt(problem);
        if (!gradient.some((g) => g !== 0)) return stay(problem, start);
        const subset = data.subset(constraintEvery);
        const rows = Int32Array.from({ length: subset.count }, (_, i) => i * constraintEvery);
        const m = distribution.distParamSize;
        const distParams = new Float32Array(rows.length * m);
        gatherRows(old, rows, rows.length, m, distParams, 0);
        const metrics = await stateMetrics(engine, subset, distribution, distParams);
        subset.release();
        const best = await maxKlDirection(gradient, metrics, klTarget * klLimit, gap, starting.signal);
        const step = best.x;
        const result = await lineSearch(
          (fraction) => evaluateAt(problem, stepFrom(theta, fraction, step)),
          start,
          dot(gradient, step),
          klLimit,
          { tries, factor: 0.5, improvementRatio: 0, ratioTest: false, klLimitMultiple: 1, klMeasure: 'max' },
        );
        const solution = { x: step, iterations: best.rounds, residual: best.gap };
        return accept(problem, { start, gradient, solution, step, expected: dot(gradient, step), result });
      },
    });
  },
});
