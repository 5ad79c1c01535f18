import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import type { MujocoBatch, Stage } from '../native/mujoco-batch.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import { type EnvBackend, loadRows, type RowArray, type Running, saveRows } from './backend.js';
import { readsDerived } from './mujoco-check.js';
import { functionsSchema, type MujocoEnvSource, type MujocoFunctions } from './mujoco-source.js';
import { EpisodeStart } from './mujoco-start.js';
import { type MujocoSlotTables, makeTables, type SlotTable } from './mujoco-tables.js';
import type { SnapshotPart } from './snapshot-parts.js';
import type { ActionArray } from './types.js';

/** A MuJoCo batch with an environment's functions over it. */
export class MujocoBackend implements EnvBackend {
  readonly observations: Float32Array;
  readonly parts: readonly SnapshotPart[];
  private readonly functions: MujocoFunctions;
  private readonly own: MujocoSlotTables;
  private readonly episodes: EpisodeStart;
  private readonly substeps: number;
  private readonly stage: Stage;
  private readonly startStage: Stage;
  /** What a snapshot has beside the states. */
  private readonly saved: readonly SlotTable[];
  /** Middle and half width of each control range; 0 and 1 where actions are controls. */
  private readonly middle: Float64Array;
  private readonly half: Float64Array;

  /**
   * @param source checked against the batch's model
   * @param size of an observation
   * @param batch closed with the backend
   */
  constructor(
    source: MujocoEnvSource,
    size: number,
    private readonly batch: MujocoBatch,
  ) {
    const { model, slots } = batch;
    this.functions = checkFunctions(source, model);
    this.substeps = source.substeps ?? 1;
    this.stage = source.stage ?? 'none';
    this.startStage = source.startStage ?? (readsDerived(source, model) ? 'acceleration' : 'none');
    this.observations = source.gather === undefined ? new Float32Array(slots * size) : this.batch.gather(source.gather);
    this.own = makeTables(source, this.batch, this.observations);
    this.episodes = new EpisodeStart(source, this.batch, this.own, this.functions);
    // Only `before` sees outputs that no step has written since a restore.
    const outputs = this.functions.before === undefined ? [] : this.own.outputs;
    this.saved = [...this.own.memory.values(), ...this.own.parameters.values(), ...outputs];
    this.parts = [
      { name: 'state', type: 'Float64Array', width: this.batch.stateSize },
      ...this.saved.map(({ part, data, width }): SnapshotPart => {
        return { name: part, type: data.constructor.name as SnapshotPart['type'], width };
      }),
    ];
    ({ middle: this.middle, half: this.half } = controlRanges(model, source));
  }

  start(slots: Int32Array, keys: Uint32Array, { elapsed, keys: all }: Pick<Running, 'elapsed' | 'keys'>): void {
    const { batch, episodes, functions, startStage } = this;
    const { tables } = this.own;
    tables.elapsed = elapsed;
    tables.keys = all;
    episodes.begin(slots, keys);
    if (startStage === 'none') batch.refresh({ slots });
    else episodes.checkFaults(batch.forward({ slots, stage: startStage }), slots, 'its state');
    for (const slot of slots) functions.observe?.(tables, slot, slot + 1);
  }

