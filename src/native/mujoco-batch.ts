// Long because it is one public class: most lines are what its methods promise, and its arrays belong together.
import { availableParallelism } from 'node:os';
import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import {
  ArgumentError,
  ClosedError,
  MemoryError,
  ModelError,
  NotFoundError,
  PlatformError,
  SnapshotError,
  TrellisError,
} from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { readOptions } from '../base/options.js';
import { checkArray } from './arrays.js';
import { type BatchHandle, mujocoAddon } from './mujoco-addon.js';
import { arrayOver, type ColumnSource, elementBytes, type FieldArray, type FloatOutput } from './mujoco-fields.js';
import { MujocoModel } from './mujoco-model.js';
import { checkParameter } from './mujoco-parameters.js';
import { RequestedOutputs, type Stage } from './mujoco-stages.js';
import { checkInteger, checkSlots, sortedSlots } from './slots.js';
import { startingThreads } from './threads.js';

export type { Stage } from './mujoco-stages.js';

/** What happened to a slot in the last call (`MujocoBatch.faults`). */
export const Fault = { none: 0, diverged: 1, engineError: 2 } as const;

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

export interface MujocoBatchOptions {
  /** N, the number of simulations. */
  slots: number;
  /** Including the calling one; at most N are used. Default: cores. */
  threads?: number;
  /**
   * Keep all of MuJoCo's working memory for each slot instead of each thread. Costs memory; makes stage "velocity" of
   * `step` nearly free, since the next step goes on from it, and is needed by models with sleep enabled. Default false.
   */
  persistent?: boolean;
  /** False: arrays are copies, refreshed around every call, as where external buffers are not allowed. Default true. */
  externalBuffers?: boolean;
}

/** A component of the state table: element j of slot i is `array[offset + i * stride + j]`, 0 <= j < size. */
export interface StateView {
  readonly array: Float64Array;
  readonly offset: number;
  readonly stride: number;
  readonly size: number;
}

export interface CallOptions {
  /** Which slots; default all. */
  slots?: Int32Array | readonly number[];
  stage?: Stage;
}

const maximumSlots = 2 ** 24;
const maximumThreads = 1024;

/**
 * N simulations of one MuJoCo model, stepped together on a few threads. All arrays are live views of native memory:
 * writing into the state table sets the states, reading costs nothing. They are the same objects until `close`, which
 * leaves them empty (length 0). Calls are synchronous.
 */
export class MujocoBatch {
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
  readonly #components = new Map<string, StateView>();
  readonly #arrays = new Map<string, FieldArray>();
  readonly #controls: StateView;
  readonly #requested = new RequestedOutputs();
  #closed = false;

