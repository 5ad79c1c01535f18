import { ArgumentError, ClosedError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';
import { checkRows, checkSlotCount, checkSlots } from '../native/slots.js';
import { type EnvBackend, loadRows, type RowArray, type Running, saveRows } from './backend.js';
import { checkBackend } from './check-backend.js';
import { FiniteCheck, type NonFinite } from './finite-check.js';
import { checkKeys } from './keys.js';
import { RunningSlots } from './running-slots.js';
import { checkCount, checkSnapshot, SNAPSHOT_VERSION } from './snapshot.js';
import { checkEpisodes, checkParts, type SnapshotPart } from './snapshot-parts.js';
import { checkActions, spaceSize } from './spaces.js';
import type { ActionArray, EnvInfo, EnvSpec, ObservationArray, Slots, Snapshot, VectorEnv } from './types.js';

/**
 * A VectorEnv over a simulator: the one place that knows about episodes. Slots never started count as finished.
 * @param nonFinite what becomes of NaN or infinite rewards and observations
 * @throws ArgumentError for a backend that is none, or whose observations or parts do not fit
 */
export function makeVectorEnv(
  spec: EnvSpec,
  slots: number,
  backend: EnvBackend,
  nonFinite: NonFinite = 'error',
): VectorEnv {
  checkBackend(spec, checkSlotCount(slots), backend, OWN_PARTS);
  return new BackendEnv(spec, slots, backend, nonFinite);
}

/** Names of the snapshot parts that belong to this file; a backend's parts must be called otherwise. */
const OWN_PARTS = ['observations', 'rewards', 'terminated', 'truncated', 'elapsed', 'keys'] as const;
type OwnPart = (typeof OWN_PARTS)[number];

class BackendEnv implements VectorEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly info?: EnvInfo;
  simulatorSteps = 0;
  diverged = 0;

  private readonly observationSize: number;
  private readonly elapsed: Int32Array;
  private readonly keys: Uint32Array;
  private readonly running: RunningSlots;
  private readonly tables: FiniteCheck['tables'] & { readonly keys: Uint32Array };
  private readonly finite: FiniteCheck;
  private readonly layout: readonly SnapshotPart[];
  /** What the backend is told about the slots that run; made anew when they change. */
  private moving: Running;
  /** Whether any slot was ever started. */
  private begun = false;
  /** What the backend is doing: its functions may not call back. */
  private busy = '';
  private closed = false;

  constructor(
    readonly spec: EnvSpec,
    readonly slots: number,
    private readonly backend: EnvBackend,
    nonFinite: NonFinite,
  ) {
    this.observationSize = spaceSize(spec.observationSpace);
    if (backend.info !== undefined) this.info = backend.info;
    this.observations = backend.observations;
    this.rewards = new Float64Array(slots);
    this.terminated = new Uint8Array(slots);
    this.truncated = new Uint8Array(slots).fill(1);
    this.elapsed = new Int32Array(slots);
    this.keys = new Uint32Array(2 * slots);
    this.running = new RunningSlots(slots);
    const { observations, rewards, terminated, elapsed, keys } = this;
    this.tables = { observations, rewards, terminated, elapsed, keys };
    this.finite = new FiniteCheck(spec, nonFinite, this.observationSize, this.tables);
    const own = OWN_PARTS.map((name): SnapshotPart => {
      return { name, type: this[name].constructor.name as SnapshotPart['type'], width: this.width(name) };
    });
    this.layout = [...own, ...backend.parts];
    this.moving = { ids: new Int32Array(0), runs: new Int32Array(0), elapsed, keys };
  }

  reset(slots?: Slots, keys?: Uint32Array): void {
    this.checkIdle();
    const which = checkSlots(slots, this.slots);
    const words = checkKeys(keys, which);
    for (let i = 0; i < which.length; i++) {
      const slot = which[i];
      this.elapsed[slot] = 0;
      this.keys[2 * slot] = words[2 * i];
      this.keys[2 * slot + 1] = words[2 * i + 1];
    }
    let done = false;
    this.busy = 'reset';
    try {
      this.backend.start(which, words, this.tables);
      this.finite.start(which);
      done = true;
    } finally {
      this.leave(done, which);
    }
    for (const slot of which) {
      this.rewards[slot] = 0;
      this.terminated[slot] = 0;
      this.truncated[slot] = 0;
      this.running.set(slot, 1);
    }
  }

  step(actions: ActionArray): void {
    this.checkIdle();
    if (!this.begun) {
      throw new ArgumentError('no slot was reset', { expected: 'reset() or restore() before the first step' });
    }
    const { running, elapsed, terminated, truncated, rewards } = this;
    const { ids, runs } = running;
    checkActions(this.spec.actionSpace, this.slots, actions, runs);
    if (ids.length < this.slots) this.silenceFinished();
    if (ids.length === 0) return;
    if (this.moving.ids !== ids) this.moving = { ids, runs, elapsed, keys: this.keys };
    let done = false;
    this.busy = 'step';
    try {
      this.diverged += this.backend.step(actions, this.moving, rewards, terminated, truncated);
      this.diverged += this.finite.step(runs);
      done = true;
    } finally {
      this.leave(done, ids);
    }
    this.simulatorSteps += ids.length;
    const limit = this.spec.maxEpisodeSteps;
    for (let run = 0; run < runs.length; run += 2) {
      const end = runs[run + 1];
      for (let slot = runs[run]; slot < end; slot++) {
        const steps = elapsed[slot] + 1;
        elapsed[slot] = steps;
        if (terminated[slot] !== 0) {
          truncated[slot] = 0;
          running.set(slot, 0);
        } else if (truncated[slot] !== 0) {
          running.set(slot, 0);
        } else if (steps >= limit) {
          truncated[slot] = 1;
          running.set(slot, 0);
        }
      }
    }
  }

  truncate(slots: Slots): void {
    this.checkIdle();
    for (const slot of checkSlots(slots ?? [], this.slots)) {
      if (this.running.flags[slot] === 0) continue;
      this.truncated[slot] = 1;
      this.running.set(slot, 0);
    }
  }

  readState(slot: number): Float64Array {
    this.checkOpen();
    checkSlots([slot], this.slots);
    return this.backend.readState(slot);
  }

  snapshot(slots?: Slots): Snapshot {
    this.checkIdle();
    const which = checkSlots(slots, this.slots);
    // Rows of another width than promised would be refused by the restore, when what they came from is gone.
    const parts: Record<string, ArrayBufferView> = checkParts(
      this.backend.save(which),
      which.length,
      this.backend.parts,
    );
    for (const name of OWN_PARTS) parts[name] = saveRows(this[name] as RowArray, this.width(name), which);
    const { id: envId, modelHash } = this.spec;
    return { version: SNAPSHOT_VERSION, envId, modelHash, count: which.length, parts };
  }

  restore(snapshot: Snapshot, slots: Slots, options: { rows?: Slots; keys?: Uint32Array } = {}): void {
    this.checkIdle();
    checkSnapshot(snapshot, this.spec);
    checkKnownKeys('options of restore', options, ['rows', 'keys']);
    const count = checkCount(snapshot.count);
    const given = { rows: options.rows, keys: options.keys };
    const which = checkSlots(slots ?? [], this.slots);
    const rows = checkRows(given.rows, count, which.length);
    const keys = given.keys === undefined ? null : checkKeys(given.keys, which);
    const parts = checkParts(snapshot.parts, count, this.layout);
    checkEpisodes(parts, this.spec.maxEpisodeSteps);
    let done = false;
    this.busy = 'restore';
    try {
      this.backend.load(parts, rows, which, keys);
      done = true;
    } finally {
      this.leave(done, which);
    }
    for (const name of OWN_PARTS) {
      if (name === 'keys' && keys !== null) continue;
      loadRows(this[name] as RowArray, this.width(name), parts[name], rows, which);
    }
    for (let i = 0; i < which.length; i++) {
      const slot = which[i];
      if (keys !== null) {
        this.keys[2 * slot] = keys[2 * i];
        this.keys[2 * slot + 1] = keys[2 * i + 1];
      }
      this.running.set(slot, this.terminated[slot] === 0 && this.truncated[slot] === 0 ? 1 : 0);
    }
  }

  close(): void {
    if (this.closed) return;
    this.checkIdle();
    this.closed = true;
    this.backend.close();
  }

  private width(name: OwnPart): number {
    return name === 'observations' ? this.observationSize : name === 'keys' ? 2 : 1;
  }

  private silenceFinished(): void {
    const { flags } = this.running;
    for (let slot = 0; slot < this.slots; slot++) if (flags[slot] === 0) this.rewards[slot] = 0;
  }

  /** After code of the backend; where it threw, nobody knows what these slots hold, so their episodes are over. */
  private leave(done: boolean, slots: Int32Array): void {
    this.busy = '';
    if (done) {
      this.begun = true;
      return;
    }
    for (const slot of slots) {
      this.truncated[slot] = 1;
      this.finite.clean(slot);
      this.running.set(slot, 0);
    }
  }

  private checkIdle(): void {
    this.checkOpen();
    if (this.busy === '') return;
    throw new ArgumentError(`"${this.spec.id}" is in the middle of ${this.busy}`, {
      expected: 'functions of a definition that leave their environment alone',
    });
  }

  private checkOpen(): void {
    if (this.closed) throw new ClosedError(`environment "${this.spec.id}"`);
  }
}
