import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { scaleAdvantages } from '../estimate/advantages.js';
import { generalizedAdvantages } from '../estimate/gae.js';
import { ValueFunction } from '../estimate/value-function.js';
import { initialisersOf, initialWeightsSchema } from '../network/initial-weights.js';
import type { NetworkSpec } from '../network/types.js';
import { withHead } from '../network/with-head.js';
import { adamSchema } from '../optimize/adam.js';
import { meanEntropy } from '../optimize/objectives.js';
import { hiddenLayers, hiddenSettingsSchema } from '../policy/settings.js';
import { type SinglePathSampler, singlePathSchema } from '../rollout/paths.js';
import { SEGMENT_STATE_VARIABLE, type SegmentBatch, SegmentSampler } from '../rollout/segments.js';
import type { PathBatch } from '../rollout/types.js';
import type { ColumnSpec } from './columns.js';
import { checkTheta, namingIteration } from './diverged.js';
import type { StartingPoint } from './on-policy.js';
import { joinStates, partOfState } from './parts-of-state.js';
import { singlePaths } from './single-paths.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

const { steps, slots } = singlePathSchema.shape;

/** Whole paths, some thousand steps; one of the numbers can be given without the other. */
export const actorCriticSampling = singlePathSchema.extend({
  steps: steps.default(2000),
  slots: slots.default(2),
  /**
   * Batches of exactly so many steps, the same in every slot, in which episodes go on from batch to batch, as other
   * libraries have them. Default: whole paths, begun anew in each batch
   */
  continued: z.boolean().default(false),
});

export const gaeSchema = z.strictObject({
  /** γ */
  discount: z.number().min(0).max(1).default(0.99),
  /** λ: 0 trusts the value function, 1 the returns. */
  lambda: z.number().min(0).max(1).default(0.95),
  /** As of `estimator.scaling`: standardize, std or none. */
  scaling: z.enum(['std', 'standardize', 'none']).default('standardize'),
});

/** The value function: a network of its own, fitted to λ-returns after each update. */
export const criticSchema = z.strictObject({
  ...adamSchema.shape,
  /** Its layers, all of them anew. Default: those of the policy */
  network: hiddenSettingsSchema.optional(),
  /** How its first weights are drawn; into its output they have norm 0.01, orthogonal ones 1. */
  initialWeights: initialWeightsSchema.default('authors'),
  learningRate: z.number().positive().default(1e-3),
  epochs: z.int().min(1).max(100_000).default(10),
  minibatchSize: z.int().min(1).default(64),
  /** Longest gradient of a minibatch. Default: no limit */
  maxGradientNorm: z.number().gt(0).optional(),
  /** Values gain nothing by moving further than this in one iteration. Default: no limit. */
  clip: z.number().gt(0).optional(),
});

/** Columns of the figures that every actor-critic method has. */
export const criticColumns: readonly ColumnSpec[] = [
  { name: 'value_error', note: 'mean square before the fit', logarithmic: true, console: false },
  {
    name: 'explained_variance',
    note: 'share of the variance of the λ-returns that the value function knew before the fit',
    console: false,
  },
];

/** What tells one of these methods from another. */
export interface ActorCriticParts {
  readonly sampling: z.output<typeof actorCriticSampling>;
  readonly gae: z.output<typeof gaeSchema>;
  readonly critic: z.output<typeof criticSchema>;
  /** A better θ from a batch of the policy at `start.theta`, and figures of the update. */
  improve(
    batch: PathBatch,
    advantages: Float64Array,
    start: StartingPoint,
    iteration: number,
  ): Promise<{ readonly theta: Float32Array; readonly diagnostics: Readonly<Record<string, number>> }>;
  /** What `improve` keeps from iteration to iteration. */
  readonly optimizer?: { saveState(): AlgorithmState; loadState(state: AlgorithmState): void };
}

/**
 * Methods that improve a policy by generalized advantages (Schulman et al. 2016), with a value function that is fitted in
 * between: sample, estimate, update the policy, then the value function.
 */
export class ActorCritic implements Algorithm {
  #theta: Float32Array;

  private constructor(
    private readonly context: AlgorithmContext,
    private readonly parts: ActorCriticParts,
    private readonly value: ValueFunction,
    private readonly sampler: SinglePathSampler | SegmentSampler,
  ) {
    this.#theta = context.initialTheta.slice();
  }

  static async create(context: AlgorithmContext, parts: ActorCriticParts): Promise<ActorCritic> {
    const { policy, engine, seed, threads } = context;
    const {
      network,
      initialWeights,
      epochs: _,
      minibatchSize: _s,
      maxGradientNorm: _n,
      clip: _c,
      ...adam
    } = parts.critic;
    const initial = initialisersOf(initialWeights, initialWeights === 'orthogonal' ? 1 : 0.01);
    const options = { seed, engine: engine.name, threads, initial, optimizer: { kind: 'adam', ...adam } } as const;
    const value = await ValueFunction.create(valueNetwork(policy.network, network), options);
    try {
      return new ActorCritic(context, parts, value, makeSampler(context, parts.sampling));
    } catch (error) {
      value.close();
      throw error;
    }
  }

