import { typedArrayLength } from '../base/describe.js';
import { ArgumentError, ClosedError } from '../base/errors.js';
import { readOptions } from '../base/options.js';
import { checkArray } from './arrays.js';
import type { BatchSimulator, SlotOptions } from './batch-simulator.js';
import { type BatchHandle, mujocoAddon } from './mujoco-addon.js';
import { badControlAt, checkControls, writeControls } from './mujoco-controls.js';
import type { ColumnSource, FieldArray, FloatOutput } from './mujoco-fields.js';
import type { MujocoModel } from './mujoco-model.js';
import { type CallOptions, checkSavable, type MujocoBatchOptions, readBatchOptions } from './mujoco-options.js';
import { leavesFast, MujocoViews, type StateView } from './mujoco-views.js';
import { callNative } from './native-errors.js';
import { checkInteger, checkRows, checkSlots, type Slots, sortedSlots } from './slots.js';

export type { CallOptions, MujocoBatchOptions } from './mujoco-options.js';
export type { Stage } from './mujoco-stages.js';
export type { StateView } from './mujoco-views.js';

/** Kinds of warnings, in the order of `MujocoBatch.warningCounts`. */
export const warningKinds = [
  'inertia',
  'contactFull',
  'constraintFull',
  'badQpos',
  'badQvel',
  'badQacc',
  'badCtrl',
] as const;

/**
 * N simulations of one MuJoCo model, stepped together on a few threads. All arrays are live views of native memory:
 * writing into the state table sets the states, reading costs nothing. They are the same objects until `close`, which
 * leaves them empty (length 0). Calls are synchronous.
 */
export class MujocoBatch implements BatchSimulator<Float64Array, [substeps?: number, options?: CallOptions]> {
  readonly model: MujocoModel;
  /** N */
  readonly slots: number;
  readonly threads: number;
  /** Numbers in a state row. */
  readonly stateSize: number;
  /** The state table [N × stateSize]: all that decides a slot's future. Writable. */
  readonly states: Float64Array;
  /** [N] what happened to each slot in the last call: `Fault`. Slots that took no part show none. */
  readonly faults: Uint8Array;
  /** [N × warningKinds.length] warnings since the batch was made; writable, so that they can be cleared. */
  readonly warningCounts: Int32Array;
  readonly #handle: BatchHandle;
  readonly #views: MujocoViews;
  readonly #controls: StateView;
  #closed = false;

  /**
   * @throws ArgumentError absurd counts; MemoryError if the state table would not fit; ModelError if MuJoCo cannot
   * batch the model; PlatformError if the threads do not start
   */
  constructor(model: MujocoModel, options: MujocoBatchOptions) {
    const { slots, threads, persistent, externalBuffers, kernel, fast } = readBatchOptions(model, options);
    const fields = kernel === null ? model.dataFields : { ...model.dataFields, ...model.rowKernel(kernel) };
    this.model = model;
    this.slots = slots;
    const { MujocoBatchHandle } = mujocoAddon();
    const make = () => new MujocoBatchHandle(model.handle, slots, threads, persistent, externalBuffers, kernel ?? '');
    this.#handle = callNative('MujocoBatch', make, threads);
    const description = this.#handle.describe();
    this.threads = description.threads;
    this.stateSize = description.stateSize;
    this.states = new Float64Array(description.states);
    this.faults = new Uint8Array(description.faults);
    this.warningCounts = new Int32Array(description.warningCounts);
    this.#views = new MujocoViews(model, (native) => this.#call(native), this.states, this.stateSize, fields, fast);
    if (fast && !this.fast) {
      this.close();
      throw leavesFast(persistent ? 'persistent: true' : 'this model');
    }
    this.#controls = this.state('ctrl');
    this.reset();
  }

  /**
   * A component of the state table: time, qpos, qvel, act, ctrl, qacc_warmstart, qfrc_applied, xfrc_applied, mocap_pos,
   * mocap_quat, eq_active, userdata ….
   * @throws NotFoundError with the nearest names
   */
  state(name: string): StateView {
    this.#open();
    return this.#views.state(name);
  }

