import { ClosedError, SnapshotError } from '../base/errors.js';
import { type EnvBackend, loadRows, type RowArray, saveRows } from './backend.js';
import { checkKeys, RunningSlots, rowList, slotList } from './slots.js';
import { checkSnapshot, SNAPSHOT_VERSION } from './snapshot.js';
import { checkActions, spaceSize } from './spaces.js';
import type { ActionArray, EnvSpec, ObservationArray, Slots, Snapshot, VectorEnv } from './types.js';

/** A VectorEnv over a simulator: the one place that knows about episodes. Slots never started count as finished. */
export function makeVectorEnv(spec: EnvSpec, slots: number, backend: EnvBackend): VectorEnv {
  return new BackendEnv(spec, slots, backend);
}

/** Names of the snapshot parts that belong to this file; a backend's parts must be called otherwise. */
const OWN_PARTS = ['observations', 'rewards', 'terminated', 'truncated', 'elapsed', 'keys'] as const;

class BackendEnv implements VectorEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  simulatorSteps = 0;
  diverged = 0;

  private readonly observationSize: number;
  private readonly elapsed: Int32Array;
  private readonly keys: Uint32Array;
  private readonly running: RunningSlots;
  private closed = false;

  constructor(
    readonly spec: EnvSpec,
    readonly slots: number,
    private readonly backend: EnvBackend,
  ) {
    this.observationSize = spaceSize(spec.observationSpace);
    this.observations = backend.observations;
    this.rewards = new Float64Array(slots);
    this.terminated = new Uint8Array(slots);
    this.truncated = new Uint8Array(slots).fill(1);
    this.elapsed = new Int32Array(slots);
    this.keys = new Uint32Array(2 * slots);
    this.running = new RunningSlots(slots);
  }

  reset(slots?: Slots, keys?: Uint32Array): void {
    this.checkOpen();
    const which = slotList(slots, this.slots);
    const words = checkKeys(keys, which);
    this.backend.start(which, words);
    for (let i = 0; i < which.length; i++) {
      const slot = which[i]!;
      this.rewards[slot] = 0;
      this.terminated[slot] = 0;
      this.truncated[slot] = 0;
      this.elapsed[slot] = 0;
      this.keys[2 * slot] = words[2 * i]!;
      this.keys[2 * slot + 1] = words[2 * i + 1]!;
      this.running.set(slot, 1);
    }
  }

  step(actions: ActionArray): void {
    this.checkOpen();
    const { running, elapsed, terminated, truncated, rewards } = this;
    const { ids, runs } = running;
    checkActions(this.spec.actionSpace, this.slots, actions, runs);
    if (ids.length < this.slots) this.silenceFinished();
    if (ids.length === 0) return;
    this.diverged += this.backend.step(actions, { ids, runs, elapsed, keys: this.keys }, rewards, terminated);
    this.simulatorSteps += ids.length;
    const limit = this.spec.maxEpisodeSteps;
    for (let run = 0; run < runs.length; run += 2) {
      const end = runs[run + 1]!;
      for (let slot = runs[run]!; slot < end; slot++) {
        const steps = elapsed[slot]! + 1;
        elapsed[slot] = steps;
        if (terminated[slot] !== 0) {
          running.set(slot, 0);
        } else if (steps >= limit) {
          truncated[slot] = 1;
          running.set(slot, 0);
        }
      }
    }
  }

  readState(slot: number): Float64Array {
    this.checkOpen();
    slotList([slot], this.slots);
    return this.backend.readState(slot);
  }

  snapshot(slots?: Slots): Snapshot {
    this.checkOpen();
    const which = slotList(slots, this.slots);
    const parts: Record<string, ArrayBufferView> = this.backend.save(which);
    for (const name of OWN_PARTS) parts[name] = saveRows(this[name] as RowArray, this.width(name), which);
    const { id: envId, modelHash } = this.spec;
    return { version: SNAPSHOT_VERSION, envId, modelHash, count: which.length, parts };
  }

  restore(snapshot: Snapshot, slots: Slots, options: { rows?: Slots; keys?: Uint32Array } = {}): void {
    this.checkOpen();
    checkSnapshot(snapshot, this.spec);
    const which = slotList(slots, this.slots);
    const rows = rowList(options.rows, snapshot.count, which.length);
    const keys = options.keys === undefined ? null : checkKeys(options.keys, which);
    for (const name of OWN_PARTS) {
      const part = snapshot.parts[name];
      const table = this[name] as RowArray;
      if (part?.constructor !== table.constructor || (part as RowArray).length !== snapshot.count * this.width(name)) {
        throw new SnapshotError(`snapshot part "${name}" is missing or of the wrong type or size`, { value: name });
      }
    }
    this.backend.load(snapshot.parts, rows, which, keys);
    for (const name of OWN_PARTS) {
      if (name === 'keys' && keys !== null) continue;
      loadRows(this[name] as RowArray, this.width(name), snapshot.parts[name] as RowArray, rows, which);
    }
    for (let i = 0; i < which.length; i++) {
      const slot = which[i]!;
      if (keys !== null) {
        this.keys[2 * slot] = keys[2 * i]!;
        this.keys[2 * slot + 1] = keys[2 * i + 1]!;
      }
      this.running.set(slot, this.terminated[slot] === 0 && this.truncated[slot] === 0 ? 1 : 0);
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.backend.close();
  }

  private width(name: (typeof OWN_PARTS)[number]): number {
    return name === 'observations' ? this.observationSize : name === 'keys' ? 2 : 1;
  }

  private silenceFinished(): void {
    const { flags } = this.running;
    for (let slot = 0; slot < this.slots; slot++) if (flags[slot] === 0) this.rewards[slot] = 0;
  }

  private checkOpen(): void {
    if (this.closed) throw new ClosedError(`environment "${this.spec.id}"`);
  }
}
