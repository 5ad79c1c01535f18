import { getAlgorithm } from '../algorithms/index.js';
import type { Algorithm } from '../algorithms/types.js';
import { ArgumentError } from '../base/errors.js';
import { getEnv } from '../env/registry.js';
import type { EnvFactory } from '../env/types.js';
import { createEngine } from '../policy/engines/index.js';
import { initialParameters } from '../policy/network.js';
import type { PolicySpec } from '../policy/types.js';
import { type RunConfig, type RunConfigInput, resolveConfig } from './config.js';
import { type LoopState, type TrainingHooks, trainingLoop } from './loop.js';
import { platformDifferences, platformFacts } from './platform.js';
import { policySpecFor } from './policy-settings.js';
import type { ProgressRow } from './progress.js';
import { RunDirectory } from './run-directory.js';

export interface TrainOptions extends TrainingHooks {
  /** The environment, if it is not one of the registry (then `environment.id` is only its name). */
  readonly env?: EnvFactory;
  /** Run directory; none: nothing is written. */
  readonly directory?: string | undefined;
  /** Threads of simulator and engine; default: cores. No part of the result. */
  readonly threads?: number | undefined;
  /** Called once before the first iteration: what is about to run, and how much of it is done. */
  readonly onStart?: ((config: RunConfig, rows: readonly ProgressRow[]) => void) | undefined;
  /** Something the user should know; training goes on. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

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
/** policy.json is refreshed during a run when it is older than this; the checkpoint always is. */
const POLICY_INTERVAL_MS = 15_000;

/**
 * Trains a policy. Missing options take the paper's defaults.
 * @throws AbortedError when the signal is raised; the run directory then holds everything up to the last iteration
 */
export async function train(input: RunConfigInput, options: TrainOptions = {}): Promise<TrainResult> {
  const config = resolveConfig(input);
  const parts = await makeParts(config, options);
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
 * @param iterations new total; a run that has them already is returned unchanged
 */
export async function resume(path: string, iterations?: number, options: TrainOptions = {}): Promise<TrainResult> {
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
    for (const difference of platformDifferences(config.platform)) {
      options.onWarning?.(`resumed elsewhere, results may differ in the last bits: ${difference}`);
    }
    parts = await makeParts(config, options);
    if (checkpoint !== null) parts.algorithm.loadState(checkpoint.state);
    const { iteration, simulatorSteps, diverged } = checkpoint ?? { iteration: 0, simulatorSteps: 0, diverged: 0 };
    return await run(config, parts, directory, { iteration, simulatorSteps, diverged, rows }, options);
  } finally {
    parts?.close();
    directory.close();
  }
}

interface Parts {
  readonly env: EnvFactory;
  readonly policy: PolicySpec;
  readonly algorithm: Algorithm;
  close(): void;
}

async function makeParts(config: RunConfig, { env: given, threads }: TrainOptions): Promise<Parts> {
  const env = given ?? getEnv(config.environment.id, config.environment.settings);
  const policy = policySpecFor(env.spec, config.policy);
  const engine = await createEngine(policy, config.engine, threads === undefined ? {} : { threads });
  try {
    const { initialStd, outputNorm } = config.policy;
    const definition = getAlgorithm(config.method);
    const context = {
      env,
      policy,
      engine,
      initialParameters: initialParameters(policy, config.seed, { outputNorm, standardDeviation: initialStd }),
      seed: config.seed,
      ...(threads === undefined ? {} : { threads }),
    };
    const algorithm = definition.create(context, definition.parseOptions(config.options));
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
  const savePolicy = async () => {
    const metadata = { environment: config.environment, experiment: config.experiment, iteration: state.iteration };
    await directory?.savePolicy(policy, algorithm.parameters(), metadata);
  };
  try {
    const done = state.iteration;
    options.onStart?.(config, state.rows);
    if (state.iteration < config.iterations) await directory?.removeFinal();
    let saved = Number.NEGATIVE_INFINITY;
    try {
      await trainingLoop(
        algorithm,
        config.iterations,
        state,
        async (row, checkpoint) => {
          await directory?.record(row, checkpoint);
          if (performance.now() - saved < POLICY_INTERVAL_MS) return;
          await savePolicy();
          saved = performance.now();
        },
        options,
      );
    } catch (error) {
      // Whatever stopped it, leave the policy of the checkpoint; the cause matters more than a failure to do so.
      await savePolicy().catch(() => {});
      throw error;
    }
    const final = finalFacts(config, env, algorithm, state);
    if (state.iteration > done || directory?.hasFinal() === false) {
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
