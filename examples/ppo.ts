/**
 * A method of one's own on the public API: proximal policy optimisation (Schulman et al., "Proximal Policy Optimization
 * Algorithms", 2017) with the clipped objective, generalized advantages and a value network, and an experiment for it: the
 * hopper with running normalisation of observations and rewards. The whole command line works with both:
 *
 *   trellis train examples/ppo.ts --seed 1 [--set clip=0.1] [--set policy.hidden=[32,32]]     (Node 22.18 or newer)
 *   trellis train --resume runs/ppo-hopper-my-ppo-seed1
 *   trellis eval runs/ppo-hopper-my-ppo-seed1 --episodes 20
 */
import {
  Adam,
  type Algorithm,
  clipByNorm,
  clippedSurrogate,
  generalizedAdvantages,
  getEnv,
  joinStates,
  minibatches,
  normalizeObservations,
  normalizeRewards,
  type PathBatch,
  Purpose,
  partOfState,
  registerAlgorithm,
  registerEnv,
  registerExperiment,
  SinglePathSampler,
  scaleAdvantages,
  streamKey,
  takeRows,
  ValueFunction,
  withHead,
} from 'trellis-rl';
import { z } from 'zod';

registerAlgorithm({
  name: 'my-ppo',
  summary: 'proximal policy optimisation in one file',
  options: z.strictObject({
    /** Steps of a batch, which is of whole paths, and paths at the same time. */
    sampling: z.strictObject({ steps: z.int().default(2000), slots: z.int().default(2) }).prefault({}),
    discount: z.number().default(0.99),
    lambda: z.number().default(0.95),
    /** How far the ratio of new and old probabilities may leave 1 before nothing is gained by it. */
    clip: z.number().default(0.2),
    epochs: z.int().default(10),
    minibatchSize: z.int().default(64),
    learningRate: z.number().default(3e-4),
    /** Iterations in which the learning rate of the policy falls to zero; default: it stays. */
    decayOver: z.int().optional(),
    maxGradientNorm: z.number().default(0.5),
  }),
  columns: [
    { name: 'value_error', note: 'mean square before the fit, normalised', logarithmic: true, console: false },
    { name: 'clipped', note: 'share of the samples in the last epoch' },
  ],
  policy: { hidden: [64, 64], activation: 'tanh', initialStd: 1 },
  async create({ env, engine, distribution, policy, initialTheta, seed, threads }, settings) {
    const { epochs, minibatchSize, learningRate, maxGradientNorm } = settings;
    const theta = initialTheta.slice();
    const adam = new Adam(theta.length, { learningRate });
    const sampler = new SinglePathSampler(env, { engine, distribution }, settings.sampling, threads);
    const optimizer = { kind: 'adam', learningRate } as const;
    const value = await ValueFunction.create(withHead(policy.network, 1), {
      seed,
      threads,
      engine: engine.name,
      optimizer,
    });

    /** Some epochs of Adam on the clipped objective. @returns the share of samples clipped in the last epoch */
    async function improve(batch: PathBatch, advantages: Float64Array, iteration: number, signal?: AbortSignal) {
      const data = await engine.load(batch.observations, batch.states);
      adam.learningRate = learningRate * Math.max(0, 1 - iteration / (settings.decayOver ?? Infinity));
      let clipped = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        clipped = 0;
        for (const rows of minibatches(
          batch.states,
          minibatchSize,
          streamKey(seed, Purpose.method, iteration, epoch),
        )) {
          signal?.throwIfAborted();
          const part = data.gather(rows);
          const actions = takeRows(batch.actions, rows, distribution.actionSize);
          const set = { actions, logQ: takeRows(batch.logQ, rows) };
          const objective = clippedSurrogate(distribution, set, takeRows(advantages, rows), settings.clip);
          const distParams = await engine.evaluate(part);
          const uphill = await engine.vjp(part, await objective.cotangents(distParams));
          part.release();
          clipped += (objective.clipFraction(distParams) * rows.length) / batch.states;
          clipByNorm(uphill, maxGradientNorm);
          const loss = uphill.map((slope) => -slope);
          adam.step(theta, loss);
          await engine.setTheta(theta);
        }
      }
      data.release();
      return clipped;
    }

    const method: Algorithm = {
      async iterate(iteration, { signal, onProgress } = {}) {
        const before = method.saveState();
        try {
          await engine.setTheta(theta);
          const report = (fraction: number) => onProgress?.(fraction, 'sampling');
          const batch = await sampler.sample({ seed, iteration, signal, onProgress: report });
          onProgress?.(0, 'update');
          const estimate = await value.predictPaths(batch);
          const advantages = generalizedAdvantages(batch, estimate, settings);
          const targets = advantages.map((advantage, i) => advantage + estimate.values[i]);
          const clipped = await improve(batch, scaleAdvantages(advantages, 'standardize'), iteration, signal);
          const fit = await value.fit(batch, targets, { epochs, minibatchSize, maxGradientNorm, seed, signal });
          const { simulatorSteps, episodes, diverged } = batch;
          return { simulatorSteps, episodes, diverged, diagnostics: { value_error: fit.errorBefore, clipped } };
        } catch (error) {
          method.loadState(before); // an iteration that is given up leaves no trace
          throw error;
        }
      },
      theta: () => theta,
      saveState: () => ({
        theta: theta.slice(),
        ...joinStates({ adam: adam.saveState(), value: value.saveState() }),
      }),
      loadState(state) {
        theta.set(state['theta'] as Float32Array);
        adam.loadState(partOfState(state, 'adam'));
        value.loadState(partOfState(state, 'value'));
      },
      close() {
        sampler.close();
        value.close();
      },
    };
    return method;
  },
});

registerEnv('ppo-hopper', () => normalizeRewards(normalizeObservations(getEnv('hopper'))));
registerExperiment({
  name: 'ppo-hopper',
  summary: 'the hopper with running normalisation, a million steps',
  track: 'modern',
  environment: 'ppo-hopper',
  policy: {},
  iterations: 425,
  methods: { 'my-ppo': { decayOver: 425 } },
});