  iterate(iteration: number, hooks: IterationHooks = {}): Promise<IterationReport> {
    const before = this.saveState();
    return namingIteration(iteration, () => this.run(iteration, hooks)).catch((error: unknown) => {
      this.loadState(before);
      throw error;
    });
  }

  theta(): Float32Array {
    return this.#theta;
  }

  saveState(): AlgorithmState {
    const optimizer = this.parts.optimizer?.saveState() ?? {};
    const sampler = this.sampler instanceof SegmentSampler ? this.sampler.saveState() : {};
    return { theta: this.#theta.slice(), ...joinStates({ optimizer, value: this.value.saveState(), sampler }) };
  }

  get variableState(): readonly string[] {
    return this.sampler instanceof SegmentSampler ? SEGMENT_STATE_VARIABLE.map((name) => `sampler.${name}`) : [];
  }

  loadState(state: AlgorithmState): void {
    const { theta } = state;
    if (!(theta instanceof Float32Array) || theta.length !== this.#theta.length) {
      throw new ArgumentError('the saved state does not fit this policy', {
        value: theta?.length,
        expected: `theta of ${this.#theta.length} numbers`,
      });
    }
    this.parts.optimizer?.loadState(partOfState(state, 'optimizer'));
    this.value.loadState(partOfState(state, 'value'));
    if (this.sampler instanceof SegmentSampler) this.sampler.loadState(partOfState(state, 'sampler'));
    this.#theta = theta.slice();
  }

  close(): void {
    this.sampler.close();
    this.value.close();
  }

  private async run(iteration: number, { signal, onProgress }: IterationHooks): Promise<IterationReport> {
    const { engine, distribution, seed } = this.context;
    const { gae, critic, improve } = this.parts;
    await engine.setTheta(this.#theta);
    const report = (fraction: number) => onProgress?.(fraction, 'sampling');
    const batch = await this.sampler.sample({ seed, iteration, signal, onProgress: report });
    onProgress?.(0, 'update');
    const estimate = await this.value.predictPaths(batch);
    const advantages = generalizedAdvantages(batch, estimate, gae);
    const targets = advantages.map((advantage, i) => advantage + estimate.values[i]);
    const data = await engine.load(batch.observations, batch.states);
    try {
      const old = batch.distParams;
      const start = { engine, distribution, theta: this.#theta, data, old, signal };
      const { epochs, minibatchSize, maxGradientNorm, clip } = critic;
      const limits = { maxGradientNorm, clip };
      const { values } = estimate;
      const fitValue = () => this.value.fit(batch, targets, { epochs, minibatchSize, ...limits, values, seed, signal });
      const improvePolicy = () => improve(batch, scaleAdvantages(advantages, gae.scaling), start, iteration);
      const [{ theta, diagnostics }, fit] = await both(improvePolicy, fitValue, this.context.threads !== 1);
      checkTheta(theta);
      const entropy = await meanEntropy(distribution, old, signal);
      this.#theta = theta;
      const { simulatorSteps, diverged } = batch;
      const { whole: episodes = batch.episodes } = batch as Partial<SegmentBatch>;
      const explained = 1 - fit.errorBefore / variance(targets);
      const figures = { ...diagnostics, entropy, value_error: fit.errorBefore, explained_variance: explained };
      return { simulatorSteps, episodes, diverged, diagnostics: figures };
    } finally {
      data.release();
    }
  }
}

/** The network of a value function, with its own layers or, by default, the policy's. */
function valueNetwork(policy: NetworkSpec, own: z.output<typeof hiddenSettingsSchema> | undefined): NetworkSpec {
  if (own === undefined) return withHead(policy, 1);
  const { inputShape, inputType, inputScaling } = policy;
  const layers = [...hiddenLayers(own), { kind: 'dense', units: 1, activation: 'linear' } as const];
  return { inputShape, inputType, inputScaling, layers };
}

function makeSampler(context: AlgorithmContext, given: z.output<typeof actorCriticSampling>) {
  const { continued, ...sampling } = given;
  if (!continued) return singlePaths(context, sampling);
  const { steps, slots, paths, cutAtBudget, groups } = sampling;
  if (paths !== undefined || cutAtBudget || groups !== 1) {
    throw new ArgumentError('sampling.continued together with paths, cutAtBudget or groups', {
      value: sampling,
      expected: 'steps and slots alone',
    });
  }
  return new SegmentSampler(context.env, context, { steps, slots }, context.threads);
}

/** Runs two independent tasks, side by side where more than one thread may work. A failure waits for the other one. */
async function both<A, B>(first: () => Promise<A>, second: () => Promise<B>, together: boolean): Promise<[A, B]> {
  if (!together) return [await first(), await second()];
  const later = second();
  const [one, two] = await Promise.allSettled([first(), later]);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