  /**
   * A field of mjData [N × size] that MuJoCo derives from the state (xpos, cvel, sensordata, qfrc_constraint, ncon …),
   * refreshed by every call on a slot from now on; until then zero. After `step` with stage "none" it describes the
   * state before the last substep, as after mj_step. Read only.
   *
   * Some are computed only because this was called: cacc, cfrc_int and cfrc_ext (by mj_rnePostConstraint) with stage
   * "none" or "acceleration", subtree_linvel, subtree_angmom (by mj_subtreeVel) and energy also with "velocity"; other
   * stages are refused from then on. With stage "none" they are what the same call gives in Python right after the last
   * mj_step (energy: of the state before the last substep). solver_fwdinv exists only in models with
   * `<flag fwdinv="enable"/>`; qfrc_inverse is refused.
   *
   * Outputs of the batch's row kernel describe the state itself at a fraction of the price of a stage. They use the
   * model's own numbers, not those of `parameter`, and keep to the rules of `gather`.
   * @throws NotFoundError with the nearest names; ArgumentError for one that this model never computes, or that a batch
   * with `fast: true` does not have
   */
  output(name: FloatOutput): Float64Array;
  output(name: string): FieldArray;
  output(name: string): FieldArray {
    this.#open();
    return this.#views.output(name);
  }

  /**
   * Rows of floats [N × numbers named] that put columns of states and outputs side by side, as a policy wants to see
   * them; written by the batch's threads right after each slot's step, and by the other calls unless their stage is
   * "none". Slots with a fault keep their row. After writing states by hand, call `refresh`.
   * @param columns names of state components and Float64 outputs, or parts of them
   * @throws NotFoundError, ArgumentError for columns that do not exist
   */
  gather(columns: readonly (string | ColumnSource)[]): Float32Array {
    this.#open();
    return this.#views.gather(columns);
  }

  /** Brings `gather`'s rows and the row kernel's outputs up to date with states written by hand. */
  refresh(options: SlotOptions = {}): void {
    this.#open();
    const { slots } = readOptions(options, ['slots'], 'refresh options');
    const selected = sortedSlots(slots, this.slots);
    this.#call((handle) => handle.refresh(selected));
  }

  /** Numbers a slot of an output or state component. */
  size(name: string): number {
    this.#open();
    return this.#views.size(name);
  }

  /**
   * Gives a model field ("body_mass", "geom_friction", "opt.gravity") one value a slot, at first the model's.
   * @returns [N × size], writable; takes effect at the slot's next call. Constants derived from it (inverse weights,
   * …) follow only after `setConstants`.
   * @throws NotFoundError for unknown fields; ArgumentError for those that must be the same in all slots: whole numbers
   * that say which, where or how many, and assets
   */
  parameter(name: string): FieldArray {
    this.#open();
    return this.#views.parameter(name);
  }

  /** Recomputes the model constants that depend on fields from `parameter`. @returns slots with a fault */
  setConstants(options: SlotOptions = {}): number {
    this.#open();
    const { slots } = readOptions(options, ['slots'], 'setConstants options');
    const selected = sortedSlots(slots, this.slots);
    return this.#call((handle) => handle.setConstants(selected));
  }

