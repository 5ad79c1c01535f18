import { TrellisError } from '../base/errors.js';
import { type Key, uniform } from '../base/random.js';
import type { MujocoBatch, StateView } from '../native/mujoco-batch.js';
import { findKeyframe } from './mujoco-check.js';
import type { MujocoEnvSource, MujocoFunctions, MujocoStart } from './mujoco-source.js';
import { declared, type MujocoSlotTables, missingName } from './mujoco-tables.js';
import { firstNotFinite } from './spaces.js';

/** Model fields on which no constant of the model depends: after changing these, `mj_setConst` has nothing to do. */
const INDEPENDENT = new Set([
  'geom_friction',
  'opt.gravity',
  'opt.wind',
  'opt.density',
  'opt.viscosity',
  'dof_damping',
  'dof_frictionloss',
  'jnt_stiffness',
]);

/** Begins episodes: everything that belongs to a slot is put into its start state, whoever was in it before. */
export class EpisodeStart {
  private readonly id: string;
  private readonly positions: StateView;
  private readonly velocities: StateView;
  private readonly keyframe: number | undefined;
  /** Each parameter's values in the model. */
  private readonly defaults: ReadonlyMap<string, Float64Array>;
  readonly needsConstants: boolean;

  constructor(
    source: MujocoEnvSource,
    private readonly batch: MujocoBatch,
    private readonly own: MujocoSlotTables,
    private readonly functions: MujocoFunctions,
  ) {
    this.id = source.id;
    this.positions = batch.state('qpos');
    this.velocities = batch.state('qvel');
    this.keyframe = source.keyframe === undefined ? undefined : findKeyframe(source.keyframe, batch.model);
    this.defaults = new Map([...own.parameters.keys()].map((name) => [name, batch.model.field(name) as Float64Array]));
    this.needsConstants = [...own.parameters.keys()].some((name) => !INDEPENDENT.has(name));
  }

  /** States, memory and parameters of these slots; nothing derived is computed but the model's constants. */
  begin(slots: Int32Array, keys: Uint32Array): void {
    const { batch, own, functions, keyframe } = this;
    batch.reset(keyframe === undefined ? { slots, stage: 'none' } : { slots, stage: 'none', keyframe });
    for (const { data, width } of own.memory.values()) {
      for (const slot of slots) data.fill(0, slot * width, (slot + 1) * width);
    }
    for (const [name, { data, width }] of own.parameters) {
      for (const slot of slots) data.set(this.defaults.get(name)!, slot * width);
    }
    if (functions.start !== undefined) for (let i = 0; i < slots.length; i++) this.call(slots[i], i, keys);
    if (this.needsConstants) this.checkFaults(batch.setConstants({ slots }), slots, 'its model parameters');
  }

  /** @throws TrellisError naming the first slot with a fault */
  checkFaults(faults: number, slots: Int32Array, what: string): void {
    if (faults === 0) return;
    const slot = slots.find((candidate) => this.batch.faults[candidate] !== 0) ?? slots[0];
    const text = this.batch.errorText(slot) || 'the simulation diverges';
    throw new TrellisError('ERR_DIVERGED', `"${this.id}": slot ${slot} cannot start with ${what}: ${text}`, {
      value: slot,
    });
  }

  private call(slot: number, i: number, keys: Uint32Array): void {
    const { batch, functions } = this;
    const [k0, k1] = [keys[2 * i], keys[2 * i + 1]];
    const start = new SlotStart(this.id, this.batch, this.own, slot, [k0, k1]);
    functions.start!(
      start.rowOf(this.positions),
      start.rowOf(this.velocities),
      (dimension) => uniform(k0, k1, 0, dimension),
      start,
    );
    const from = slot * batch.stateSize;
    const at = firstNotFinite(batch.states, from, batch.stateSize);
    if (at < 0) return;
    const value = batch.states[at];
    throw new TrellisError(
      'ERR_DIVERGED',
      `"${this.id}": ${this.nameOf(at - from)} of slot ${slot} starts as ${value}`,
      {
        value,
        expected: 'a finite number',
        hint: 'Its start writes it',
      },
    );
  }

  /** What column `at` of a state row is. */
  private nameOf(at: number): string {
    for (const [name, { component }] of Object.entries(this.batch.model.dataFields)) {
      if (component === 0) continue;
      const { offset, size } = this.batch.state(name);
      if (at >= offset && at < offset + size) return `${name}[${at - offset}]`;
    }
    return `state[${at}]`;
  }
}

/** What `start` is told about a slot. Most read nothing of it, and none of it costs before it is read. */
class SlotStart implements MujocoStart {
  constructor(
    private readonly id: string,
    private readonly batch: MujocoBatch,
    private readonly own: MujocoSlotTables,
    readonly slot: number,
    readonly key: Key,
  ) {}

  private memoryRows?: Record<string, Float64Array>;
  private parameterRows?: Record<string, Float64Array>;

  get memory(): Record<string, Float64Array> {
    this.memoryRows ??= this.rows(this.own.memory, 'memory');
    return this.memoryRows;
  }

  get parameters(): Record<string, Float64Array> {
    this.parameterRows ??= this.rows(this.own.parameters, 'slotParameters');
    return this.parameterRows;
  }

  readonly state = (name: string): Float64Array => this.rowOf(this.batch.state(name));

  readonly keyframe = (nameOrId: string | number): void => {
    this.batch.reset({ slots: [this.slot], stage: 'none', keyframe: findKeyframe(nameOrId, this.batch.model) });
  };

  rowOf({ array, offset, stride, size }: StateView): Float64Array {
    const at = offset + this.slot * stride;
    return array.subarray(at, at + size);
  }

  private rows(tables: MujocoSlotTables['memory'], option: string): Record<string, Float64Array> {
    const { slot } = this;
    const views = [...tables].map(([name, { data, width }]) => {
      return [name, data.subarray(slot * width, (slot + 1) * width)] as const;
    });
    return declared(Object.fromEntries(views), missingName(this.id, option, []));
  }
}
