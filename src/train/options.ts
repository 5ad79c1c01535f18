import { z } from 'zod';
import type { AlgorithmDefinition, OptionsSchema } from '../algorithms/types.js';
import { isObject } from '../base/kinds.js';
import { signalSchema, threadsSchema } from '../base/limits.js';
import { parseOptions } from '../base/options.js';
import type { Communicator } from '../cluster/communicator.js';
import { isFactory } from '../env/check-factory.js';
import type { EnvFactory } from '../env/types.js';
import { callbackFields, type TrainCallbacks } from './callbacks.js';
import type { Logger } from './logger.js';

/** What a run is not: where it is written, who looks on, and what of it is not in the registries. */
export interface TrainOptions<Schema extends OptionsSchema = OptionsSchema> extends TrainCallbacks {
  /** The environment, if it is not one of the registry (then `environment.id` is only its name). */
  readonly env?: EnvFactory | undefined;
  /** The method, if it is not one of the registry. */
  readonly algorithm?: AlgorithmDefinition<Schema> | undefined;
  /** Loggers, by their names in the registry or as they are. Default: none. */
  readonly loggers?: readonly (string | Logger)[] | undefined;
  /** Run directory; none: nothing is written. */
  readonly directory?: string | undefined;
  /** Threads of simulator and engine; default: cores. No part of the result. */
  readonly threads?: number | undefined;
  /**
   * Least seconds between two refreshes of policy.json and policy.safetensors while training. Default: 0 with
   * an `onIteration`, which then finds the policy of its row on disk; else 15. The checkpoint always is of the last row.
   */
  readonly policyInterval?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * The processes that train together, from `openCommunicator`; default: this one alone. All of them make the same call. Only
   * rank 0 has run directory, loggers and callbacks. A process whose call rejects ends the others by `abort`.
   */
  readonly communicator?: Communicator | undefined;
}

const trainOptionsSchema = z.strictObject({
  env: z.custom<EnvFactory>(isFactory, { error: 'expected an EnvFactory, as defineEnv or getEnv make' }).optional(),
  algorithm: z
    .custom<AlgorithmDefinition>(isObject, { error: 'expected a method, as defineAlgorithm takes and gives' })
    .optional(),
  loggers: z
    .array(z.union([z.string(), z.custom<Logger>(isObject)], { error: 'expected a name, or a Logger' }))
    .optional(),
  directory: z.string().min(1, { error: 'expected a path, not an empty text' }).optional(),
  threads: threadsSchema,
  policyInterval: z.number().min(0).optional(),
  signal: signalSchema,
  communicator: z.custom<Communicator>(isObject, { error: 'expected what openCommunicator gives' }).optional(),
  ...callbackFields,
});

/** @throws NotFoundError for unknown keys, ArgumentError for values of the wrong type */
export function checkTrainOptions(options: TrainOptions): TrainOptions {
  return parseOptions(trainOptionsSchema, options, 'training options') as TrainOptions;
}
