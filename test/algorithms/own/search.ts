/**
 * A method as somebody else would write it, on the public API alone: a random search that tries a direction and its
 * opposite, with a value network, fitted by Adam, that tells what to expect of a start state.
 */
import { z } from 'zod';
import {
  Adam,
  type Algorithm,
  type AlgorithmContext,
  type AlgorithmState,
  box,
  createEngine,
  defineAlgorithm,
  defineEnv,
  discountedReturns,
  type IterationHooks,
  type IterationReport,
  initialTheta,
  minibatches,
  type NetworkEngine,
  Purpose,
  partOfState,
  SinglePathSampler,
  streamKey,
  uniform,
} from '../../../src/index.js';

const options = z.object({
  sampling: z.object({ steps: z.int().default(200), slots: z.int().default(4) }).prefault({}),
  spread: z.number().gt(0).default(0.1),
  rate: z.number().gt(0).default(0.2),
  value: z.object({ hidden: z.array(z.int()).default([8]), learningRate: z.number().default(0.01) }).prefault({}),
});
type Options = z.output<typeof options>;

class Search implements Algorithm {
  private readonly sampler: SinglePathSampler;
  private readonly adam: Adam;
  #theta: Float32Array;
  private valueTheta: Float32Array;
  readonly variableState = ['history'];
  private history = new Uint8Array(0);

  constructor(
    private readonly context: AlgorithmContext,
    private readonly settings: Options,
    private readonly value: NetworkEngine,
  ) {
    this.sampler = new SinglePathSampler(context.env, context, settings.sampling, context.threads);
    this.#theta = context.initialTheta.slice();
    this.valueTheta = initialTheta(value.spec, context.seed);
    this.adam = new Adam(value.parameterCount, { learningRate: settings.value.learningRate });
  }

  async iterate(iteration: number, { signal, onProgress }: IterationHooks = {}): Promise<IterationReport> {
    const { context, settings } = this;
    const theta = this.#theta;
    const { spread, rate } = settings;
    const key = streamKey(context.seed, Purpose.method, iteration);
    const direction = theta.map((_, i) => 2 * uniform(...key, 0, i) - 1);
    const sides = [];
    for (const [i, sign] of [1, -1].entries()) {
      await context.engine.setTheta(theta.map((x, j) => x + sign * spread * direction[j]));
      // The same iteration: both sides start from the same states.
      const request = { seed: context.seed, iteration, signal };
      sides.push(await this.sampler.sample(request));
      onProgress?.((i + 1) / 2, 'sampling');
    }
    onProgress?.(0, 'update');
    const before = { theta: this.#theta, valueTheta: this.valueTheta, adam: this.adam.saveState() };
    try {
      const gains: number[] = [];
      let loss = 0;
      for (const batch of sides) {
        const { offsets, count } = batch.episodes;
        const targets = discountedReturns(batch.rewards, offsets, 1);
        const data = await this.value.load(batch.observations, batch.states);
        await this.value.setTheta(this.valueTheta);
        const expected = await this.value.evaluate(data);
        let gain = 0;
        for (let path = 0; path < count; path++) gain += batch.episodes.returns[path] - expected[offsets[path]];
        gains.push(gain / count);
        this.valueTheta = this.valueTheta.slice();
        for (const rows of minibatches(batch.states, 64, key)) {
          signal?.throwIfAborted();
          const part = data.gather(rows);
          await this.value.setTheta(this.valueTheta);
          const errors = (await this.value.evaluate(part)).map((x, i) => (x - targets[rows[i]]) / rows.length);
          this.adam.step(this.valueTheta, await this.value.vjp(part, errors));
          loss = errors.reduce((sum, x) => sum + x * x * rows.length, 0);
          part.release();
        }
        data.release();
      }
      const difference = gains[0] - gains[1];
      this.#theta = theta.map((x, i) => x + rate * Math.tanh(difference) * direction[i]);
      this.history = Uint8Array.of(...this.history, difference > 0 ? 1 : 0);
      const returns = sides.flatMap(({ episodes }) => [...episodes.returns]);
      const lengths = sides.flatMap(({ episodes }) => [...episodes.lengths]);
      const simulatorSteps = sides.reduce((sum, batch) => sum + batch.simulatorSteps, 0);
      return { simulatorSteps, episodes: { returns, lengths }, diagnostics: { difference, value_loss: loss } };
    } catch (error) {
      this.#theta = before.theta;
      this.valueTheta = before.valueTheta;
      this.adam.loadState(before.adam);
      throw error;
    }
  }

  theta(): Float32Array {
    return this.#theta;
  }

  saveState(): AlgorithmState {
    const { mean, square, steps } = this.adam.saveState();
    const value = { 'value.theta': this.valueTheta.slice(), 'value.mean': mean, 'value.square': square };
    return { theta: this.#theta.slice(), ...value, 'value.steps': steps, history: this.history.slice() };
  }

  loadState(state: AlgorithmState): void {
    this.#theta = state['theta'] as Float32Array;
    this.valueTheta = state['value.theta'] as Float32Array;
    this.adam.loadState(partOfState(state, 'value'));
    this.history = state['history'] as Uint8Array<ArrayBuffer>;
  }

  close(): void {
    this.sampler.close();
    this.value.close();
  }
}

export const search = defineAlgorithm({
  name: 'own-search',
  summary: 'a direction and its opposite, with a value network',
  options,
  columns: [
    { name: 'difference', title: 'Which side is better', note: 'return, less what was expected', console: 'diff' },
    { name: 'value_loss', logarithmic: true },
    { name: 'never', chart: false, console: false },
  ],
  policy: { hidden: [3], activation: 'tanh' },
  async create(context, settings) {
    const { observationSpace } = context.env.spec;
    const layers = [
      ...settings.value.hidden.map((units) => ({ kind: 'dense', units, activation: 'tanh' }) as const),
      { kind: 'dense', units: 1, activation: 'linear' } as const,
    ];
    const { inputScaling } = context.policy.network;
    const spec = { inputShape: observationSpace.shape, inputType: observationSpace.dtype, inputScaling, layers };
    return new Search(context, settings, await createEngine(spec, context.engine.name));
  },
});

/** A number to be met with the opposite one. */
export const line = defineEnv({
  id: 'own-line',
  parameters: {},
  stateSize: 1,
  observation: 1,
  action: box([1], -1, 1),
  maxEpisodeSteps: 10,
  secondsPerStep: 1,
  start(state: Float64Array, at, draw) {
    state[at] = 2 * draw(0) - 1;
  },
  step({ state, actions, rewards }, first, end) {
    for (let slot = first; slot < end; slot++) rewards[slot] = -Math.abs(state[slot] + actions[slot]);
  },
});