  step(actions: ActionArray, running: Running, rewards: Float64Array, terminated: Uint8Array): number {
    const { functions, batch, substeps, stage } = this;
    const { tables } = this.own;
    const { ids } = running;
    let { runs } = running;
    tables.rewards = rewards;
    tables.terminated = terminated;
    for (let run = 0; run < runs.length; run += 2) {
      this.writeControls(actions as Float32Array, runs[run], runs[run + 1]);
      functions.before?.(tables, runs[run], runs[run + 1]);
    }
    const faults =
      ids.length === batch.slots ? batch.step(substeps, { stage }) : batch.step(substeps, { slots: ids, stage });
    if (faults > 0) runs = this.endFaulty(ids, rewards, terminated);
    for (let run = 0; run < runs.length; run += 2) {
      functions.observe?.(tables, runs[run], runs[run + 1]);
      functions.reward(tables, runs[run], runs[run + 1]);
    }
    return faults;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    const parts: Record<string, ArrayBufferView> = { state: this.batch.save({ slots }) };
    for (const { part, data, width } of this.saved) parts[part] = saveRows(data, width, slots);
    return parts;
  }

  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array): void {
    const changed = this.episodes.needsConstants ? this.changedParameters(parts, rows, slots) : null;
    for (const { part, data, width } of this.saved) {
      if (!part.startsWith('output.')) loadRows(data, width, parts[part], rows, slots);
    }
    if (changed !== null && changed.length > 0) {
      this.episodes.checkFaults(this.batch.setConstants({ slots: changed }), changed, 'the saved model parameters');
    }
    this.batch.restore(parts.state as Float64Array, { slots, rows, stage: 'none' });
    // After the states, since that may touch outputs: these are the ones that the next `before` sees.
    for (const { part, data, width } of this.saved) {
      if (part.startsWith('output.')) loadRows(data, width, parts[part], rows, slots);
    }
  }

  readState(slot: number): Float64Array {
    const { qpos, qvel } = this.own.tables;
    const { nq, nv } = this.batch.model.sizes as { nq: number; nv: number };
    const state = new Float64Array(nq + nv);
    state.set(qpos.data.subarray(slot * qpos.stride, slot * qpos.stride + nq));
    state.set(qvel.data.subarray(slot * qvel.stride, slot * qvel.stride + nv), nq);
    return state;
  }

  close(): void {
    this.batch.close();
  }

  private writeControls(actions: Float32Array, first: number, end: number): void {
    const { middle, half } = this;
    const { data, stride } = this.own.tables.control;
    const size = middle.length;
    for (let slot = first; slot < end; slot++) {
      const from = slot * size;
      const to = slot * stride;
      for (let i = 0; i < size; i++) data[to + i] = middle[i] + half[i] * actions[from + i];
    }
  }

  /** Ends the episodes of slots with a fault and returns the runs of those without. */
  private endFaulty(ids: Int32Array, rewards: Float64Array, terminated: Uint8Array): Int32Array {
    const { faults } = this.batch;
    const runs: number[] = [];
    for (const slot of ids) {
      if (faults[slot] !== 0) {
        terminated[slot] = 1;
        rewards[slot] = 0;
      } else if (runs.length > 0 && runs[runs.length - 1] === slot) {
        runs[runs.length - 1] = slot + 1;
      } else {
        runs.push(slot, slot + 1);
      }
    }
    return Int32Array.from(runs);
  }

  /** Slots whose model parameters are not those of their rows: ascending. */
  private changedParameters(
    parts: Readonly<Record<string, RowArray>>,
    rows: Int32Array,
    slots: Int32Array,
  ): Int32Array {
    const tables = [...this.own.parameters.values()];
    const differs = (_: number, i: number) =>
      tables.some(({ part, data, width }) => {
        const saved = parts[part];
        const [from, to] = [rows[i] * width, slots[i] * width];
        for (let j = 0; j < width; j++) if (!Object.is(saved[from + j], data[to + j])) return true;
        return false;
      });
    return slots.filter(differs).sort();
  }
}

/** Middle and half width of each actuator's control range; 0 and 1 without a range, and where actions are controls. */
export function controlRanges(
  model: MujocoModel,
  { actuators, action }: MujocoEnvSource,
): { middle: Float64Array; half: Float64Array } {
  const ranges = Float64Array.from(model.field('actuator_ctrlrange'), Number);
  const limited = model.field('actuator_ctrllimited');
  const bound = (i: number, end: 0 | 1) => (Number(limited[i]) === 1 ? ranges[2 * i + end] : 2 * end - 1);
  const normalised = action === undefined;
  const each = (value: (i: number) => number) => Float64Array.from({ length: actuators }, (_, i) => value(i));
  return {
    middle: each((i) => (normalised ? (bound(i, 1) + bound(i, 0)) / 2 : 0)),
    half: each((i) => (normalised ? (bound(i, 1) - bound(i, 0)) / 2 : 1)),
  };
}

function checkFunctions(source: MujocoEnvSource, model: MujocoModel): MujocoFunctions {
  const functions = source.functions(model);
  parseOptions(functionsSchema, functions, `functions of "${source.id}"`);
  if (source.gather !== undefined || functions.observe !== undefined) return functions;
  throw new ArgumentError(`"${source.id}" has neither columns to gather nor a function observe`, { value: source.id });
}
