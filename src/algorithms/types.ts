import type { EnvFactory } from '../env/types.js';
import type { ActingPolicy, PolicySpec } from '../policy/types.js';

/** Everything an algorithm may use. Made by the training loop. */
export interface AlgorithmContext extends ActingPolicy {
  readonly env: EnvFactory;
  readonly policy: PolicySpec;
  /** θ to start from [P] */
  readonly initialParameters: Float32Array;
  readonly seed: number;
  /** Threads of the simulator; default: cores */
  readonly threads?: number;
}

/** What one iteration reports: a row of progress.csv. NaN where a method has no such figure. */
export interface IterationReport {
  simulatorSteps: number;
  trunkSteps: number;
  branchSteps: number;
  episodes: number;
  meanReturn: number;
  meanLength: number;
  /** The paper's metric: total cost over (nominal length × episodes); steps after the end count 0. */
  meanCostPerStep: number;
  surrogateBefore: number;
  surrogateAfter: number;
  meanKl: number;
  maxKl: number;
  entropy: number;
  stepFraction: number;
  cgResidual: number;
  secondsSampling: number;
  secondsUpdate: number;
  diverged: number;
}

export interface IterationHooks {
  signal?: AbortSignal | undefined;
  /** Fraction of this iteration done, 0 … 1, with a word for what is going on. */
  onProgress?: ((fraction: number, phase: 'sampling' | 'update') => void) | undefined;
}

/** Named arrays; all an algorithm needs to go on after a resume (θ among them, under `theta`). */
export type AlgorithmState = Record<string, Float32Array | Float64Array | Int32Array>;

/**
 * One contract for every method. `iterate` is a pure function of (state, seed, iteration): run again from the same state
 * it gives the same bytes.
 */
export interface Algorithm {
  readonly name: string;
  /** Samples, estimates and updates once. On AbortedError the state is as before the call. */
  iterate(iteration: number, hooks?: IterationHooks): Promise<IterationReport>;
  /** Parameters of the policy to evaluate, save and show [P]. */
  parameters(): Float32Array;
  saveState(): AlgorithmState;
  loadState(state: AlgorithmState): void;
  close(): void;
}

/** Makes an algorithm from options that were parsed by `optionsSchema` (zod; unknown keys rejected). */
export interface AlgorithmDefinition<Options> {
  readonly name: string;
  /** One line for `trellis list`. */
  readonly summary: string;
  parseOptions(input: unknown): Options;
  create(context: AlgorithmContext, options: Options): Algorithm;
}
