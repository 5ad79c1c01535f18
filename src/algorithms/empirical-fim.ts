import { z } from 'zod';
import { MemoryError } from '../base/errors.js';
import { gib } from '../base/memory.js';
import { advantages, advantageUnit, estimatorSchema } from '../estimate/advantages.js';
import { covarianceMatrix, covarianceProduct, scoreGradients } from '../optimize/empirical-fisher.js';
import { importanceSampledSurrogate } from '../optimize/objectives.js';
import { trustRegionSchema, trustRegionStep } from '../optimize/trust-region.js';
import { singlePathSchema } from '../rollout/paths.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { onPolicy } from './on-policy.js';
import { singlePaths } from './single-paths.js';

export const empiricalFimSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  estimator: estimatorSchema.prefault({}),
  trustRegion: trustRegionSchema.omit({ dampingKind: true }).prefault({}),
  /** product: matrix-free, any size. dense: the P × P matrix itself, as the original code. */
  matrix: z.enum(['product', 'dense']).default('product'),
});
export type EmpiricalFimOptions = z.output<typeof empiricalFimSchema>;

/** A dense matrix may take this much memory, in bytes. */
const DENSE_LIMIT = 2 ** 30;

/**
 * Single-path TRPO with the covariance of the score, grad log π(a|s), in place of the analytic Fisher matrix (the paper,
 * section 6 and "empirical FIM" in section 8.1).
 */
export const empiricalFim = defineAlgorithm({
  name: 'empirical-fim',
  distributed: true,
  summary: 'TRPO with the covariance of gradients in place of the analytic Fisher matrix',
  options: empiricalFimSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, trustRegion, matrix }) {
    const bytes = 8 * context.engine.parameterCount ** 2;
    if (matrix === 'dense' && bytes > DENSE_LIMIT) {
      throw new MemoryError(
        `a dense Fisher matrix of ${context.engine.parameterCount} parameters takes ${gib(bytes)}`,
        {
          value: bytes,
          expected: `at most ${gib(DENSE_LIMIT)}`,
          hint: 'Set matrix=product for the matrix-free form',
        },
      );
    }
    return onPolicy(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, start, iteration) {
        const values = advantages(batch, estimator, iteration);
        const unit = advantageUnit(values, estimator);
        const objective = importanceSampledSurrogate(start.distribution, batch, values);
        const subset = start.data.subset(trustRegion.fisherEvery);
        try {
          const scores = scoreGradients(start.distribution, batch, trustRegion.fisherEvery);
          const covariance = matrix === 'dense' ? covarianceMatrix : covarianceProduct;
          const metricProduct = await covariance(start.engine, subset, scores, start.signal);
          return await trustRegionStep(
            { ...start, objective, unit, metricProduct },
            { ...trustRegion, dampingKind: 'identity' },
          );
        } finally {
          subset.release();
        }
      },
    });
  },
});
