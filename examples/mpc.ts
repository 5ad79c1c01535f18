/**
 * Planning instead of learning: model-predictive control of the walker by snapshots. At every step the state of the one
 * real walker is restored into all slots of a batch, each slot tries another sequence of actions, and the plan moves
 * towards the sequences that earned more (the path-integral rule of Williams et al., "Information Theoretic MPC", 2017).
 *
 *   node examples/mpc.ts [--env walker] [--steps 150] [--futures 128] [--horizon 40] [--seed 1]      (Node 22.18 or newer)
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type EnvFactory,
  getEnv,
  Purpose,
  spaceSize,
  streamKey,
  streamKeys,
  uniform,
  type VectorEnv,
} from 'trellis-rl';
import { registerEnvs } from 'trellis-rl/envs';

export interface PlanOptions {
  readonly steps: number;
  /** Sequences of actions tried at each step: slots of the batch. */
  readonly futures: number;
  /** Steps that each looks ahead. */
  readonly horizon: number;
  readonly seed: number;
}

/** How far sampled actions spread around the plan; actions are ±1. */
const SPREAD = 0.5;
/** Returns this much apart, in standard deviations, weigh e times as much. */
const TEMPERATURE = 0.3;

/** Plays one episode by planning. @returns its return and length, and the simulator steps that the planning took */
export function plan(factory: EnvFactory, { steps, futures, horizon, seed }: PlanOptions) {
  const real = factory.make(1);
  const imagined = factory.make(futures);
  const size = spaceSize(factory.spec.actionSpace);
  const slots = Int32Array.from({ length: futures }, (_, slot) => slot);
  const rows = new Int32Array(futures);
  const best = new Float32Array(horizon * size);
  const tried = new Float32Array(futures * horizon * size);
  const actions = new Float32Array(futures * size);
  let total = 0;
  let time = 0;
  try {
    real.reset([0], streamKeys(seed, Purpose.evaluationReset, 0, 0, 1));
    for (; time < steps && !finished(real); time++) {
      const [k0, k1] = streamKey(seed, Purpose.scratch, time);
      const returns = new Float64Array(futures);
      imagined.restore(real.snapshot([0]), slots, { rows });
      for (let t = 0; t < horizon; t++) {
        for (let i = 0; i < futures * size; i++) {
          const at = t * size + (i % size);
          const slot = Math.floor(i / size);
          // Noise that lasts a few steps reaches further than noise that cancels itself; slot 0 tries the plan as it is.
          const noise = slot === 0 ? 0 : SPREAD * normal(k0, k1, slot, Math.floor(t / 3) * size + (i % size));
          actions[i] = Math.max(-1, Math.min(1, (best[at] ?? 0) + noise));
          tried[slot * best.length + at] = actions[i] ?? 0;
        }
        imagined.step(actions);
        for (let slot = 0; slot < futures; slot++) returns[slot] = (returns[slot] ?? 0) + (imagined.rewards[slot] ?? 0);
      }
      improve(best, tried, returns);
      real.step(best.slice(0, size));
      total += real.rewards[0] ?? 0;
      best.copyWithin(0, size); // the plan for the next step begins one later
    }
    return { total, time, planned: imagined.simulatorSteps };
  } finally {
    real.close();
    imagined.close();
  }
}

/** The plan becomes the mean of what was tried, weighed by the exponential of its return. */
function improve(best: Float32Array, tried: Float32Array, returns: Float64Array): void {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / returns.length) + 1e-9;
  const top = Math.max(...returns);
  const weights = returns.map((value) => Math.exp((value - top) / (TEMPERATURE * deviation)));
  const whole = weights.reduce((sum, value) => sum + value, 0);
  best.fill(0);
  weights.forEach((weight, slot) => {
    for (let i = 0; i < best.length; i++)
      best[i] = (best[i] ?? 0) + (weight / whole) * (tried[slot * best.length + i] ?? 0);
  });
}

function finished(env: VectorEnv): boolean {
  return env.terminated[0] === 1 || env.truncated[0] === 1;
}

/** A normal draw from two uniform ones (Box and Muller). */
function normal(k0: number, k1: number, item: number, dimension: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(k0, k1, item, 2 * dimension)));
  return radius * Math.cos(2 * Math.PI * uniform(k0, k1, item, 2 * dimension + 1));
}

/** Mean return of noise, as a policy draws it before it has learnt anything, over the same number of steps. */
export function actAtRandom(factory: EnvFactory, steps: number, seed: number, episodes = 20): number {
  const env = factory.make(episodes);
  const actions = new Float32Array(episodes * spaceSize(factory.spec.actionSpace));
  const [k0, k1] = streamKey(seed, Purpose.scratch);
  let total = 0;
  env.reset(undefined, streamKeys(seed, Purpose.evaluationReset, 0, 0, episodes));
  for (let t = 0; t < steps; t++) {
    env.step(actions.map((_, i) => normal(k0, k1, t, i)));
    total += env.rewards.reduce((sum, reward) => sum + reward, 0);
  }
  env.close();
  return total / episodes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', default: 'walker' },
      steps: { type: 'string', default: '150' },
      futures: { type: 'string', default: '128' },
      horizon: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
    },
  });
  registerEnvs();
  const { env, ...numbers } = values;
  const [steps, futures, horizon, seed] = [numbers.steps, numbers.futures, numbers.horizon, numbers.seed].map(
    Number,
  ) as [number, number, number, number];
  const factory = getEnv(env);
  const { total, time, planned } = plan(factory, { steps, futures, horizon, seed });
  console.log(`planned:  return ${total.toFixed(1)} in ${time} steps (${planned} simulated)`);
  console.log(
    `untrained: return ${actAtRandom(factory, steps, seed).toFixed(1)}, mean of 20 episodes of at most as many steps`,
  );
}
