// Long because it is one public class: most lines are what its methods promise, and its arrays belong together.
import { availableParallelism } from 'node:os';
import { ArgumentError, ClosedError, MemoryError, ModelError, NotFoundError, TrellisError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { type BatchHandle, mujocoAddon } from './mujoco-addon.js';
import { arrayOver, type ColumnSource, elementBytes, type FieldArray, type FloatOutput } from './mujoco-fields.js';
import type { MujocoModel } from './mujoco-model.js';
import { checkInteger, checkSlots, sortedSlots } from './slots.js';

/** How far derived quantities are computed at the new state; each includes those before it. */
export type Stage = keyof typeof stages;
const stages = { none: 0, position: 1, velocity: 2, acceleration: 3 } as const;

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

/** What MuJoCo computes only on request, and up to which stage that needs the others; see `output`. */
const requestedOutputs: Readonly<Record<string, Stage>> = {
  cacc: 'acceleration',
  cfrc_int: 'acceleration',
  cfrc_ext: 'acceleration',
  subtree_linvel: 'velocity',
  subtree_angmom: 'velocity',
  energy: 'velocity',
};
/** mjENBL_FWDINV */
const enableForwardInverse = 1 << 2;

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
  /** Outputs that MuJoCo fills only on request, of those asked for. */
  readonly #requested = new Map<string, Stage>();
  #closed = false;

  /**
   * @throws ArgumentError absurd counts; MemoryError if the state table would not fit; ModelError if MuJoCo cannot
   * batch the model
   */
  constructor(model: MujocoModel, options: MujocoBatchOptions) {
    if (model.closed) throw new ClosedError('MujocoModel');
    const { persistent = false, externalBuffers = true } = options;
    this.model = model;
    this.slots = checkInteger('slots', options.slots, 1, maximumSlots);
    const threads = checkInteger('threads', options.threads ?? availableParallelism(), 1, maximumThreads);
    checkBatchMemory(model, this.slots, persistent);
    const { MujocoBatchHandle } = mujocoAddon();
    try {
      this.#handle = new MujocoBatchHandle(model.handle, this.slots, threads, persistent, externalBuffers);
    } catch (cause) {
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
    const key = `output ${name}`;
    let array = this.#arrays.get(key);
    if (array === undefined) {
      const field = this.model.dataFields[name];
      const isOutput = field !== undefined && field.component === 0;
      if (isOutput) this.#request(name);
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
    this.#open();
    const wanted = columns.map((column): [number, string, number, number] => {
      const { name, first = 0, count } = typeof column === 'string' ? { name: column } : column;
      const width = this.size(name);
      const { type, component } = this.model.dataFields[name]!;
      if (component === 0) this.#request(name);
      if (type !== 'float64') throw new ArgumentError(`"${name}" is not an array of doubles`, { value: name });
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
    this.#handle.refresh(sortedSlots(slots, this.slots));
  }

  /** Numbers a slot of an output or state component. */
  size(name: string): number {
    const field = this.model.dataFields[name];
    if (field === undefined) throw new NotFoundError('data field', name, Object.keys(this.model.dataFields));
    return field.component === 0 ? field.rows * field.columns : this.state(name).size;
  }

  /**
   * Gives a model field ("body_mass", "geom_friction", "opt.gravity") one value a slot, at first the model's.
   * @returns [N × size], writable; takes effect at the slot's next call. Constants derived from it (inverse weights,
   * …) follow only after `setConstants`.
   * @throws NotFoundError for unknown fields and for assets, which all slots share
   */
  parameter(name: string): FieldArray {
    this.#open();
    const key = `parameter ${name}`;
    let array = this.#arrays.get(key);
    if (array === undefined) {
      const { type } = this.model.fieldShape(name);
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
    if (controls.length !== count * size) {
      const expected = `${count} slots × ${size} controls = ${count * size}`;
      throw new ArgumentError(`${controls.length} controls`, { value: controls.length, expected });
    }
    for (let i = 0; i < controls.length; i++) {
      if (!Number.isFinite(controls[i]))
        this.#badControl(selected?.[Math.floor(i / size)] ?? Math.floor(i / size), i % size);
    }
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
    checkInteger('substeps', substeps, 1, 2 ** 30);
    const slots = sortedSlots(options.slots, this.slots);
    const stage = this.#stage(options.stage ?? 'none');
    const result = this.#guard(() => this.#handle.step(slots, substeps, stage));
    if (result < 0) {
      const at = -1 - result;
      this.#badControl(Math.floor(at / this.#controls.size), at % this.#controls.size);
    }
    return result;
  }

  /** Computes derived quantities from the present states, to stage "acceleration" unless told. @returns slots with a fault */
  forward(options: CallOptions = {}): number {
    this.#open();
    const slots = sortedSlots(options.slots, this.slots);
    const stage = this.#stage(options.stage ?? 'acceleration');
    return this.#guard(() => this.#handle.forward(slots, stage));
  }

  /**
   * Puts slots into the model's default state, or a keyframe (name or id, for all slots given), and computes derived
   * quantities to stage "acceleration" unless told; with stage "none" outputs are zero. @returns slots with a fault
   */
  reset(options: CallOptions & { keyframe?: string | number } = {}): number {
    this.#open();
    const slots = sortedSlots(options.slots, this.slots);
    const stage = this.#stage(options.stage ?? 'acceleration');
    let keyframes: Int32Array | null = null;
    if (options.keyframe !== undefined) {
      const { keyframe } = options;
      const last = this.model.names('key').length - 1;
      const id =
        typeof keyframe === 'string' ? this.model.id('key', keyframe) : checkInteger('keyframe', keyframe, 0, last);
      keyframes = new Int32Array(slots === null ? this.slots : slots.length).fill(id);
    }
    return this.#guard(() => this.#handle.reset(slots, keyframes, stage));
  }

  /**
   * Copies of the state rows of slots, in the order given.
   * @param into [slots × stateSize]; default a new array
   */
  save(slots?: CallOptions['slots'], into?: Float64Array): Float64Array {
    this.#open();
    const selected = slots === undefined ? this.#all() : checkSlots(slots, this.slots);
    const length = selected.length * this.stateSize;
    const rows = into ?? new Float64Array(length);
    if (rows.length !== length) {
      const expected = `${selected.length} slots × ${this.stateSize} = ${length}`;
      throw new ArgumentError(`${rows.length} numbers to save into`, { value: rows.length, expected });
    }
    this.#handle.save(selected, rows);
    return rows;
  }

  /**
   * Puts saved rows into slots: row rows[i] (default i) into slots[i]; a row may go into many slots. Then computes
   * derived quantities to stage "acceleration" unless told.
   * @param saved from `save` of any batch of the same model
   * @returns slots with a fault
   */
  restore(saved: Float64Array, options: CallOptions & { rows?: Int32Array | readonly number[] } = {}): number {
    this.#open();
    const count = saved.length / this.stateSize;
    if (!(saved instanceof Float64Array) || !Number.isInteger(count)) {
      const expected = `a Float64Array of rows of ${this.stateSize}`;
      throw new ArgumentError(`saved states of ${saved.length} numbers`, { value: saved.length, expected });
    }
    const slots = options.slots === undefined ? this.#all() : checkSlots(options.slots, this.slots, true);
    const rows = options.rows === undefined ? null : checkSlots(options.rows, count, false, 'row');
    const given = rows === null ? count : rows.length;
    if (given !== slots.length) {
      throw new ArgumentError(`${given} rows for ${slots.length} slots`, {
        value: given,
        expected: `${slots.length} rows`,
      });
    }
    const stage = this.#stage(options.stage ?? 'acceleration');
    return this.#guard(() => this.#handle.restore(saved, slots, rows, stage));
  }

  /** MuJoCo's text about the slot's engine error in the last call, "" if there was none. */
  errorText(slot: number): string {
    this.#open();
    return this.#handle.errorText(checkInteger('slot', slot, 0, this.slots - 1));
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

  /** Notes what an output needs. */
  #request(name: string): void {
    const needs = requestedOutputs[name];
    if (needs !== undefined) this.#requested.set(name, needs);
    const isFlagged = (this.model.field('opt.enableflags')[0]! & enableForwardInverse) !== 0;
    if (name === 'qfrc_inverse' || (name === 'solver_fwdinv' && !isFlagged)) {
      throw new ArgumentError(`no call computes "${name}"${name === 'solver_fwdinv' ? ' in this model' : ''}`, {
        value: name,
        hint:
          name === 'solver_fwdinv'
            ? 'Load it with <option><flag fwdinv="enable"/></option>'
            : 'Inverse dynamics overwrite the forces of the forward simulation; what they give is qfrc_applied, ' +
              'xfrc_applied and qfrc_actuator',
      });
    }
  }

  #stage(stage: Stage): number {
    const number = stageNumber(stage);
    if (number === stages.none || number === stages.acceleration) return number;
    for (const [name, needs] of this.#requested) {
      if (number >= stages[needs]) continue;
      throw new ArgumentError(`stage "${stage}" does not compute the output "${name}"`, {
        value: stage,
        expected: Object.keys(stages)
          .filter((known) => known === 'none' || stages[known as Stage] >= stages[needs])
          .join(' or '),
      });
    }
    return number;
  }

  #guard<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw new TrellisError('ERR_NATIVE', `MuJoCo: ${(cause as Error).message}`, { cause });
    }
  }

  #badControl(slot: number, index: number): never {
    const value = this.#controls.array[this.#controls.offset + slot * this.stateSize + index];
    throw new ArgumentError(`control ${index} of slot ${slot} is not finite`, { value, expected: 'finite numbers' });
  }
}

function stageNumber(stage: Stage): number {
  const number = stages[stage];
  if (number === undefined) throw new NotFoundError('stage', String(stage), Object.keys(stages));
  return number;
}

function checkBatchMemory(model: MujocoModel, slots: number, persistent: boolean): void {
  const { nq = 0, nv = 0, nu = 0, na = 0, nbody = 0, nbuffer = 0 } = model.sizes;
  const perSlot = 8 * (nq + 3 * nv + nu + na + 6 * nbody) + (persistent ? 8 * nbuffer : 0);
  checkMemory(`a batch of ${slots} slots`, slots * perSlot);
}
