import { getAlgorithm } from '../algorithms/index.js';
import type { Algorithm } from '../algorithms/types.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { getEnv } from '../env/registry.js';
import type { EnvFactory } from '../env/types.js';
import { createEngine } from '../network/engines/index.js';
import { authors } from '../network/initialise.js';
import { makeDistribution } from '../policy/distribution.js';
import { initialPolicyParameters } from '../policy/policy-layout.js';
import type { PolicySpec } from '../policy/types.js';
import { watchProgress } from './callbacks.js';
import { type RunConfig, type RunConfigInput, resolveConfig } from './config.js';
import { checkSameEnv, describeEnvironment, storedEnv } from './identity.js';
import { type LoopState, trainingLoop } from './loop.js';
import { checkTrainOptions, type TrainOptions } from './options.js';
import { platformDifferences, platformFacts } from './platform.js';
import { policySpecFor } from './policy-settings.js';
import type { ProgressRow } from './progress.js';
import { RunDirectory } from './run-directory.js';
import { notedStatistics, withStatistics } from './statistics.js';

export interface TrainResult {
  readonly config: RunConfig;
  readonly policy: PolicySpec;
  /** θ after the last iteration [P] */
  readonly theta: Float32Array;
  /** All iterations of the run, those before a resume included */
  readonly rows: readonly ProgressRow[];
  /** What final.json holds */
  readonly final: Readonly<Record<string, unknown>>;
}

/** Iterations that the means in final.json are over. */
const LAST_ITERATIONS = 5;
/** Seconds between two refreshes of policy.json where nobody looks; the checkpoint always is of the last iteration. */
const POLICY_INTERVAL = 15;

/**
 * Trains a policy. Missing options take the paper's defaults.
 * @throws AbortedError when the signal is raised; the run directory then holds everything up to the last iteration
 */
export async function train(input: RunConfigInput, given: TrainOptions = {}): Promise<TrainResult> {
  const options = checkTrainOptions(given);
  const resolved = resolveConfig(input);
  const { id, settings } = resolved.environment;
  const env = options.env ?? getEnv(id, settings);
  const config = {
    ...resolved,
    environment: describeEnvironment(resolved.environment, env, options.env !== undefined),
  };
  const parts = await makeParts(config, env, options);
  try {
    const directory = options.directory === undefined ? null : await RunDirectory.create(options.directory, config);
    const state: LoopState = { iteration: 0, simulatorSteps: 0, diverged: 0, rows: [] };
    return await run(config, parts, directory, state, options);
  } finally {
    parts.close();
  }
}

/**
 * Goes on with a run. The result is the same, byte for byte, as if it had never stopped.
 * @param path its run directory
 * @param iterations new total; a run that has them already is returned unchanged
 * @throws ArgumentError, RunDirectoryError if the environment is not the one that the run was trained on
 */
export async function resume(path: string, iterations?: number, given: TrainOptions = {}): Promise<TrainResult> {
  const options = checkTrainOptions(given);
  checkResumed(path, iterations, options);
  const { directory, checkpoint, rows } = await RunDirectory.open(path, iterations);
  let parts: Parts | null = null;
  try {
    const { config } = directory;
    if (checkpoint !== null && checkpoint.iteration > config.iterations) {
      throw new ArgumentError(`the run has done ${checkpoint.iteration} iterations already`, {
        value: config.iterations,
        expected: `a total of at least ${checkpoint.iteration}`,
      });
    }
    const warnings = platformDifferences(config.platform).map(
      (difference) => `resumed elsewhere, results may differ in the last bits: ${difference}`,
    );
    const env = envToResume(path, config, options, (message) => warnings.push(message));
    for (const warning of warnings) await options.onWarning?.(warning);
    parts = await makeParts(config, env, options);
    if (checkpoint !== null) parts.algorithm.loadState(checkpoint.state);
    const { iteration, simulatorSteps, diverged } = checkpoint ?? { iteration: 0, simulatorSteps: 0, diverged: 0 };
    return await run(config, parts, directory, { iteration, simulatorSteps, diverged, rows }, options);
  } finally {
    parts?.close();
    directory.close();
  }
}

function checkResumed(path: string, iterations: number | undefined, { directory }: TrainOptions): void {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError(`the run directory is ${describeValue(path)}`, { value: path, expected: 'a path' });
  }
  if (iterations !== undefined && !(Number.isInteger(iterations) && iterations >= 1)) {
    throw new ArgumentError(`a total of ${describeValue(iterations)} iterations`, {
      value: iterations,
      expected: 'an integer of at least 1',
    });
  }
  if (directory !== undefined && directory !== path) {
    throw new ArgumentError('a resumed run stays in its directory', { value: directory, expected: 'no `directory`' });
  }
}

