import { ArgumentError, RunDirectoryError } from '../base/errors.js';
import { Purpose, streamKey, streamKeys } from '../base/random.js';
import { Pacer } from '../base/scheduling.js';
import { getEnv } from '../env/registry.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { makeDistribution } from '../policy/distribution.js';
import { createEngine } from '../policy/engines/index.js';
import { readPolicy, type StoredPolicy } from '../policy/storage.js';
import type { PolicyEngine } from '../policy/types.js';
import type { RunConfig } from './config.js';

export interface EvaluateOptions {
  /** Default 30 */
  readonly episodes?: number;
  /** Default 0; its draws are never those of training, whatever the seed. */
  readonly seed?: number;
  /** Always the most likely action. Default false. */
  readonly deterministic?: boolean;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What `trellis eval` prints. */
export interface Evaluation {
  readonly mean_return: number;
  readonly std_return: number;
  readonly returns: number[];
  readonly mean_length: number;
  /** The paper's metric: total cost over (nominal length × episodes) */
  readonly mean_cost_per_step: number;
}

/** Most slots at a time; more episodes are played in rounds. */
const MAX_SLOTS = 64;

/** Plays episodes with the policy stored in a run directory, on the environment it was trained on. */
export async function evaluateRun(directory: string, options: EvaluateOptions = {}): Promise<Evaluation> {
  const stored = await readPolicy(directory);
  const named = stored.metadata['environment'] as RunConfig['environment'] | undefined;
  if (named === undefined) {
    throw new RunDirectoryError(`policy.json in ${directory} does not say which environment it is for`, {
      value: directory,
      hint: 'Evaluate it in a program, with evaluatePolicy(policy, env)',
    });
  }
  return evaluatePolicy(stored, getEnv(named.id, named.settings), options);
}

/** Plays episodes with a policy. Episode k is the same whatever the number of episodes or threads. */
export async function evaluatePolicy(
  policy: Pick<StoredPolicy, 'spec' | 'theta'>,
  factory: EnvFactory,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { episodes = 30, threads } = options;
  if (!Number.isSafeInteger(episodes) || episodes < 1) {
    throw new ArgumentError('episodes', { value: episodes, expected: 'an integer of at least 1' });
  }
  const limits = threads === undefined ? {} : { threads };
  const engine = await createEngine(policy.spec, 'native', limits);
  await engine.setParameters(policy.theta);
  const env = factory.make(Math.min(episodes, MAX_SLOTS), limits);
  try {
    const returns: number[] = [];
    const lengths: number[] = [];
    for (let first = 0; first < episodes; first += env.slots) {
      const count = Math.min(env.slots, episodes - first);
      const round = await playRound(env, engine, first, count, options);
      returns.push(...round.returns);
      lengths.push(...round.lengths);
    }
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const mean = sum(returns) / episodes;
    return {
      mean_return: mean,
      std_return: Math.sqrt(sum(returns.map((value) => (value - mean) ** 2)) / episodes),
      returns,
      mean_length: sum(lengths) / episodes,
      mean_cost_per_step: -sum(returns) / (episodes * factory.spec.maxEpisodeSteps),
    };
  } finally {
    env.close();
    engine.close();
  }
}

/** Episodes first … first + count - 1, one per slot; the other slots look on. */
async function playRound(
  env: VectorEnv,
  engine: PolicyEngine,
  first: number,
  count: number,
  { seed = 0, deterministic = false, signal }: EvaluateOptions,
) {
  const pacer = new Pacer(signal);
  const distribution = makeDistribution(engine.spec.distribution);
  const playing = Array.from({ length: count }, (_, slot) => slot);
  env.reset(playing, streamKeys(seed, Purpose.evaluationReset, 0, first, count));
  const keys = new Uint32Array(2 * env.slots);
  for (const slot of playing) keys.set(streamKey(seed, Purpose.evaluationPolicy, 0, first + slot), 2 * slot);
  const times = new Int32Array(env.slots);
  const actions = distribution.makeActions(env.slots);
  const logQ = new Float32Array(env.slots);
  const parameters = new Float32Array(env.slots * distribution.parameterSize);
  const returns = new Array<number>(count).fill(0);
  const lengths = new Array<number>(count).fill(0);
  const done = (slot: number) => (env.terminated[slot] | env.truncated[slot]) !== 0;
  for (let running = playing; running.length > 0; running = running.filter((slot) => !done(slot))) {
    await engine.forward(env.observations, env.slots, parameters);
    if (deterministic) distribution.mode(parameters, actions);
    else distribution.sample(parameters, keys, times, actions, logQ);
    env.step(actions);
    times.forEach((time, slot) => {
      times[slot] = time + 1;
    });
    for (const slot of running) {
      returns[slot] += env.rewards[slot];
      lengths[slot]++;
    }
    if (pacer.due()) await pacer.pause();
  }
  return { returns, lengths };
}
