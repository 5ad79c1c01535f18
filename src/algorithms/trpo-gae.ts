import { z } from 'zod';
import { advantageUnit } from '../estimate/advantages.js';
import { importanceSampledSurrogate } from '../optimize/objectives.js';
import { trustRegionSchema, trustRegionStep } from '../optimize/trust-region.js';
import { ActorCritic, actorCriticSampling, criticColumns, criticSchema, gaeSchema } from './actor-critic.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';

const { damping, conjugateGradientIterations, fisherEvery } = trustRegionSchema.shape;

export const trpoGaeSchema = z.strictObject({
  sampling: actorCriticSampling.prefault({}),
  gae: gaeSchema.prefault({}),
  critic: criticSchema.prefault({}),
  /** Batches are small: the whole batch is in the Fisher products, and they are damped more. */
  trustRegion: trustRegionSchema
    .omit({ dampingKind: true })
    .extend({
      damping: damping.unwrap().default(0.1),
      conjugateGradientIterations: conjugateGradientIterations.unwrap().default(15),
      fisherEvery: fisherEvery.unwrap().default(1),
    })
    .prefault({}),
});
export type TrpoGaeOptions = z.output<typeof trpoGaeSchema>;

/** Figures of the surrogate's step; single paths have no trunks and branches. */
const ownColumns = surrogateColumns.filter((column) => !/^(trunk|branch)_steps$/.test(nameOf(column)));

function nameOf(column: string | { readonly name: string }): string {
  return typeof column === 'string' ? column : column.name;
}

/**
 * Trust region policy optimisation on generalized advantages with a value network (Schulman et al. 2016): the update of
 * single-path TRPO, conjugate gradient and line search, for smaller batches.
 */
export const trpoGae = defineAlgorithm({
  name: 'trpo-gae',
  distributed: true,
  summary: 'TRPO with generalized advantages and a value network',
  options: trpoGaeSchema,
  columns: [...ownColumns, ...criticColumns],
  policy: { hidden: [64, 64], activation: 'tanh', initialStd: 1 },
  create(context, { sampling, gae, critic, trustRegion }) {
    return ActorCritic.create(context, {
      sampling,
      gae,
      critic,
      async improve(batch, advantages, start) {
        const objective = importanceSampledSurrogate(start.distribution, batch, advantages);
        const { theta, diagnostics } = await trustRegionStep(
          { ...start, objective, unit: advantageUnit(advantages, gae) },
          trustRegion,
        );
        return {
          theta,
          diagnostics: {
            surrogate_before: diagnostics.objectiveBefore,
            surrogate_after: diagnostics.objectiveAfter,
            mean_kl: diagnostics.meanKl,
            max_kl: diagnostics.maxKl,
            step_fraction: diagnostics.stepFraction,
            cg_residual: diagnostics.cgResidual,
          },
        };
      },
    });
  },
});
