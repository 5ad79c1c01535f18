import { z } from 'zod';
import { Purpose, streamKey } from '../base/random.js';
import { pacerOf } from '../base/scheduling.js';
import { Adam, adamSchema, clipByNorm } from '../optimize/adam.js';
import { clippedSurrogate } from '../optimize/clipped-surrogate.js';
import { klDivergence } from '../optimize/objectives.js';
import { minibatches } from '../rollout/minibatches.js';
import { takeRows } from '../rollout/rows.js';
import type { PathBatch } from '../rollout/types.js';
import { ActorCritic, actorCriticSampling, criticColumns, criticSchema, gaeSchema } from './actor-critic.js';
import { defineAlgorithm } from './define.js';
import type { StartingPoint } from './on-policy.js';

export const ppoSchema = z.strictObject({
  sampling: actorCriticSampling.prefault({}),
  gae: gaeSchema.prefault({}),
  critic: criticSchema.extend({ maxGradientNorm: z.number().gt(0).default(0.5) }).prefault({}),
  optimizer: adamSchema.prefault({}),
  /** ε: how far the ratio of new and old probabilities may leave 1 before nothing is gained by it. */
  clip: z.number().gt(0).default(0.2),
  /** Passes over the batch; 1, with the batch as a minibatch, is A2C. */
  epochs: z.int().min(1).max(10_000).default(10),
  minibatchSize: z.int().min(1).default(64),
  /** What a nat of the policy's mean entropy is worth, in units of the objective. */
  entropyBonus: z.number().min(0).default(0),
  /** Longest gradient of a minibatch. */
  maxGradientNorm: z.number().gt(0).default(0.5),
  /** The update ends before the first step whose minibatch has a mean KL divergence from the old policy above it. Default: never. */
  klLimit: z.number().gt(0).optional(),
  /** Numbers that fall evenly from what they are to 0 in so many iterations. Default: they stay. */
  decay: z
    .strictObject({
      iterations: z.int().min(1),
      learningRate: z.boolean().default(true),
      clip: z.boolean().default(false),
    })
    .optional(),
});
export type PpoOptions = z.output<typeof ppoSchema>;

/**
 * Proximal policy optimisation (Schulman et al. 2017): some epochs of Adam on the clipped surrogate of generalized
 * advantages. The value function is a network of its own, fitted after the policy.
 */
export const ppo = defineAlgorithm({
  name: 'ppo',
  distributed: true,
  summary: 'proximal policy optimisation with generalized advantages and a value network',
  options: ppoSchema,
  columns: [
    { name: 'mean_kl', title: 'Mean KL divergence', note: 'between the old and the new policy', console: 'kl' },
    { name: 'max_kl', chart: false, console: false },
    { name: 'entropy', title: 'Entropy of the policy', note: 'nats per decision', console: false },
    { name: 'clip_fraction', title: 'Clipped', note: 'share of the samples in the last epoch', console: false },
    { name: 'epochs', chart: false, console: false },
    { name: 'learning_rate', chart: false, console: false },
    ...criticColumns,
  ],
  policy: { hidden: [64, 64], activation: 'tanh', initialStd: 1 },
  create(context, options) {
    const adam = new Adam(context.engine.parameterCount, options.optimizer);
    const { sampling, gae, critic } = options;
    return ActorCritic.create(context, {
      sampling,
      gae,
      critic,
      optimizer: adam,
      async improve(batch, advantages, start, iteration) {
        const share = decayed(options, iteration);
        adam.learningRate = options.optimizer.learningRate * (options.decay?.learningRate === true ? share : 1);
        const clip = options.clip * (options.decay?.clip === true ? Math.max(share, Number.EPSILON) : 1);
        const { theta, clipFraction, epochs } = await climb(batch, advantages, start, {
          ...options,
          clip,
          adam,
          key: (epoch) => streamKey(context.seed, Purpose.method, iteration, epoch),
        });
        const { engine, distribution, data, old, signal } = start;
        const kl = await klDivergence(distribution, old, await engine.evaluate(data), signal);
        const figures = { clip_fraction: clipFraction, epochs, learning_rate: adam.learningRate };
        return { theta, diagnostics: { mean_kl: kl.mean, max_kl: kl.max, ...figures } };
      },
    });
  },
});

/** 1 at the first iteration, 0 from the last of the decay on. */
function decayed({ decay }: PpoOptions, iteration: number): number {
  return decay === undefined ? 1 : Math.max(0, 1 - iteration / decay.iterations);
}

interface ClimbOptions extends PpoOptions {
  readonly adam: Adam;
  /** Of the order of samples in an epoch */
  key(epoch: number): readonly [number, number];
}

/** The epochs of one update; leaves the new θ in the engine. */
async function climb(batch: PathBatch, advantages: Float64Array, start: StartingPoint, options: ClimbOptions) {
  const { engine, distribution, data, old, signal } = start;
  const { adam, clip, minibatchSize, entropyBonus, maxGradientNorm, klLimit } = options;
  const theta = start.theta.slice();
  const gradient = new Float32Array(theta.length);
  const pacer = pacerOf(signal);
  let [clipFraction, epochs] = [0, 0];
  for (; epochs < options.epochs; epochs++) {
    clipFraction = 0;
    for (const rows of minibatches(batch.states, minibatchSize, options.key(epochs))) {
      if (pacer.due()) await pacer.pause();
      const set = {
        actions: takeRows(batch.actions, rows, distribution.actionSize),
        logQ: takeRows(batch.logQ, rows),
      };
      const objective = clippedSurrogate(distribution, set, takeRows(advantages, rows), clip);
      const part = data.gather(rows);
      try {
        const current = await engine.evaluate(part);
        if (klLimit !== undefined) {
          const before = takeRows(old, rows, distribution.distParamSize);
          if ((await klDivergence(distribution, before, current)).mean > klLimit)
            return { theta, clipFraction, epochs };
        }
        clipFraction += (objective.clipFraction(current) * rows.length) / batch.states;
        const uphill = await objective.cotangents(current);
        if (entropyBonus > 0) distribution.addEntropyGradient(current, entropyBonus / rows.length, uphill);
        // Adam goes down.
        const loss = await engine.vjp(
          part,
          uphill.map((slope) => -slope),
          gradient,
        );
        clipByNorm(loss, maxGradientNorm);
        adam.step(theta, loss);
      } finally {
        part.release();
      }
      await engine.setTheta(theta);
    }
  }
  return { theta, clipFraction, epochs };
}
