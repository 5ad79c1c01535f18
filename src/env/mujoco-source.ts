import type { ColumnSource } from '../native/mujoco-fields.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import type { BoxSpace, ObservationScaling } from './types.js';

/** Rows of numbers, one per slot: element i of slot s is data[s * stride + i]. */
export interface Rows {
  readonly data: Float64Array;
  readonly stride: number;
}

/** What a MuJoCo environment's functions see: all N slots; they touch only the rows they are told. */
export interface MujocoTables {
  /** Positions, straight from the simulator's state table. */
  readonly qpos: Rows;
  readonly qvel: Rows;
  /** Controls of the step in the actuators' units, not clipped to their ranges (the simulator clips). */
  readonly control: Rows;
  /** The mjData fields named in `outputs`, as the simulator left them. */
  readonly outputs: Readonly<Record<string, Rows>>;
  /** The environment's own numbers named in `memory`; saved and restored with the state. */
  readonly memory: Readonly<Record<string, Rows>>;
  /** [N × observation size], gathered from columns or written by `observe`. */
  readonly observations: Float32Array;
  /** [N], written by `reward` (or by `before`). */
  readonly rewards: Float64Array;
  /** [N]; arrives 0, set to 1 by `reward` where the episode reached a terminal state. */
  readonly terminated: Uint8Array;
}

/** Works on slots first … end - 1 of the tables. */
export type SlotFunction = (tables: MujocoTables, first: number, end: number) => void;

/** The behaviour of an environment, made once its model is loaded. */
export interface MujocoFunctions {
  /**
   * Writes a start state into qpos and qvel, which arrive at the model's defaults. `draw(i)` is uniform in (0, 1),
   * independent for each i. Default: the model's defaults.
   */
  start?(qpos: Float64Array, qvel: Float64Array, draw: (dimension: number) => number): void;
  /** Called before the simulator moves, with the controls in place. */
  before?: SlotFunction;
  /** Called at the start of an episode and after every step; needed unless the source says what to `gather`. */
  observe?: SlotFunction;
  /** Called after every step, after `observe`. */
  reward: SlotFunction;
}

/** An environment on a MuJoCo model. */
export interface MujocoEnvSource {
  readonly id: string;
  /** The model: an MJCF (or URDF) file, or its text. */
  readonly model: { readonly file: string } | { readonly xml: string };
  /** Numbers of the functions; a snapshot fits only where they are equal. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Actuators; actions are normalised: ±1 are the ends of the control range. */
  readonly actuators: number;
  /** Calls of mj_step a step; default 1. */
  readonly substeps?: number;
  /** Seconds a step: substeps times the model's time step. */
  readonly secondsPerStep: number;
  /** A number: an unbounded vector of that many elements. */
  readonly observation: number | BoxSpace;
  readonly observationScaling?: ObservationScaling;
  readonly maxEpisodeSteps: number;
  /**
   * What observations consist of, in this order: state components and outputs, or parts of them. The simulator's threads
   * put them together (`MujocoBatch.gather`), which is faster than `observe`; that may still look at them, or change
   * them.
   */
  readonly gather?: readonly (string | ColumnSource)[];
  /** mjData fields of doubles that the functions read. */
  readonly outputs?: readonly string[];
  /**
   * How far derived quantities are recomputed after the last substep; default 'none': outputs are those computed in
   * the last substep, from the state before it.
   */
  readonly stage?: 'none' | 'position' | 'velocity' | 'acceleration';
  /** The environment's own numbers: name → how many a slot. */
  readonly memory?: Readonly<Record<string, number>>;
  functions(model: MujocoModel): MujocoFunctions;
}
