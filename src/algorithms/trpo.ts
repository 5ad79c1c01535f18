import { z } from 'zod';
import { advantages, advantageUnit, estimatorSchema } from '../estimate/advantages.js';
import { importanceSampledSurrogate } from '../optimize/objectives.js';
import { pathDamping } from '../optimize/path-damping.js';
import { trustRegionSchema, trustRegionStep } from '../optimize/trust-region.js';
import { SinglePathSampler, singlePathSchema } from '../rollout/paths.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { OnPolicyMethod } from './on-policy.js';

export const singlePathTrpoSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  estimator: estimatorSchema.prefault({}),
  trustRegion: trustRegionSchema.prefault({}),
});
export type SinglePathTrpoOptions = z.output<typeof singlePathTrpoSchema>;

/**
 * Trust region policy optimisation, single path (sections 5.1 and 6, appendix C). Each iteration:
 * 1. sample trajectories with the current policy; returns are the Monte Carlo estimates of Q;
 * 2. average over samples to make the surrogate objective and the KL constraint of Eq. 14;
 * 3. solve the constrained problem approximately: conjugate gradient, then a line search.
 */
export const singlePathTrpo = defineAlgorithm({
  name: 'single-path',
  summary: 'TRPO on whole trajectories (the paper, section 5.1)',
  options: singlePathTrpoSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, trustRegion }) {
    return new OnPolicyMethod(context, {
      sampler: new SinglePathSampler(context.env, context, sampling, context.threads),
      async update(batch, start, iteration) {
        const { engine, distribution, old, signal } = start;
        const values = advantages(batch, estimator, iteration);
        const unit = advantageUnit(values, estimator);
        const objective = importanceSampledSurrogate(distribution, batch, values);
        if (trustRegion.dampingKind === 'identity') return trustRegionStep({ ...start, objective, unit }, trustRegion);
        const cotangents = await objective.cotangents(old, signal);
        const { observations, episodes } = batch;
        const damping = trustRegion.damping / (unit ** 2 || 1);
        const dampingDiagonal = await pathDamping(engine, observations, cotangents, episodes.offsets, damping, signal);
        return trustRegionStep({ ...start, objective, unit, dampingDiagonal }, trustRegion);
      },
    });
  },
});
