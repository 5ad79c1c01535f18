// Long because it is the contract of environments on MuJoCo models: most lines are what its fields promise.
import { z } from 'zod';
import type { Key } from '../base/random.js';
import type { Stage } from '../native/mujoco-batch.js';
import type { ColumnSource } from '../native/mujoco-fields.js';
import type { ModelOptions, MujocoModel, XmlOptions } from '../native/mujoco-model.js';
import type { NonFinite } from './finite-check.js';
import { commonSource, functionSchema } from './source-schema.js';
import type { BoxSpace, ObservationScaling } from './types.js';

/** Rows of numbers, one per slot: element i of slot s is data[s * stride + i]. */
export interface Rows<Data = Float64Array> {
  readonly data: Data;
  readonly stride: number;
}

/** What a MuJoCo environment's functions see: all N slots; they touch only the rows they are told. */
export interface MujocoTables {
  /** Positions, straight from the simulator's state table. */
  readonly qpos: Rows;
  readonly qvel: Rows;
  /** Controls of the step in the actuators' units, not clipped to their ranges (the simulator clips). */
  readonly control: Rows;
  /**
   * Every component of the state by MuJoCo's name: time, act, mocap_pos, mocap_quat, xfrc_applied, qfrc_applied,
   * eq_active (0 or 1), userdata …. What `before` writes there, the step uses.
   */
  readonly state: Readonly<Record<string, Rows>>;
  /** The mjData fields of doubles named in `outputs`, as the simulator left them. */
  readonly outputs: Readonly<Record<string, Rows>>;
  /** Those of integers (ncon, efc_type …). */
  readonly integers: Readonly<Record<string, Rows<Int32Array | Uint8Array>>>;
  /** The environment's own numbers named in `memory`: 0 when an episode starts, saved and restored with the state. */
  readonly memory: Readonly<Record<string, Rows>>;
  /** The model fields named in `slotParameters`. To be written by `start` only. */
  readonly parameters: Readonly<Record<string, Rows>>;
  /** [N × observation size], gathered from columns or written by `observe`. */
  readonly observations: Float32Array;
  /** [N], written by `reward` (or by `before`). */
  readonly rewards: Float64Array;
  /** [N]; arrives 0, set to 1 by `reward` where the episode reached a terminal state. */
  readonly terminated: Uint8Array;
  /** Steps taken before this one [N]. */
  readonly elapsed: Int32Array;
  /** [2N]: the environment's own noise is `uniform(keys[2 i], keys[2 i + 1], elapsed[i] + 1, dimension)`. */
  readonly keys: Uint32Array;
}

/** Works on slots first … end - 1 of the tables. */
export type SlotFunction = (tables: MujocoTables, first: number, end: number) => void;

/** What `start` may write beside positions and velocities. Arrays are live views of one slot, valid during the call. */
export interface MujocoStart {
  /** Number of the slot. What is drawn must not depend on it. */
  readonly slot: number;
  /** The episode's key, for starts that another generator than `draw` draws. */
  readonly key: Key;
  /** The slot's rows of `memory`, which arrive 0. */
  readonly memory: Readonly<Record<string, Float64Array>>;
  /** The slot's values of `slotParameters`, which arrive as in the model. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
  /** A component of the slot's state by MuJoCo's name: mocap_pos, mocap_quat, ctrl, act, eq_active …. */
  state(name: string): Float64Array;
  /** Puts the slot's whole state (positions and velocities, too) into a keyframe of the model. */
  keyframe(nameOrId: string | number): void;
}

/** The behaviour of an environment, made once its model is loaded. */
export interface MujocoFunctions {
  /**
   * Writes a start state into qpos and qvel, which arrive at the model's defaults (or the source's `keyframe`), and into
   * whatever else `slot` gives: goals, masses, activations. `draw(i)` is uniform in (0, 1), independent for each i, and
   * depends on the episode's key only. Default: the model's defaults.
   */
  start?(qpos: Float64Array, qvel: Float64Array, draw: (dimension: number) => number, slot: MujocoStart): void;
  /**
   * Called before the simulator moves, with the controls in place. Outputs are those of the step before, or of the start
   * state; after a restore those at the save.
   */
  before?: SlotFunction;
  /** Called at the start of an episode and after every step; needed unless the source says what to `gather`. */
  observe?: SlotFunction;
  /** Called after every step, after `observe`. */
  reward: SlotFunction;
}

