import type { z } from 'zod';
import { checkAlgorithm, type Method } from '../algorithms/define.js';
import type { OptionsSchema } from '../algorithms/types.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError, RunDirectoryError } from '../base/errors.js';
import { alone } from '../cluster/communicator.js';
import { getEnv } from '../env/registry.js';
import { Callbacks, type TrainCallbacks } from './callbacks.js';
import { checkStateShape } from './checkpoint.js';
import { methodOf, type RunConfig, type RunConfigInput, resolveConfig } from './config.js';
import { noteFirstPolicy } from './first-policy.js';
import { checkSameEnv, describeEnvironment, storedEnv } from './identity.js';
import { makeLogger } from './loggers.js';
import { checkTrainOptions, type TrainOptions } from './options.js';
import { makeParts, type Parts } from './parts.js';
import { platformDifferences } from './platform.js';
import { fromLeader, joinProcesses, type Processes } from './processes.js';
import { finishRun, type TrainResult } from './run.js';
import { RunDirectory } from './run-directory.js';

/**
 * Trains a policy. Missing options take the paper's defaults.
 * @throws AbortedError when the signal is raised, CallbackError when a callback or a logger threw; the run directory then
 * holds everything up to the last iteration
 */
export async function train<Schema extends OptionsSchema = OptionsSchema>(
  input: RunConfigInput<z.input<Schema>>,
  given: TrainOptions<Schema> = {},
): Promise<TrainResult> {
  const options = checkTrainOptions(given as TrainOptions);
  const method = givenMethod(options);
  const resolved = resolveConfig(input as RunConfigInput, method);
  const { id, settings } = resolved.environment;
  const env = options.env ?? getEnv(id, settings);
  const config = await noteFirstPolicy({
    ...resolved,
    environment: describeEnvironment(resolved.environment, env, options.env !== undefined),
  });
  const known = methodOf(config, method);
  const processes = await joinProcesses(config, known, options);
  const { communicator, leads, threads } = processes;
  const callbacks = listenersOf(options, leads);
  let parts: Parts | null = null;
  try {
    parts = await makeParts(config, known, env, threads, false, communicator);
    const { directory: path } = options;
    const directory = path === undefined || !leads ? null : await RunDirectory.create(path, config, parts.method);
    for (const warning of processes.warnings) await callbacks.call('onWarning', warning);
    const state = { iteration: 0, simulatorSteps: 0, diverged: 0, rows: [], evaluations: [] };
    return await finishRun({
      config,
      parts,
      directory,
      state,
      callbacks,
      options: { ...options, threads },
      communicator,
    });
  } finally {
    parts?.close();
    processes.dispose();
  }
}

/**
 * Goes on with a run. The result is the same, byte for byte, as if it had never stopped.
 * @param path its run directory
 * @param iterations new total; a run that has them already is returned unchanged
 * @throws ArgumentError, RunDirectoryError if environment or method are not those that the run was trained with
 */
export async function resume<Schema extends OptionsSchema = OptionsSchema>(
  path: string,
  iterations?: number,
  given: TrainOptions<Schema> = {},
): Promise<TrainResult> {
  const options = checkTrainOptions(given as TrainOptions);
  checkResumed(path, iterations, options);
  const own = givenMethod(options);
  const { communicator = alone } = options;
  const callbacks = listenersOf(options, communicator.rank === 0);
  const opened = await fromLeader(
    communicator,
    async () => {
      const run = await RunDirectory.open(path, iterations, (config) => storedMethod(path, config, own));
      return { ...run, directory: run.directory as RunDirectory | null, config: run.directory.config };
    },
    (run) => ({ ...run, directory: null }),
  );
  const { directory, config, checkpoint, rows, evaluations } = opened;
  let parts: Parts | null = null;
  let processes: Processes | null = null;
  try {
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
    const method = methodOf(config, own);
    processes = await joinProcesses(config, method, options);
    const { threads } = processes;
    for (const warning of [...warnings, ...processes.warnings]) await callbacks.call('onWarning', warning);
    parts = await makeParts(config, method, env, threads, checkpoint !== null, communicator);
    if (checkpoint !== null) {
      const { algorithm } = parts;
      checkStateShape(checkpoint, algorithm.saveState(), algorithm.variableState);
      await algorithm.loadState(checkpoint.state);
    }
    const { iteration, simulatorSteps, diverged } = checkpoint ?? { iteration: 0, simulatorSteps: 0, diverged: 0 };
    const state = { iteration, simulatorSteps, diverged, rows, evaluations };
    return await finishRun({
      config,
      parts,
      directory,
      state,
      callbacks,
      options: { ...options, threads },
      communicator,
    });
  } finally {
    parts?.close();
    processes?.dispose();
    directory?.close();
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

function givenMethod({ algorithm }: TrainOptions): Method | undefined {
  return algorithm === undefined ? undefined : checkAlgorithm(algorithm);
}

/** @param leads whether this process has listeners at all */
function listenersOf(options: TrainOptions, leads: boolean): Callbacks {
  if (!leads) return new Callbacks([]);
  const loggers = (options.loggers ?? []).map(makeLogger);
  const named = loggers.map((logger) => [`logger "${logger.name}"`, logger] as const);
  return new Callbacks([['', options as TrainCallbacks], ...named]);
}

/** The method that a run was trained with. */
function storedMethod(path: string, config: RunConfig, own: Method | undefined): Method {
  try {
    return methodOf(config, own);
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause;
    throw new RunDirectoryError(`${path} was trained by ${cause.message.split(/[;.] /)[0]}`, {
      value: config.method,
      hint: 'Register it (registerAlgorithm), or give it: resume(directory, iterations, { algorithm })',
      cause,
    });
  }
}

/** The environment given, if it is the one that the run was trained on, or the registered one. */
function envToResume(path: string, config: RunConfig, { env }: TrainOptions, warn: (message: string) => void) {
  const hint = 'Give it to go on in a program: resume(directory, iterations, { env })';
  if (env === undefined) return storedEnv(path, config, hint, warn);
  checkSameEnv(path, config, env, warn);
  return env;
}
