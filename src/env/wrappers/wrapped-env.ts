import { ArgumentError, ClosedError } from '../../base/errors.js';
import { isObject } from '../../base/kinds.js';
import { checkKnownKeys } from '../../base/options.js';
import { checkRows, checkSlots } from '../../native/slots.js';
import { loadRows, type RowArray, saveRows } from '../backend.js';
import { checkCount, checkSnapshot } from '../snapshot.js';
import { checkParts, type PartType, type SnapshotPart } from '../snapshot-parts.js';
import type { ActionArray, EnvInfo, EnvSpec, ObservationArray, Slots, Snapshot, VectorEnv } from '../types.js';

/** A wrapper's own arrays by name, one row a slot: saved and restored with the rest of a snapshot. */
export type OwnArrays = Readonly<Record<string, { readonly array: RowArray; readonly width: number }>>;

/**
 * A VectorEnv over another one. Which slots run is the inner environment's business: its flags are shown as they are,
 * and a wrapper that ends episodes asks it to (`truncate`). What differs is in the four functions at the end, which a
 * wrapper overrides.
 */
export abstract class WrappedEnv implements VectorEnv {
  readonly slots: number;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly rawRewards: Float64Array;
  readonly info?: EnvInfo;
  readonly readState?: (slot: number) => Float64Array;
  readonly truncate?: (slots: Slots) => void;
  /** 1: the slot moved in this step, or was just started [N]. */
  private readonly active: Uint8Array;
  /** How many wrappers of ours there are up to this one: two of a kind keep their arrays apart by it. */
  private readonly depth: number;
  private own: readonly { name: string; array: RowArray; width: number }[] = [];
  private layout: readonly SnapshotPart[] = [];

  /** @param kind the wrapper's name, which its parts of a snapshot begin with */
  constructor(
    protected readonly inner: VectorEnv,
    readonly spec: EnvSpec,
    private readonly kind: string,
  ) {
    this.slots = inner.slots;
    this.terminated = inner.terminated;
    this.truncated = inner.truncated;
    this.rawRewards = inner.rawRewards ?? inner.rewards;
    this.active = new Uint8Array(inner.slots);
    this.depth = inner instanceof WrappedEnv ? inner.depth + 1 : 1;
    if (inner.info !== undefined) this.info = inner.info;
    if (inner.readState !== undefined) this.readState = (slot) => inner.readState!(slot);
    if (inner.truncate !== undefined) this.truncate = (slots) => inner.truncate!(slots);
  }

  abstract readonly observations: ObservationArray;
  abstract readonly rewards: Float64Array;

  get simulatorSteps(): number {
    return this.inner.simulatorSteps;
  }

  get diverged(): number {
    return this.inner.diverged;
  }

  reset(slots?: Slots, keys?: Uint32Array): void {
    const which = checkSlots(slots, this.slots);
    this.guarded(which, () => this.inner.reset(which, keys));
    const { active } = this;
    active.fill(0);
    for (let i = 0; i < which.length; i++) active[which[i]] = 1;
    this.started(which, active);
  }

  step(actions: ActionArray): void {
    const { active, terminated, truncated, slots } = this;
    for (let slot = 0; slot < slots; slot++) active[slot] = terminated[slot] | truncated[slot] ? 0 : 1;
    try {
      this.inner.step(actions);
    } catch (error) {
      // Where code of the environment threw, it has cut the episodes in progress.
      const cut: number[] = [];
      for (let slot = 0; slot < slots; slot++) if (active[slot] && terminated[slot] | truncated[slot]) cut.push(slot);
      if (cut.length > 0) this.shown(Int32Array.from(cut));
      throw error;
    }
    this.moved(active);
  }

  snapshot(slots?: Slots): Snapshot {
    const which = checkSlots(slots, this.slots);
    const { version, count, parts: inside } = this.inner.snapshot(which);
    const parts: Record<string, ArrayBufferView> = { ...inside };
    for (const { name, array, width } of this.own) {
      if (Object.hasOwn(parts, name)) {
        throw new ArgumentError(`two parts of a snapshot of "${this.spec.id}" are called "${name}"`, {
          value: name,
          expected: 'wrappers whose parts have names of their own',
        });
      }
      parts[name] = saveRows(array, width, which);
    }
    const { id: envId, modelHash } = this.spec;
    return { version, envId, modelHash, count, parts };
  }

  restore(snapshot: Snapshot, slots: Slots, options: { rows?: Slots; keys?: Uint32Array } = {}): void {
    checkSnapshot(snapshot, this.spec);
    checkKnownKeys('options of restore', options, ['rows', 'keys']);
    const count = checkCount(snapshot.count);
    const which = checkSlots(slots ?? [], this.slots);
    const { rows: wanted, ...others } = options;
    const rows = checkRows(wanted, count, which.length);
    const { mine, inside } = this.split(snapshot.parts);
    const parts = checkParts(mine, count, this.layout);
    this.checkOwn(parts);
    const { id: envId, modelHash } = this.inner.spec;
    const within = { version: snapshot.version, envId, modelHash, count, parts: inside };
    this.guarded(which, () => this.inner.restore(within, which, { ...others, rows }));
    for (const { name, array, width } of this.own) loadRows(array, width, parts[name], rows, which);
    this.shown(which);
  }

  close(): void {
    this.inner.close();
  }

  /** Says which arrays decide a slot's future besides the inner environment's; called once, by the constructor. */
  protected keep(arrays: OwnArrays): void {
    this.own = Object.entries(arrays).map(([name, { array, width }]) => {
      return { name: `${this.kind}${this.depth}.${name}`, array, width };
    });
    this.layout = this.own.map(({ name, array, width }) => {
      return { name, type: array.constructor.name as PartType, width };
    });
  }

  /** The name under which one of the arrays given to `keep` is saved. */
  protected partName(name: string): string {
    return `${this.kind}${this.depth}.${name}`;
  }

  /** New episodes began in these slots, which are those with an active flag. */
  protected started(slots: Int32Array, _active: Uint8Array): void {
    this.shown(slots);
  }

  /** A step was made; `active` [N] is 1 for the slots that took part. Rewards of the others are 0. */
  protected moved(_active: Uint8Array): void {}

  /** These slots show something else now (restored, or cut by an error): outputs that follow from theirs are made again. */
  protected shown(_slots: Int32Array): void {}

  /** @throws SnapshotError for own parts of a snapshot that no wrapper saved */
  protected checkOwn(_parts: Readonly<Record<string, RowArray>>): void {}

  private split(parts: unknown): { mine: unknown; inside: Snapshot['parts'] } {
    if (!isObject(parts)) return { mine: parts, inside: {} };
    const names = new Set(this.own.map(({ name }) => name));
    const mine: Record<string, unknown> = {};
    const inside: Record<string, ArrayBufferView> = {};
    for (const [name, part] of Object.entries(parts)) (names.has(name) ? mine : inside)[name] = part;
    return { mine, inside };
  }

  private guarded(slots: Int32Array, work: () => void): void {
    let done = false;
    try {
      work();
      done = true;
    } catch (error) {
      if (error instanceof ClosedError) done = true;
      throw error;
    } finally {
      if (!done) this.shown(slots);
    }
  }
}