/** An environment on a MuJoCo model. */
export interface MujocoEnvSource {
  readonly id: string;
  /**
   * The model: an MJCF (or URDF) file, or its text with the files that it names, in memory or in a directory; and what
   * `MujocoModel.fromFile` and `fromXml` can be told about it (`jacobian`, `plugins`).
   */
  readonly model: Readonly<{ file: string } & ModelOptions> | Readonly<{ xml: string } & XmlOptions>;
  /** Numbers of the functions; a snapshot fits only where they are equal. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Actuators; actions are normalised, ±1 are the ends of the control range, unless `action` says otherwise. */
  readonly actuators: number;
  /**
   * A box of one element per actuator: actions are controls in the actuators' units, used as they are, and these are
   * the bounds that the action space has. Default: normalised actions.
   */
  readonly action?: BoxSpace;
  /** Calls of mj_step a step; default 1. */
  readonly substeps?: number;
  /** Seconds a step: substeps times the model's time step. */
  readonly secondsPerStep: number;
  /** A number: an unbounded vector of that many elements. A box: of float32. */
  readonly observation: number | BoxSpace;
  readonly observationScaling?: ObservationScaling;
  readonly maxEpisodeSteps: number;
  /**
   * What observations consist of, in this order: state components and outputs, or parts of them. The simulator's threads
   * put them together (`MujocoBatch.gather`), which is faster than `observe`; that may still look at them, or change
   * them.
   */
  readonly gather?: readonly (string | ColumnSource)[];
  /** mjData fields that the functions read: doubles come as `outputs`, integers as `integers`. */
  readonly outputs?: readonly string[];
  /**
   * How far derived quantities are recomputed after the last substep; default 'none': outputs are those computed in
   * the last substep, from the state before it.
   */
  readonly stage?: Stage;
  /**
   * How far they are computed at the start of an episode. Default: whole ('acceleration') where the source names
   * `outputs` or gathers some. 'none': they are 0 in the first observation, and in the first `before`.
   */
  readonly startStage?: Stage;
  /** The environment's own numbers: name → how many a slot. */
  readonly memory?: Readonly<Record<string, number>>;
  /**
   * Model fields of doubles (body_mass, geom_friction …) of which each slot has its own: an episode begins with the
   * model's, `start` may change them, constants that depend on them are recomputed (`mj_setConst`), and they are saved
   * and restored with the state.
   */
  readonly slotParameters?: readonly string[];
  /** Keyframe (name or id) in which episodes begin, before `start` is called. */
  readonly keyframe?: string | number;
  /**
   * A row kernel of the addon: its outputs are then among those to be gathered and read, and need no stage. See
   * `MujocoBatchOptions.kernel`.
   */
  readonly kernel?: string;
  /** Whatever would leave the simulator's fast path is refused: see `MujocoBatchOptions.fast`. Default false. */
  readonly fast?: boolean;
  /** Keep MuJoCo's working memory for each slot instead of each thread: see `MujocoBatchOptions`. Default false. */
  readonly persistent?: boolean;
  /** What becomes of NaN or infinite rewards and observations; default 'error'. Diverged simulations end anyway. */
  readonly nonFinite?: NonFinite;
  functions(model: MujocoModel): MujocoFunctions;
  /** The same functions for `trellis export --html`, which simulates the environment in a browser. */
  readonly portable?: PortableFunctions;
}

/** Functions that a page in a browser can load: module `module` exports `name`, and `name(...arguments)` is `functions`. */
export interface PortableFunctions {
  /** URL of a file (`new URL('./motion.js', import.meta.url).href`) that imports files like itself, types, and of `trellis-rl` errors and draws. */
  readonly module: string;
  readonly name: string;
  /** As JSON can say them. The functions may ask the model while they are made, not later. */
  readonly arguments: readonly unknown[];
}

const stageSchema = z.enum(['none', 'position', 'velocity', 'acceleration']);

const modelOptions = {
  jacobian: z.enum(['dense', 'sparse', 'auto']).optional(),
  plugins: z.string().optional(),
};

/** The keys of a source and their types; what they mean for its model is checked when that is loaded. */
export const mujocoSourceSchema = z.strictObject({
  ...commonSource,
  model: z.union(
    [
      z.strictObject({ file: z.string().min(1), ...modelOptions }),
      z.strictObject({
        xml: z.string(),
        directory: z.string().optional(),
        assets: z.record(z.string(), z.union([z.string(), z.instanceof(Uint8Array)])).optional(),
        ...modelOptions,
      }),
    ],
    { error: 'expected { file } or { xml }, the text with `directory` or `assets` (files by name)' },
  ),
  parameters: z.record(z.string(), z.unknown()).optional(),
  actuators: z.int().min(0),
  action: z
    .custom<BoxSpace>((value) => (value as BoxSpace | null)?.kind === 'box', { error: 'expected a box' })
    .optional(),
  substeps: z.int().min(1).optional(),
  gather: z
    .array(
      z.union([z.string(), z.strictObject({ name: z.string(), first: z.int().optional(), count: z.int().optional() })]),
    )
    .optional(),
  outputs: z.array(z.string()).optional(),
  stage: stageSchema.optional(),
  startStage: stageSchema.optional(),
  memory: z.record(z.string(), z.int().min(1)).optional(),
  slotParameters: z.array(z.string()).optional(),
  keyframe: z.union([z.string(), z.int()]).optional(),
  kernel: z.string().min(1).optional(),
  fast: z.boolean().optional(),
  persistent: z.boolean().optional(),
  functions: functionSchema,
  portable: z.strictObject({ module: z.string(), name: z.string(), arguments: z.array(z.unknown()) }).optional(),
});

export const functionsSchema = z.strictObject({
  start: functionSchema.optional(),
  before: functionSchema.optional(),
  observe: functionSchema.optional(),
  reward: functionSchema,
});