/** The environment given, if it is the one that the run was trained on, or the registered one. */
function envToResume(path: string, config: RunConfig, { env }: TrainOptions, warn: (message: string) => void) {
  const hint = 'Give it to go on in a program: resume(directory, iterations, { env })';
  if (env === undefined) return storedEnv(path, config, hint, warn);
  checkSameEnv(path, config, env, warn);
  return env;
}

interface Parts {
  readonly env: EnvFactory;
  readonly policy: PolicySpec;
  readonly algorithm: Algorithm;
  close(): void;
}

async function makeParts(config: RunConfig, env: EnvFactory, { threads }: TrainOptions): Promise<Parts> {
  const policy = policySpecFor(env.spec, config.policy);
  const engine = await createEngine(policy.network, config.engine, threads === undefined ? {} : { threads });
  try {
    const { initialStd, outputNorm } = config.policy;
    const definition = getAlgorithm(config.method);
    const context = {
      env,
      policy,
      engine,
      distribution: makeDistribution(policy.distribution),
      initialParameters: initialPolicyParameters(policy, config.seed, {
        output: authors(outputNorm),
        standardDeviation: initialStd,
      }),
      seed: config.seed,
      ...(threads === undefined ? {} : { threads }),
    };
    const algorithm = withStatistics(definition.create(context, definition.parseOptions(config.options)), env);
    const close = () => {
      algorithm.close();
      engine.close();
    };
    return { env, policy, algorithm, close };
  } catch (error) {
    engine.close();
    throw error;
  }
}

async function run(
  config: RunConfig,
  { env, policy, algorithm }: Parts,
  directory: RunDirectory | null,
  state: LoopState,
  options: TrainOptions,
): Promise<TrainResult> {
  // Those of the last whole iteration: one in progress has moved on.
  let noted = notedStatistics(env);
  const savePolicy = async () => {
    const { environment, experiment, platform } = config;
    const metadata = { environment, experiment, iteration: state.iteration, platform, ...noted };
    await directory?.savePolicy(policy, algorithm.parameters(), metadata);
  };
  const { onIteration, signal, policyInterval = onIteration === undefined ? POLICY_INTERVAL : 0 } = options;
  const progress = watchProgress(options.onProgress);
  try {
    const done = state.iteration;
    await options.onStart?.(config, state.rows);
    if (state.iteration < config.iterations) await directory?.removeFinal();
    let saved = Number.NEGATIVE_INFINITY;
    try {
      await trainingLoop(algorithm, config.iterations, state, {
        signal,
        onProgress: progress.call,
        async record(row, checkpoint) {
          noted = notedStatistics(env);
          await directory?.record(row, checkpoint);
          if (performance.now() - saved < 1000 * policyInterval) return;
          await savePolicy();
          saved = performance.now();
        },
        async onIteration(row, diverged) {
          progress.check();
          await onIteration?.(row, diverged, { spec: policy, theta: algorithm.parameters().slice() });
        },
        async onWarning(message) {
          await options.onWarning?.(message);
        },
      });
    } catch (error) {
      // Whatever stopped it, leave the policy of the checkpoint; the cause matters more than a failure to do so.
      await savePolicy().catch(() => {});
      throw error;
    }
    const final = finalFacts(config, env, algorithm, state);
    if (state.iteration > done || (await directory?.isComplete()) === false) {
      await savePolicy();
      await directory?.writeFinal(final);
    }
    return { config, policy, theta: algorithm.parameters(), rows: state.rows, final };
  } finally {
    directory?.close();
  }
}

function finalFacts(config: RunConfig, env: EnvFactory, algorithm: Algorithm, state: LoopState) {
  const last = state.rows.slice(-LAST_ITERATIONS);
  const mean = (column: keyof ProgressRow) => last.reduce((sum, row) => sum + row[column], 0) / last.length;
  const { trellis, node } = platformFacts();
  return {
    experiment: config.experiment,
    method: config.method,
    seed: config.seed,
    iterations: state.iteration,
    parameters: algorithm.parameters().length,
    simulator_steps: state.simulatorSteps,
    last_iterations: last.length,
    mean_return: mean('mean_return'),
    mean_length: mean('mean_length'),
    mean_cost_per_step: mean('mean_cost_per_step'),
    diverged_episodes: state.diverged,
    model_hash: env.spec.modelHash,
    versions: { trellis, node },
  };
}