  /**
   * Writes controls.
   * @param controls [slots × nu], in the actuators' units
   * @throws ArgumentError wrong length, NaN or infinity
   */
  setControls(controls: ArrayLike<number>, options: SlotOptions = {}): void {
    this.#open();
    const { slots } = readOptions(options, ['slots'], 'setControls options');
    const selected = slots === undefined ? null : checkSlots(slots, this.slots);
    const count = selected === null ? this.slots : selected.length;
    const checked = checkControls(controls, count, this.#controls.size, selected);
    this.#open();
    writeControls(this.#controls, checked, count, selected);
  }

  /**
   * Advances slots by `substeps` of `model.timestep`. Default stage "none": outputs are those of the last substep's
   * start; "velocity" brings positions, velocities and their sensors up to date.
   * @returns how many slots had a fault; `faults` says which. A diverged slot was reset by MuJoCo, one with an engine
   * error has the state it had before; the others are not affected.
   * @throws ArgumentError a control is NaN or infinite
   */
  step(substeps = 1, options: CallOptions = {}): number {
    this.#open();
    const given = readOptions(options, callKeys, 'step options');
    checkInteger('substeps', substeps, 1, 2 ** 30);
    const slots = sortedSlots(given.slots, this.slots);
    const stage = this.#views.requested.number(given.stage ?? 'none');
    const result = this.#call((handle) => handle.step(slots, substeps, stage));
    if (result < 0) throw badControlAt(this.#controls, -1 - result);
    return result;
  }

  /** Computes derived quantities from the present states, to stage "acceleration" unless told. @returns slots with a fault */
  forward(options: CallOptions = {}): number {
    this.#open();
    const given = readOptions(options, callKeys, 'forward options');
    const slots = sortedSlots(given.slots, this.slots);
    const stage = this.#views.requested.number(given.stage ?? 'acceleration');
    return this.#call((handle) => handle.forward(slots, stage));
  }

  /**
   * Puts slots into the model's default state, or a keyframe (name or id, for all slots given), and computes derived
   * quantities to stage "acceleration" unless told; with stage "none" outputs are zero. @returns slots with a fault
   */
  reset(options: CallOptions & { keyframe?: string | number } = {}): number {
    this.#open();
    const given = readOptions(options, resetKeys, 'reset options');
    const slots = sortedSlots(given.slots, this.slots);
    const stage = this.#views.requested.number(given.stage ?? 'acceleration');
    let keyframes: Int32Array | null = null;
    if (given.keyframe !== undefined) {
      const id = this.model.keyframe(given.keyframe);
      keyframes = new Int32Array(slots === null ? this.slots : slots.length).fill(id);
    }
    return this.#call((handle) => handle.reset(slots, keyframes, stage));
  }

  /**
   * Copies of the state rows of slots, in the order given.
   * @param options.into [slots × stateSize]; default a new array
   * @throws SnapshotError for models with sleep or IPC, whose rows are not all that decides a slot's future
   */
  save(options: SlotOptions & { into?: Float64Array } = {}): Float64Array {
    this.#open();
    checkSavable(this.model);
    const { slots, into } = readOptions(options, ['slots', 'into'], 'save options');
    const selected = checkSlots(slots, this.slots);
    const length = selected.length * this.stateSize;
    if (into !== undefined)
      checkArray('rows to save into', into, 'Float64Array', length, { exact: true, shared: true });
    // Rows that are copied within the table go by way of others.
    const isApart = into !== undefined && into.buffer !== this.states.buffer;
    const rows = isApart ? into : new Float64Array(length);
    this.#call((handle) => handle.save(selected, rows));
    if (into === undefined || isApart) return rows;
    into.set(rows);
    return into;
  }

  /**
   * Puts saved rows into slots: row rows[i] (default i) into slots[i]; a row may go into many slots. Then computes
   * derived quantities to stage "acceleration" unless told.
   * @param saved from `save` of any batch of the same model
   * @returns slots with a fault
   * @throws SnapshotError for models with sleep or IPC
   */
  restore(saved: Float64Array, options: CallOptions & { rows?: Slots } = {}): number {
    this.#open();
    checkSavable(this.model);
    const read = readOptions(options, restoreKeys, 'restore options');
    checkArray('saved states', saved, 'Float64Array', 0, { shared: true });
    const length = typedArrayLength(saved);
    const count = length / this.stateSize;
    if (!Number.isInteger(count)) {
      const expected = `rows of ${this.stateSize}`;
      throw new ArgumentError(`saved states of ${length} numbers`, { value: length, expected });
    }
    const slots = checkSlots(read.slots, this.slots);
    const rows = checkRows(read.rows, count, slots.length);
    const stage = this.#views.requested.number(read.stage ?? 'acceleration');
    // The lists above may have been read by way of getters: the memory is looked at again, last.
    checkArray('saved states', saved, 'Float64Array', length, { exact: true, shared: true });
    // Rows may trade places within the table.
    const source = saved.buffer === this.states.buffer ? saved.slice() : saved;
    return this.#call((handle) => handle.restore(source, slots, rows, stage));
  }

  /** MuJoCo's text about the slot's engine error in the last call, "" if there was none. */
  errorText(slot: number): string {
    this.#open();
    checkInteger('slot', slot, 0, this.slots - 1);
    return this.#handle.errorText(slot);
  }

  /** Whether steps of stage "none" take our own path: see the option `fast`. An output or a parameter may end it. */
  get fast(): boolean {
    return this.#call((handle) => handle.isFast());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Frees everything; every array is empty afterwards. Closing twice is allowed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
  }

  #open(): void {
    if (this.#closed) throw new ClosedError('MujocoBatch');
  }

  /** Looks whether the batch is open again: a getter among the arguments may have closed it. */
  #call<T>(native: (handle: BatchHandle) => T): T {
    this.#open();
    return callNative('MujocoBatch', () => native(this.#handle));
  }
}

const callKeys = ['slots', 'stage'] as const;
const resetKeys = [...callKeys, 'keyframe'] as const;
const restoreKeys = [...callKeys, 'rows'] as const;
