/**
 * A stranger's project, on the installed package alone: an environment, a simulator, a network, a method, a logger and
 * experiments of its own. package.test.ts compiles it in strict TypeScript and works with it on the command line.
 */
import { appendFileSync } from 'node:fs';
import {
  Adam,
  type Algorithm,
  type AlgorithmState,
  box,
  defineEnv,
  defineSimulatorEnv,
  generalizedAdvantages,
  logLikelihood,
  type NetworkSpec,
  registerAlgorithm,
  registerEnv,
  registerExperiment,
  registerLogger,
  SinglePathSampler,
  type SlotSimulator,
  singlePathSchema,
  ValueFunction,
} from 'trellis-rl';
import { z } from 'zod';

/** A point on a line, to be brought to 0 and held there. */
const line = defineEnv<Float32Array>({
  id: 'stranger-line',
  parameters: {},
  stateSize: 1,
  observation: 1,
  action: box([1], -1, 1),
  maxEpisodeSteps: 20,
  secondsPerStep: 0.1,
  start: (state, at, draw) => {
    state[at] = 2 * draw(0) - 1;
  },
  step: ({ state, actions, rewards }, first, end) => {
    for (let slot = first; slot < end; slot++) {
      const next = (state[slot] ?? 0) + 0.3 * Math.max(-1, Math.min(1, actions[slot] ?? 0));
      state[slot] = next;
      rewards[slot] = 1 - Math.abs(next);
    }
  },
  drawer: () => ({
    shapes: [{ kind: 'bar', radius: 0.05, cap: 'round', color: [200, 60, 60] }],
    view: [-0.5, 0.5],
    ground: 0,
    pose(env, out, at) {
      out.set([env.observations[0] ?? 0, 0.05, env.observations[0] ?? 0, 0.05], at);
      return 0;
    },
    close() {},
  }),
});
registerEnv('stranger-line', () => line);

/** The same task in a world that counts its own wind. */
class World implements SlotSimulator {
  private state = Float64Array.of(0, 0);

  start(draw: (dimension: number) => number): void {
    this.state = Float64Array.of(2 * draw(0) - 1, 0);
  }
  step(action: ArrayLike<number>) {
    const [at = 0, gusts = 0] = this.state;
    this.state = Float64Array.of(at + 0.3 * (action[0] ?? 0) + 0.05 * Math.sin(gusts), gusts + 1);
    return { reward: 1 - Math.abs(this.state[0] ?? 0) };
  }
  observe(out: Float32Array | Uint8Array): void {
    out[0] = this.state[0] ?? 0;
  }
  save(): Uint8Array {
    return new Uint8Array(this.state.slice().buffer);
  }
  load(bytes: Uint8Array): void {
    this.state = new Float64Array(bytes.slice().buffer);
  }
}
registerEnv('stranger-world', () =>
  defineSimulatorEnv({
    id: 'stranger-world',
    parameters: { version: 1 },
    observation: 1,
    action: box([1], -1, 1),
    maxEpisodeSteps: 20,
    secondsPerStep: 0.1,
    simulator: () => new World(),
  }),
);

/** A policy network of its own: a residual trunk under layer normalisation. */
function residual(inputs: number, outputs: number, stateIndependentOutputs: number): NetworkSpec {
  return {
    inputShape: [inputs],
    inputType: 'float32',
    inputScaling: null,
    layers: [
      { kind: 'dense', name: 'first', units: 16, activation: 'tanh' },
      { kind: 'dense', name: 'second', units: 16, activation: 'linear' },
      { kind: 'add', name: 'sum', inputs: ['first', 'second'] },
      { kind: 'layerNorm', activation: 'tanh' },
      { kind: 'dense', units: outputs, activation: 'linear' },
    ],
    stateIndependentOutputs,
  };
}

/** Actor and critic: the policy gradient with GAE, by Adam. */
registerAlgorithm({
  name: 'stranger-critic',
  summary: 'policy gradient with a value network',
  options: z.strictObject({
    sampling: singlePathSchema.prefault({ steps: 400, slots: 8 }),
    learningRate: z.number().positive().default(0.03),
    discount: z.number().min(0).max(1).default(0.95),
  }),
  columns: ['value_error', { name: 'gradient_norm', logarithmic: true }],
  policySpec: (env) => ({
    network: residual(env.observationSpace.shape[0] ?? 1, 1, 1),
    distribution: { kind: 'gaussian', dimensions: 1 },
  }),
  async create(context, { sampling, learningRate, discount }): Promise<Algorithm> {
    const { env, engine, distribution, initialTheta, seed, threads } = context;
    const theta = initialTheta.slice();
    const adam = new Adam(theta.length, { learningRate });
    const value = await ValueFunction.create(residual(env.spec.observationSpace.shape[0] ?? 1, 1, 0), { seed });
    const sampler = new SinglePathSampler(env, context, sampling, threads);
    return {
      async iterate(iteration, { signal, onProgress } = {}) {
        await engine.setTheta(theta);
        const report = (fraction: number) => onProgress?.(fraction, 'sampling');
        const batch = await sampler.sample({ seed, iteration, signal, onProgress: report });
        onProgress?.(0, 'update');
        const values = await value.predict(batch.observations);
        const finalValues = await value.predict(batch.finalObservations);
        const gains = generalizedAdvantages(batch, { values, finalValues }, { discount, lambda: 0.9 });
        const targets = gains.map((gain, i) => gain + (values[i] ?? 0));
        const objective = logLikelihood(distribution, batch, gains);
        const data = await engine.load(batch.observations, batch.states);
        const ascent = await engine.vjp(data, await objective.cotangents(batch.distParams, signal));
        data.release();
        const { errorAfter } = await value.fit(batch, targets, { epochs: 3, seed, signal });
        adam.step(
          theta,
          ascent.map((x) => -x),
        );
        return {
          simulatorSteps: batch.simulatorSteps,
          episodes: batch.episodes,
          diagnostics: { value_error: errorAfter, gradient_norm: Math.hypot(...ascent) },
        };
      },
      theta: () => theta,
      saveState(): AlgorithmState {
        const named = Object.entries(value.saveState()).map(([name, array]) => [`value.${name}`, array] as const);
        return { theta: theta.slice(), ...adam.saveState(), ...Object.fromEntries(named) };
      },
      async loadState(state) {
        theta.set(state['theta'] as Float32Array);
        adam.loadState(state as ReturnType<Adam['saveState']>);
        const own = Object.entries(state).filter(([name]) => name.startsWith('value.'));
        const named = own.map(([name, array]) => [name.slice('value.'.length), array] as const);
        await value.loadState(Object.fromEntries(named) as ReturnType<typeof value.saveState>);
      },
      close() {
        sampler.close();
        value.close();
      },
    };
  },
});

registerLogger({
  name: 'stranger-log',
  summary: 'a line an iteration',
  create: () => ({
    onIteration: ({ row }) => appendFileSync('stranger.log', `${row['iteration']} ${row['value_error']}\n`),
  }),
});

for (const environment of ['stranger-line', 'stranger-world']) {
  registerExperiment({
    name: environment,
    summary: 'hold the point at 0',
    track: 'modern',
    environment,
    policy: {},
    iterations: 12,
    methods: {
      'stranger-critic': { learningRate: 0.05 },
      vine: { sampling: { trunks: 4, trunkSteps: 80, rolloutStates: 10, rolloutLength: 10 } },
    },
  });
}
