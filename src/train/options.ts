import { z } from 'zod';
import { parseOptions } from '../base/options.js';
import { isFactory } from '../env/check-factory.js';
import { functionSchema } from '../env/source-schema.js';
import type { EnvFactory } from '../env/types.js';
import type { PolicySpec } from '../policy/types.js';
import type { RunConfig } from './config.js';
import type { ProgressRow } from './progress.js';

/** The policy that an iteration made: what `evaluatePolicy`, `savePolicy` and `Policy.create` take. */
export interface TrainedPolicy {
  readonly spec: PolicySpec;
  /** θ [P], a copy */
  readonly theta: Float32Array;
}

/**
 * Callbacks are awaited (but for `onProgress`); one that throws or rejects ends the run: `train` rejects with the same
 * error, and the run directory holds everything up to the last iteration.
 */
export interface TrainOptions {
  /** The environment, if it is not one of the registry (then `environment.id` is only its name). */
  readonly env?: EnvFactory | undefined;
  /** Run directory; none: nothing is written. */
  readonly directory?: string | undefined;
  /** Threads of simulator and engine; default: cores. No part of the result. */
  readonly threads?: number | undefined;
  /**
   * Least seconds between two refreshes of policy.json and policy.safetensors while training. Default: 0 with
   * `onIteration`, which then finds the policy of its row on disk; else 15. The checkpoint always is of the last row.
   */
  readonly policyInterval?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once before the first iteration: what is about to run, and how much of it is done. */
  readonly onStart?: ((config: RunConfig, rows: readonly ProgressRow[]) => unknown) | undefined;
  /** Fraction of the iteration in progress, 0 … 1, some twenty times a second; not awaited. */
  readonly onProgress?: ((fraction: number, phase: 'sampling' | 'update') => unknown) | undefined;
  /** After each iteration, once it is on disk. `diverged`: episodes of it that ended by a diverged simulator. */
  readonly onIteration?: ((row: ProgressRow, diverged: number, policy: TrainedPolicy) => unknown) | undefined;
  /** Something the user should know; training goes on. */
  readonly onWarning?: ((message: string) => unknown) | undefined;
}

export const threadsSchema = z.int().min(1).max(1024).optional();
export const signalSchema = z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional();

const trainOptionsSchema = z.strictObject({
  env: z.custom<EnvFactory>(isFactory, { error: 'expected an EnvFactory, as defineEnv or getEnv make' }).optional(),
  directory: z.string().min(1, { error: 'expected a path, not an empty text' }).optional(),
  threads: threadsSchema,
  policyInterval: z.number().min(0).optional(),
  signal: signalSchema,
  onStart: functionSchema.optional(),
  onProgress: functionSchema.optional(),
  onIteration: functionSchema.optional(),
  onWarning: functionSchema.optional(),
});

/** @throws NotFoundError for unknown keys, ArgumentError for values of the wrong type */
export function checkTrainOptions(options: TrainOptions): TrainOptions {
  return parseOptions(trainOptionsSchema, options, 'training options') as TrainOptions;
}