  /**
   * @throws ArgumentError absurd counts; MemoryError if the state table would not fit; ModelError if MuJoCo cannot
   * batch the model
   */
  constructor(model: MujocoModel, options: MujocoBatchOptions) {
    if (!(model instanceof MujocoModel)) {
      throw new ArgumentError(`model: ${describeValue(model)}`, { value: model, expected: 'a MujocoModel' });
    }
    const given = readOptions(options, ['slots', 'threads', 'persistent', 'externalBuffers'], 'batch options');
    const persistent = checkFlag('persistent', given.persistent ?? false);
    const externalBuffers = checkFlag('externalBuffers', given.externalBuffers ?? true);
    this.model = model;
    this.slots = checkInteger('slots', given.slots as number, 1, maximumSlots);
    const threads = checkInteger('threads', given.threads ?? availableParallelism(), 1, maximumThreads);
    if (model.closed) throw new ClosedError('MujocoModel');
    const beyond = beyondRows(model);
    if (beyond !== null && !persistent) {
      throw new ArgumentError(`a model with ${beyond} needs working memory for each slot`, {
        value: persistent,
        expected: 'persistent: true',
      });
    }
    checkBatchMemory(model, this.slots, persistent);
    const { MujocoBatchHandle } = mujocoAddon();
    try {
      this.#handle = startingThreads(
        threads,
        () => new MujocoBatchHandle(model.handle, this.slots, threads, persistent, externalBuffers),
      );
    } catch (cause) {
      if (cause instanceof PlatformError) throw cause;
      if (/bad_alloc/.test((cause as Error).message)) {
        throw new MemoryError(`no memory for ${this.slots} slots`, { value: this.slots, cause });
      }
      throw new ModelError(`MuJoCo cannot make the batch: ${(cause as Error).message}`, { cause });
    }
    const description = this.#handle.describe();
    this.threads = description.threads;
    this.stateSize = description.stateSize;
    this.states = new Float64Array(description.states);
    this.faults = new Uint8Array(description.faults);
    this.warningCounts = new Int32Array(description.warningCounts);
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
    checkName(name);
    let view = this.#components.get(name);
    if (view === undefined) {
      const field = this.model.dataFields[name];
      if (field === undefined || field.component === 0) {
        const known = Object.entries(this.model.dataFields).filter(([, shape]) => shape.component !== 0);
        const hint = field === undefined ? {} : { hint: 'It is derived from the state: use output()' };
        throw new NotFoundError(
          'state component',
          name,
          known.map(([key]) => key),
          hint,
        );
      }
      const [offset, size] = this.#handle.component(field.component);
      view = Object.freeze({ array: this.states, offset, stride: this.stateSize, size });
      this.#components.set(name, view);
    }
    return view;
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
   * Planar robots (a root with slide joints x and z and a hinge about y, all other bodies on one hinge about ±y, frames
   * parallel at rest) have two outputs of our own, which describe the state itself at a fraction of the price of stage
   * "velocity": `planar_bodies` (for each body its centre's x from the root's coordinate, z, vx, vz, pitch, pitch rate)
   * and `planar_center` (x of the centre of mass). They use the model's own numbers, not those of `parameter`, and
   * keep to the rules of `gather`.
   * @throws NotFoundError with the nearest names; ArgumentError for one that this model never computes
   */
  output(name: FloatOutput): Float64Array;
  output(name: string): FieldArray;
  output(name: string): FieldArray {
    this.#open();
    checkName(name);
    const key = `output ${name}`;
    let array = this.#arrays.get(key);
    if (array === undefined) {
      const field = this.model.dataFields[name];
      const isOutput = field !== undefined && field.component === 0;
      if (isOutput) this.#requested.add(name, this.model.enableFlags);
      const buffer = isOutput ? this.#handle.output(name, elementBytes(field.type)) : null;
      if (field === undefined || buffer === null) {
        const known = Object.entries(this.model.dataFields).filter(([, shape]) => shape.component === 0);
        const hint = field?.component ? { hint: 'It is part of the state: use state()' } : {};
        throw new NotFoundError(
          'output',
          name,
          known.map(([key]) => key),
          hint,
        );
      }
      array = arrayOver(field.type, buffer);
      this.#arrays.set(key, array);
    }
    return array;
  }

  /**
   * Rows of floats [N × numbers named] that put columns of states and outputs side by side, as a policy wants to see
   * them; written by the batch's threads right after each slot's step, and by the other calls unless their stage is
   * "none". Slots with a fault keep their row. After writing states by hand, call `refresh`.
   * @param columns names of state components and Float64 outputs, or parts of them
   * @throws NotFoundError, ArgumentError for columns that do not exist
   */
  gather(columns: readonly (string | ColumnSource)[]): Float32Array {
    const wanted = checkColumns(columns).map((column): [number, string, number, number] => {
      const { name, first = 0, count } = column;
      const width = this.size(checkName(name));
      const { type, component } = this.model.dataFields[name]!;
      if (component === 0) this.#requested.add(name, this.model.enableFlags);
      if (type !== 'float64') throw new ArgumentError(`"${name}" is not an array of doubles`, { value: name });
      if (width === 0) {
        throw new ArgumentError(`"${name}" has no elements in this model`, {
          value: name,
          hint: 'Leave it out of the columns',
        });
      }
      checkInteger(`first column of "${name}"`, first, 0, width - 1);
      return [component, name, first, checkInteger(`columns of "${name}"`, count ?? width - first, 1, width - first)];
    });
    if (wanted.length === 0) throw new ArgumentError('nothing to gather', { expected: 'at least one column' });
    const buffer = this.#guard(() => this.#handle.gather(wanted));
    if (buffer === null) throw new ArgumentError('an output to gather does not exist', { value: columns });
    return new Float32Array(buffer);
  }

  /** Brings `gather`'s rows and planar outputs up to date with states written by hand. */
  refresh(slots?: CallOptions['slots']): void {
    this.#open();
    const selected = sortedSlots(slots, this.slots);
    this.#guard(() => this.#handle.refresh(selected));
  }

