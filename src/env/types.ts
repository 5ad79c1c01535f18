import type { Key } from '../base/random.js';
import type { Slots } from '../native/slots.js';
import type { Shape } from './drawing.js';

/** Real-valued vectors; `low` and `high` hold one bound per element (±Infinity where unbounded). */
export interface BoxSpace {
  readonly kind: 'box';
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'uint8';
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** One integer per factor, factor i in 0 … sizes[i] - 1. A plain discrete space has one factor. */
export interface DiscreteSpace {
  readonly kind: 'discrete';
  readonly sizes: readonly number[];
}

export type ActionSpace = BoxSpace | DiscreteSpace;
export type ObservationArray = Float32Array | Uint8Array;
/** Float32 for box action spaces, Int32 for discrete ones; [N × action size], row-major. */
export type ActionArray = Float32Array | Int32Array;
export type { Slots };

/**
 * Fixed affine scaling of observations, applied by the policy network's input layer: clip((o - offset) / scale, ±clip).
 * Constants of the environment, never running statistics.
 */
export interface ObservationScaling {
  readonly offset: Float32Array | number;
  readonly scale: Float32Array | number;
  /** Infinity: no clipping. */
  readonly clip: number;
}

export interface EnvSpec {
  readonly id: string;
  readonly observationSpace: BoxSpace;
  /** What `step` takes: ±1 are the ends of each element that has two bounds (see `defineEnv`). */
  readonly actionSpace: ActionSpace;
  /** Nominal episode length T in steps, 1 … 2^31 - 1; episodes are truncated here. */
  readonly maxEpisodeSteps: number;
  readonly observationScaling: ObservationScaling | null;
  /**
   * Hash of the model or ROM and of everything else that decides whether a snapshot fits. Of an environment on a MuJoCo
   * model: reading it compiles the model, once.
   */
  readonly modelHash: string;
  /** Seconds of simulated time (or frames) a step takes; for reports only. */
  readonly secondsPerStep: number;
}

/**
 * Simulator states of some slots plus every wrapper's own arrays; plain memory, restorable into any slot of an equal
 * environment any number of times. Serialise with `serializeSnapshot` / `deserializeSnapshot`.
 */
export interface Snapshot {
  readonly version: number;
  readonly envId: string;
  readonly modelHash: string;
  /** Slots saved. Row i of every part belongs to the i-th saved slot. */
  readonly count: number;
  readonly parts: Readonly<Record<string, ArrayBufferView>>;
}

/** [N] each; of Atari games `lives`, `frameNumbers` and `episodeFrameNumbers`. */
export type EnvInfo = Readonly<Record<string, Int32Array | Float64Array>>;

/**
 * N environments in lockstep. The typed arrays are owned by the environment, are the same objects for its whole life,
 * and hold the present values until the next call. No auto-reset: a finished slot stays frozen with reward 0, its flags
 * set and its observation as at the end, and costs no simulation, until it is reset or restored. Rewards and
 * observations are finite numbers always.
 */
export interface VectorEnv {
  readonly spec: EnvSpec;
  /** N */
  readonly slots: number;
  /** [N × observation size], row-major */
  readonly observations: ObservationArray;
  /** [N]; reward of the last step */
  readonly rewards: Float64Array;
  /**
   * [N]; the same before any wrapper scaled or clipped it for learning, in the environment's own unit: what the returns of
   * episodes are sums of. Absent where `rewards` is that.
   */
  readonly rawRewards?: Float64Array;
  /** [N]; 1 where the episode reached a terminal state */
  readonly terminated: Uint8Array;
  /** [N]; 1 where the episode was cut by its length */
  readonly truncated: Uint8Array;
  /** Slots that really simulated a step since the environment was made (frozen slots do not count). */
  readonly simulatorSteps: number;
  /** Episodes ended because the simulator diverged, since the environment was made. */
  readonly diverged: number;
  /** What else the simulator tells of each slot, by name; as present, and as much part of a snapshot, as the observations. */
  readonly info?: EnvInfo;

  /**
   * Starts new episodes.
   * @param slots default all
   * @param keys one key per slot in `slots`, flat; default: derived from seed 0 and the slot number
   * @throws ArgumentError; TrellisError ERR_DIVERGED for a start that is not of finite numbers
   */
  reset(slots?: Slots, keys?: Uint32Array): void;
  /**
   * @param actions [N × action size]; rows of finished slots are ignored
   * @throws ArgumentError NaN, infinite, or before any slot was reset: nothing has changed then. TrellisError ERR_DIVERGED,
   *   naming slot, step and field, for a reward or observation that is not a finite number. That, and any error thrown
   *   by a function of the definition, cuts the episodes in progress (truncated) until they are reset or restored.
   */
  step(actions: ActionArray): void;
  /**
   * Cuts episodes in progress where they stand: `truncated`, reward and observation as they are, frozen from here on.
   * Slots that have finished stay as they are. Every environment over an `EnvBackend` has it.
   */
  truncate?(slots: Slots): void;
  /**
   * A copy of a slot's physical state in doubles, for traces and pictures: MuJoCo qpos then qvel, otherwise the state
   * table's row. Absent where there is no such thing (Atari).
   */
  readState?(slot: number): Float64Array;
  snapshot(slots?: Slots): Snapshot;
  /**
   * Row i of the snapshot goes into slots[i] (or row rows[i], so that one saved state can fill many slots).
   * @param keys new keys for the environment's own noise, one per slot, flat; default: as saved
   * @throws SnapshotError of another environment, model or version, or damaged: nothing has changed then
   */
  restore(snapshot: Snapshot, slots: Slots, options?: { rows?: Slots; keys?: Uint32Array }): void;
  close(): void;
}

export interface EnvOptions {
  /** Threads of the simulator batch; default: cores. */
  threads?: number;
}

/** Turns states of one environment into shapes; what `render` and replays show. */
export interface Drawer {
  readonly shapes: readonly Shape[];
  /** Lowest and highest y of the picture, metres. */
  readonly view: readonly [number, number];
  /** Height of the ground; null: none, as where one looks from above. */
  readonly ground: number | null;
  /**
   * Writes the points of all shapes, x and y of each in metres, for slot 0 of an environment to out[at …].
   * @returns x to look at
   */
  pose(env: VectorEnv, out: Float32Array, at: number): number;
  close(): void;
}

/** Makes VectorEnvs of any size from one model or ROM. */
export interface EnvFactory {
  readonly spec: EnvSpec;
  make(slots: number, options?: EnvOptions): VectorEnv;
  /** Draws it, where the definition says how; environments on a MuJoCo model are drawn without. */
  drawer?(): Drawer;
}

export type { Key };
