import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { discountedQ } from '../estimate/discounted-q.js';
import { vineAdvantages, vineEstimatorSchema, vineUnit } from '../estimate/vine-advantages.js';
import { importanceSampledSurrogate } from '../optimize/objectives.js';
import { trustRegionSchema, trustRegionStep } from '../optimize/trust-region.js';
import { fullActionSurrogate, selfNormalizedSurrogate } from '../optimize/vine-objectives.js';
import { VineSampler } from '../rollout/vine.js';
import { vineSchema } from '../rollout/vine-options.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { groupedProblem, OnPolicyMethod } from './on-policy.js';

export const vineTrpoSchema = z.strictObject({
  sampling: vineSchema.prefault({ rolloutStates: 125, rolloutLength: 50 }),
  estimator: vineEstimatorSchema.prefault({}),
  /** self-normalized: Eq. 17. full-sum: Eq. 16. ratio: plain importance weights on centred Q values. */
  surrogate: z.enum(['self-normalized', 'full-sum', 'ratio']).default('self-normalized'),
  /** A rollout set is small: Fisher products use all of it unless told otherwise. */
  trustRegion: trustRegionSchema
    .extend({ fisherEvery: trustRegionSchema.shape.fisherEvery.unwrap().default(1) })
    .prefault({}),
});
export type VineTrpoOptions = z.output<typeof vineTrpoSchema>;

const surrogates = {
  'self-normalized': selfNormalizedSurrogate,
  'full-sum': fullActionSurrogate,
  ratio: importanceSampledSurrogate,
} as const;

/**
 * Trust region policy optimisation, vine (section 5.2): as single path, but Q is estimated by K short rollouts from each
 * state of a rollout set, with common random numbers.
 */
export const vineTrpo = defineAlgorithm({
  name: 'vine',
  distributed: true,
  summary: 'TRPO on branches from restored simulator states (the paper, section 5.2)',
  options: vineTrpoSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, surrogate, trustRegion }) {
    if ((surrogate === 'full-sum') !== (sampling.firstActions === 'all')) {
      throw new ArgumentError(`surrogate "${surrogate}" with first actions "${sampling.firstActions}"`, {
        expected: 'surrogate = full-sum together with sampling.firstActions = all, or neither',
      });
    }
    if (trustRegion.dampingKind !== 'identity') {
      throw new ArgumentError(`damping "${trustRegion.dampingKind}" with vine`, {
        expected: 'identity: branches are no paths',
      });
    }
    return new OnPolicyMethod(context, {
      sampler: new VineSampler(
        context.env,
        context,
        sampling,
        discountedQ(estimator.discount),
        context.threads,
        context.communicator,
      ),
      async update(batch, start) {
        const { q: values, states, actionsPerState: k } = batch.whole;
        const q = vineAdvantages(values, states, estimator);
        const unit = vineUnit(q, states, estimator);
        const problem = groupedProblem(batch, start, (part, i) => {
          const first = k * batch.firstStates[i];
          return surrogates[surrogate](start.distribution, part, q.subarray(first, first + k * part.states));
        });
        return trustRegionStep({ ...problem, unit }, trustRegion);
      },
    });
  },
});