  /** Numbers a slot of an output or state component. */
  size(name: string): number {
    const field = this.model.dataFields[checkName(name)];
    if (field === undefined) throw new NotFoundError('data field', name, Object.keys(this.model.dataFields));
    return field.component === 0 ? field.rows * field.columns : this.state(name).size;
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
    checkName(name);
    const key = `parameter ${name}`;
    let array = this.#arrays.get(key);
    if (array === undefined) {
      const shape = this.model.fieldShape(name);
      const { type } = shape;
      checkParameter(name, shape);
      const buffer = this.#guard(() => this.#handle.expand(name, elementBytes(type)));
      if (buffer === null) {
        throw new ArgumentError(`model field "${name}" cannot differ between slots`, { value: name });
      }
      array = arrayOver(type, buffer);
      this.#arrays.set(key, array);
    }
    return array;
  }

  /** Recomputes the model constants that depend on fields from `parameter`. @returns slots with a fault */
  setConstants(slots?: CallOptions['slots']): number {
    this.#open();
    const selected = sortedSlots(slots, this.slots);
    return this.#guard(() => this.#handle.setConstants(selected));
  }

  /**
   * Writes controls.
   * @param controls [slots × nu], in the actuators' units
   * @throws ArgumentError wrong length, NaN or infinity
   */
  setControls(controls: ArrayLike<number>, slots?: CallOptions['slots']): void {
    this.#open();
    const selected = slots === undefined ? null : checkSlots(slots, this.slots);
    const { array, offset, stride, size } = this.#controls;
    const count = selected === null ? this.slots : selected.length;
    const expected = `${count} slots × ${size} controls = ${count * size}`;
    if (typedArrayType(controls) === undefined && !Array.isArray(controls)) {
      throw new ArgumentError(`controls: ${describeValue(controls)}`, { value: controls, expected });
    }
    const { length } = controls;
    if (length !== count * size) throw new ArgumentError(`${length} controls`, { value: length, expected });
    for (let i = 0; i < length; i++) {
      const value = controls[i]!;
      if (!Number.isFinite(value))
        throw badControl(selected?.[Math.floor(i / size)] ?? Math.floor(i / size), i % size, value);
    }
    this.#open();
    for (let i = 0, from = 0; i < count; i++) {
      let to = offset + (selected === null ? i : selected[i]!) * stride;
      for (let j = 0; j < size; j++) array[to++] = controls[from++]!;
    }
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
    const stage = this.#requested.number(given.stage ?? 'none');
    const result = this.#guard(() => this.#handle.step(slots, substeps, stage));
    if (result < 0) {
      const { array, offset, stride, size } = this.#controls;
      const [slot, index] = [Math.floor((-1 - result) / size), (-1 - result) % size];
      throw badControl(slot, index, array[offset + slot * stride + index]!);
    }
    return result;
  }

  /** Computes derived quantities from the present states, to stage "acceleration" unless told. @returns slots with a fault */
  forward(options: CallOptions = {}): number {
    this.#open();
    const given = readOptions(options, callKeys, 'forward options');
    const slots = sortedSlots(given.slots, this.slots);
    const stage = this.#requested.number(given.stage ?? 'acceleration');
    return this.#guard(() => this.#handle.forward(slots, stage));
  }

  /**
   * Puts slots into the model's default state, or a keyframe (name or id, for all slots given), and computes derived
   * quantities to stage "acceleration" unless told; with stage "none" outputs are zero. @returns slots with a fault
   */
  reset(options: CallOptions & { keyframe?: string | number } = {}): number {
    this.#open();
    const { keyframe, ...given } = readOptions(options, [...callKeys, 'keyframe'], 'reset options');
    const slots = sortedSlots(given.slots, this.slots);
    const stage = this.#requested.number(given.stage ?? 'acceleration');
    let keyframes: Int32Array | null = null;
    if (keyframe !== undefined) {
      const id = this.model.keyframe(keyframe);
      keyframes = new Int32Array(slots === null ? this.slots : slots.length).fill(id);
    }
    return this.#guard(() => this.#handle.reset(slots, keyframes, stage));
  }

