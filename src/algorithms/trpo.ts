import { z } from 'zod';
import { estimatorSchema } from '../estimate/advantages.js';
import { groupedAdvantages } from '../estimate/grouped-advantages.js';
import { pathDamping } from '../optimize/path-damping.js';
import { meanOverGroups, oneShare } from '../optimize/shares.js';
import { type Problem, trustRegionSchema, trustRegionStep } from '../optimize/trust-region.js';
import type { GroupedBatch } from '../rollout/grouped.js';
import { singlePathSchema } from '../rollout/paths.js';
import type { PathBatch } from '../rollout/types.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { groupedProblem, OnPolicyMethod } from './on-policy.js';
import { singlePaths } from './single-paths.js';
import { surrogate } from './surrogate.js';

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
  distributed: true,
  summary: 'TRPO on whole trajectories (the paper, section 5.1)',
  options: singlePathTrpoSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, trustRegion }) {
    return new OnPolicyMethod(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, start, iteration) {
        const values = await groupedAdvantages(batch, estimator, iteration);
        const problem = { ...groupedProblem(batch, start, surrogate(start, values.own)), unit: values.unit };
        if (trustRegion.dampingKind === 'identity') return trustRegionStep(problem, trustRegion);
        const damping = trustRegion.damping / (values.unit ** 2 || 1);
        return trustRegionStep(
          { ...problem, dampingDiagonal: await dampingOver(batch, problem, damping) },
          trustRegion,
        );
      },
    });
  },
});

/** "Fancy" damping by the paths of all groups: each looks at some of its own. */
async function dampingOver(batch: GroupedBatch<PathBatch>, problem: Problem, damping: number): Promise<Float64Array> {
  const { engine, signal } = problem;
  const { groups, own } = problem.shares ?? oneShare(problem);
  const diagonals: Float64Array[] = [];
  for (const [i, { objective, old }] of own.entries()) {
    const { observations, episodes } = batch.own[i];
    const cotangents = await objective.cotangents(old, signal);
    diagonals.push(await pathDamping(engine, observations, cotangents, episodes.offsets, damping, signal));
  }
  const paths = batch.own.map(({ episodes }) => episodes.count);
  return Float64Array.from(await meanOverGroups(groups, diagonals, paths));
}
