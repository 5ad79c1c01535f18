import { ArgumentError, SnapshotError } from '../base/errors.js';
import { uniform } from '../base/random.js';
import { MujocoBatch } from '../native/mujoco-batch.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import { type EnvBackend, loadRows, type Running, saveRows } from './backend.js';
import type { MujocoEnvSource, MujocoFunctions, MujocoTables, Rows } from './mujoco-source.js';
import { spaceSize } from './spaces.js';
import type { ActionArray, EnvOptions, EnvSpec } from './types.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A MuJoCo batch with an environment's functions over it. */
export class MujocoBackend implements EnvBackend {
  readonly observations: Float32Array;
  private readonly batch: MujocoBatch;
  private readonly functions: MujocoFunctions;
  private readonly tables: Writable<MujocoTables>;
  private readonly substeps: number;
  private readonly stage: NonNullable<MujocoEnvSource['stage']>;
  private readonly memory: readonly [string, Float64Array, number][];
  /** Middle and half width of each control range. */
  private readonly middle: Float64Array;
  private readonly half: Float64Array;

  constructor(source: MujocoEnvSource, spec: EnvSpec, model: MujocoModel, slots: number, options: EnvOptions) {
    this.batch = new MujocoBatch(model, { slots, ...options });
    this.functions = source.functions(model);
    this.substeps = source.substeps ?? 1;
    this.stage = source.stage ?? 'none';
    this.observations = this.makeObservations(source, slots, spaceSize(spec.observationSpace));
    this.memory = Object.entries(source.memory ?? {}).map(
      ([name, n]) => [name, new Float64Array(slots * n), n] as const,
    );
    const outputs = (source.outputs ?? []).map((name) => [name, this.outputRows(name)] as const);
    this.tables = {
      qpos: this.stateRows('qpos'),
      qvel: this.stateRows('qvel'),
      control: this.stateRows('ctrl'),
      outputs: Object.fromEntries(outputs),
      memory: Object.fromEntries(this.memory.map(([name, data, stride]) => [name, { data, stride }])),
      observations: this.observations,
      rewards: new Float64Array(0),
      terminated: new Uint8Array(0),
    };
    const ranges = Float64Array.from(model.field('actuator_ctrlrange'), Number);
    const limited = model.field('actuator_ctrllimited');
    const bound = (i: number, end: 0 | 1) => (Number(limited[i]) === 1 ? ranges[2 * i + end]! : 2 * end - 1);
    this.middle = Float64Array.from({ length: source.actuators }, (_, i) => (bound(i, 1) + bound(i, 0)) / 2);
    this.half = Float64Array.from({ length: source.actuators }, (_, i) => (bound(i, 1) - bound(i, 0)) / 2);
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    const { batch, tables, functions } = this;
    batch.reset({ slots, stage: 'none' });
    if (functions.start !== undefined) {
      const { qpos, qvel } = tables;
      const { nq, nv } = batch.model.sizes as { nq: number; nv: number };
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i]!;
        const q = qpos.data.subarray(slot * qpos.stride, slot * qpos.stride + nq);
        const v = qvel.data.subarray(slot * qvel.stride, slot * qvel.stride + nv);
        functions.start(q, v, (dimension) => uniform(keys[2 * i]!, keys[2 * i + 1]!, 0, dimension));
      }
    }
    if (this.stage !== 'none') batch.forward({ slots, stage: this.stage });
    else batch.refresh(slots);
    for (const slot of slots) functions.observe?.(tables, slot, slot + 1);
  }

  step(actions: ActionArray, running: Running, rewards: Float64Array, terminated: Uint8Array): number {
    const { tables, functions, batch, substeps, stage } = this;
    const { ids } = running;
    let { runs } = running;
    tables.rewards = rewards;
    tables.terminated = terminated;
    for (let run = 0; run < runs.length; run += 2) {
      this.writeControls(actions as Float32Array, runs[run]!, runs[run + 1]!);
      functions.before?.(tables, runs[run]!, runs[run + 1]!);
    }
    const faults =
      ids.length === batch.slots ? batch.step(substeps, { stage }) : batch.step(substeps, { slots: ids, stage });
    if (faults > 0) runs = this.endFaulty(ids, rewards, terminated);
    for (let run = 0; run < runs.length; run += 2) {
      functions.observe?.(tables, runs[run]!, runs[run + 1]!);
      functions.reward(tables, runs[run]!, runs[run + 1]!);
    }
    return faults;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    const parts: Record<string, ArrayBufferView> = { state: this.batch.save(slots) };
    for (const [name, data, width] of this.memory) parts[`memory.${name}`] = saveRows(data, width, slots);
    return parts;
  }

  load(parts: Readonly<Record<string, ArrayBufferView>>, rows: Int32Array, slots: Int32Array): void {
    const { state } = parts;
    if (!(state instanceof Float64Array)) throw new SnapshotError('snapshot part "state" is missing');
    for (const [name, data, width] of this.memory) {
      const part = parts[`memory.${name}`];
      if (!(part instanceof Float64Array)) throw new SnapshotError(`snapshot part "memory.${name}" is missing`);
      loadRows(data, width, part, rows, slots);
    }
    // Nothing reads derived quantities before the next step, which recomputes them.
    this.batch.restore(state, { slots, rows, stage: 'none' });
  }

  readState(slot: number): Float64Array {
    const { qpos, qvel } = this.tables;
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
    const { data, stride } = this.tables.control;
    const size = middle.length;
    for (let slot = first; slot < end; slot++) {
      const from = slot * size;
      const to = slot * stride;
      for (let i = 0; i < size; i++) data[to + i] = middle[i]! + half[i]! * actions[from + i]!;
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

  private makeObservations({ id, gather }: MujocoEnvSource, slots: number, size: number): Float32Array {
    if (gather !== undefined) {
      const rows = this.batch.gather(gather);
      if (rows.length === slots * size) return rows;
      const value = rows.length / slots;
      throw new ArgumentError(`"${id}" gathers ${value} columns`, { value, expected: `${size}, its observation` });
    }
    if (this.functions.observe !== undefined) return new Float32Array(slots * size);
    throw new ArgumentError(`"${id}" has neither columns to gather nor a function observe`, { value: id });
  }

  private stateRows(name: string): Rows {
    const { array, offset, stride } = this.batch.state(name);
    return { data: array.subarray(offset), stride };
  }

  private outputRows(name: string): Rows {
    const data = this.batch.output(name);
    if (data instanceof Float64Array) return { data, stride: this.batch.size(name) };
    throw new ArgumentError(`output "${name}" is not an array of doubles`, { value: name, expected: 'such as "xpos"' });
  }
}