  /**
   * Copies of the state rows of slots, in the order given.
   * @param into [slots × stateSize]; default a new array
   * @throws SnapshotError for models with sleep or IPC, whose rows are not all that decides a slot's future
   */
  save(slots?: CallOptions['slots'], into?: Float64Array): Float64Array {
    this.#open();
    checkRows(this.model);
    const selected = slots === undefined ? this.#all() : checkSlots(slots, this.slots);
    const length = selected.length * this.stateSize;
    if (into !== undefined)
      checkArray('rows to save into', into, 'Float64Array', length, { exact: true, shared: true });
    // Rows that are copied within the table go by way of others.
    const isApart = into !== undefined && into.buffer !== this.states.buffer;
    const rows = isApart ? into : new Float64Array(length);
    this.#guard(() => this.#handle.save(selected, rows));
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
  restore(saved: Float64Array, options: CallOptions & { rows?: Int32Array | readonly number[] } = {}): number {
    this.#open();
    checkRows(this.model);
    const read = readOptions(options, [...callKeys, 'rows'], 'restore options');
    checkArray('saved states', saved, 'Float64Array', 0, { shared: true });
    const length = typedArrayLength(saved);
    const count = length / this.stateSize;
    if (!Number.isInteger(count)) {
      const expected = `rows of ${this.stateSize}`;
      throw new ArgumentError(`saved states of ${length} numbers`, { value: length, expected });
    }
    const slots = read.slots === undefined ? this.#all() : checkSlots(read.slots, this.slots, true);
    const rows = read.rows === undefined ? null : checkSlots(read.rows, count, false, 'row');
    const given = rows === null ? count : rows.length;
    if (given !== slots.length) {
      throw new ArgumentError(`${given} rows for ${slots.length} slots`, {
        value: given,
        expected: `${slots.length} rows`,
      });
    }
    const stage = this.#requested.number(read.stage ?? 'acceleration');
    // The lists above may have been read by way of getters: the memory is looked at again, last.
    checkArray('saved states', saved, 'Float64Array', length, { exact: true, shared: true });
    // Rows may trade places within the table.
    const source = saved.buffer === this.states.buffer ? saved.slice() : saved;
    return this.#guard(() => this.#handle.restore(source, slots, rows, stage));
  }

  /** MuJoCo's text about the slot's engine error in the last call, "" if there was none. */
  errorText(slot: number): string {
    this.#open();
    checkInteger('slot', slot, 0, this.slots - 1);
    return this.#handle.errorText(slot);
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

  #all(): Int32Array {
    return Int32Array.from({ length: this.slots }, (_, i) => i);
  }

  /** A native call. Arguments have been read and checked before: one of their getters may have closed the batch. */
  #guard<T>(call: () => T): T {
    this.#open();
    try {
      return call();
    } catch (cause) {
      throw new TrellisError('ERR_NATIVE', `MuJoCo: ${(cause as Error).message}`, { cause });
    }
  }
}

const callKeys = ['slots', 'stage'] as const;

function badControl(slot: number, index: number, value: unknown): ArgumentError {
  return new ArgumentError(`control ${index} of slot ${slot} is not finite`, { value, expected: 'finite numbers' });
}

/** mjENBL_SLEEP, mjENBL_IPC: what they remember is in mjData, not in the state row. */
function beyondRows({ enableFlags }: MujocoModel): string | null {
  if (enableFlags & (1 << 4)) return 'sleep';
  return enableFlags & (1 << 6) ? 'IPC' : null;
}

function checkRows(model: MujocoModel): void {
  const beyond = beyondRows(model);
  if (beyond === null) return;
  const hidden = beyond === 'sleep' ? 'which bodies are asleep' : 'what contacts remember';
  throw new SnapshotError(`states of a model with ${beyond} cannot be saved: MuJoCo keeps ${hidden} elsewhere`, {
    value: beyond,
    hint: `A restored row would go on differently. Load the model with <option><flag ${beyond === 'sleep' ? 'sleep' : 'ipc'}="disable"/></option>`,
  });
}

function checkFlag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ArgumentError(`${name}: ${describeValue(value)}`, { value, expected: 'true or false' });
}

function checkName(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new ArgumentError(`the name of a field: ${describeValue(name)}`, { value: name, expected: 'a string' });
}

/** What to gather, read once. */
function checkColumns(columns: readonly (string | ColumnSource)[]): ColumnSource[] {
  if (!Array.isArray(columns)) {
    throw new ArgumentError(`columns: ${describeValue(columns)}`, {
      value: columns,
      expected: 'an array of names or { name, first, count }',
    });
  }
  return Array.from(columns as readonly (string | ColumnSource)[], (column) => {
    if (typeof column === 'string') return { name: column };
    const { name, ...part } = readOptions(column, ['name', 'first', 'count'], 'column to gather');
    return { name: checkName(name), ...part };
  });
}

function checkBatchMemory(model: MujocoModel, slots: number, persistent: boolean): void {
  const { nq = 0, nv = 0, nu = 0, na = 0, nbody = 0 } = model.sizes;
  const perSlot = 8 * (nq + 3 * nv + nu + na + 6 * nbody) + (persistent ? model.handle.dataBytes() : 0);
  checkMemory(`a batch of ${slots} slots`, slots * perSlot, persistent ? 'persistent: false needs less' : undefined);
}
