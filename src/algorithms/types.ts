import type { z } from 'zod';
import type { Communicator } from '../cluster/communicator.js';
import type { EnvFactory, EnvSpec } from '../env/types.js';
import type { PolicySettings, PolicySettingsInput } from '../policy/settings.js';
import type { ActingPolicy, PolicySpec } from '../policy/types.js';
import type { ColumnSpec } from './columns.js';

/**
 * Everything an algorithm may use; made by the training loop. `engine` and `distribution` are of `policy`; the engine's
 * parameters are the algorithm's to set. Networks of its own (a value function) it makes with
 * `createEngine(spec, context.engine.name)` and closes in `close`.
 */
export interface AlgorithmContext extends ActingPolicy {
  /** Makes as many environments of one kind as it needs; they are the algorithm's to close. */
  readonly env: EnvFactory;
  /** What is evaluated, saved and shown; its settings are the run's, or the method's. */
  readonly policy: PolicySpec;
  /** θ to start from [P] */
  readonly initialTheta: Float32Array;
  /**
   * Root of all draws: `streamKey(seed, purpose, iteration, item)` with one of `Purpose`; `Purpose.method` is for draws
   * that only the method knows of.
   */
  readonly seed: number;
  /** Threads of the simulator; default: cores. No part of the result. */
  readonly threads?: number;
  /** The processes of the run, where it has several: samplers take it. See `AlgorithmDefinition.distributed`. */
  readonly communicator?: Communicator;
}

/** The episodes that ended in an iteration; those in progress count where they end. */
export interface EpisodeFigures {
  /** Undiscounted sums of rewards, one an episode */
  readonly returns: ArrayLike<number>;
  /** Steps, one an episode */
  readonly lengths: ArrayLike<number>;
  /** How many of them ended in this iteration. Default: all; 0 where none did and those are told of that ended last. */
  readonly ended?: number;
}

/** What one iteration reports: from it the training loop makes a row of progress.csv. */
export interface IterationReport {
  /** Steps of all simulators in this iteration */
  readonly simulatorSteps: number;
  readonly episodes: EpisodeFigures;
  /** Episodes ended by a diverged simulator; default 0 */
  readonly diverged?: number;
  /** The method's own columns, by their names there; one that is left out has no such figure this time (NaN). */
  readonly diagnostics: Readonly<Record<string, number>>;
}

export interface IterationHooks {
  /** When it is raised, give up the iteration by `signal.throwIfAborted()`, the state as before the call. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Fraction of a phase done, 0 … 1. The columns `seconds_sampling` and `seconds_update` tell how long each phase took;
   * an iteration begins with sampling.
   */
  readonly onProgress?: ((fraction: number, phase: 'sampling' | 'update') => void) | undefined;
}

/** A typed array of a saved state. */
export type StateArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Named arrays: all an algorithm needs to go on after a resume. Names do not begin with "environment.". */
export type AlgorithmState = Record<string, StateArray>;

/**
 * A method at work. `iterate` is a pure function of (state, seed, iteration): run again from the same state it gives the
 * same bytes, so that a resumed run is the uninterrupted one.
 */
export interface Algorithm {
  /** Samples, estimates and updates once. When it was aborted, or threw, the state is as before the call. */
  iterate(iteration: number, hooks?: IterationHooks): Promise<IterationReport>;
  /** θ of the policy to evaluate, save and show [P]. */
  theta(): Float32Array;
  /** Copies. */
  saveState(): AlgorithmState;
  /** Goes on from what `saveState` gave: the same names, types and lengths, but for those of `variableState`. */
  loadState(state: AlgorithmState): void | Promise<void>;
  /** Arrays of the state that need not always be there, or of the same length: names, or beginnings with a "*" after. */
  readonly variableState?: readonly string[] | undefined;
  /** Closes what it made. */
  close(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: any object schema; what it parses to is private to each definition
export type OptionsSchema = z.ZodObject<any, any>;

/** A method, as it is registered or given to `train`. */
export interface AlgorithmDefinition<Schema extends OptionsSchema = OptionsSchema> {
  /** Lower-case letters, digits and "-". */
  readonly name: string;
  /** One line for `trellis list`. */
  readonly summary: string;
  /** A zod object: what `options` in config.json, and `--set key=value`, may say. Unknown keys are rejected. */
  readonly options: Schema;
  /** Its own columns of progress.csv, after the common ones. */
  readonly columns?: readonly (string | ColumnSpec)[];
  /**
   * Says that `iterate` does the same in every process of `context.communicator`: θ, state and report are equal bytes there,
   * and those of a run of one process. Without it a method runs in one process only.
   */
  readonly distributed?: boolean;
  /** Policy settings in place of the defaults; those of a run come on top. */
  readonly policy?: PolicySettingsInput;
  /** The policy's specification, in place of the one that `policySpecFor(env, settings)` makes. */
  policySpec?(env: EnvSpec, settings: PolicySettings, options: z.output<Schema>): PolicySpec;
  create(context: AlgorithmContext, options: z.output<Schema>): Algorithm | Promise<Algorithm>;
}
