import { ArgumentError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';
import { Purpose, streamKey } from '../base/random.js';
import { checkArray } from '../native/arrays.js';
import { checkInteger, checkSlots } from '../native/slots.js';
import type { EnvOptions, Slots } from './types.js';

/** Slot numbers as an Int32Array: each in 0 … count - 1, none twice. undefined: all. */
export function slotList(slots: Slots | undefined, count: number): Int32Array {
  if (slots === undefined) return Int32Array.from({ length: count }, (_, i) => i);
  return checkSlots(slots, count, true);
}

/** Rows of a snapshot, one per target slot: each in 0 … count - 1, repeats allowed. undefined: 0, 1, 2, … */
export function rowList(rows: Slots | undefined, count: number, wanted: number): Int32Array {
  if (rows === undefined && count !== wanted) {
    throw new ArgumentError(`a snapshot of ${count} rows for ${wanted} slots`, {
      value: wanted,
      expected: 'as many slots as rows, or `rows` naming a row for each slot',
    });
  }
  if (rows === undefined) return Int32Array.from({ length: wanted }, (_, i) => i);
  const list = checkSlots(rows, count, false, 'snapshot row');
  if (list.length === wanted) return list;
  throw new ArgumentError(`${list.length} rows for ${wanted} slots`, {
    value: list.length,
    expected: 'one row per slot',
  });
}

/** Keys, two words per slot. undefined: derived from seed 0 and the slot number. */
export function checkKeys(keys: Uint32Array | undefined, slots: Int32Array): Uint32Array {
  if (keys === undefined) {
    const derived = new Uint32Array(2 * slots.length);
    for (let i = 0; i < slots.length; i++) derived.set(streamKey(0, Purpose.reset, 0, slots[i]!), 2 * i);
    return derived;
  }
  return checkArray('keys (two words per slot)', keys, 'Uint32Array', 2 * slots.length, { exact: true, shared: true });
}

/** How many slots a batch has: 1 … 2^24. */
export function checkSlotCount(slots: number): number {
  return checkInteger('slots', slots, 1, 2 ** 24);
}

/** The second argument of `EnvFactory.make`. */
export function checkMakeOptions(id: string, options: EnvOptions = {}): void {
  checkKnownKeys(`options of an environment "${id}"`, options, ['threads']);
  if (options.threads !== undefined) checkInteger('threads', options.threads, 1, 1024);
}

/** Which slots of a batch run: kept as a flag per slot, as ids, and as runs of consecutive slots. */
export class RunningSlots {
  /** 1: the slot runs [N]. */
  readonly flags: Uint8Array;
  private dirty = true;
  private idList: Int32Array = new Int32Array(0);
  private runList: Int32Array = new Int32Array(0);

  constructor(slots: number) {
    this.flags = new Uint8Array(slots);
  }

  set(slot: number, running: 0 | 1): void {
    if (this.flags[slot] === running) return;
    this.flags[slot] = running;
    this.dirty = true;
  }

  /** Running slots, ascending. The same object until something changes. */
  get ids(): Int32Array {
    if (this.dirty) this.refresh();
    return this.idList;
  }

  /** Pairs (first, end) of consecutive running slots: loops over slots need no indirection. */
  get runs(): Int32Array {
    if (this.dirty) this.refresh();
    return this.runList;
  }

  private refresh(): void {
    const ids: number[] = [];
    const runs: number[] = [];
    for (let slot = 0; slot < this.flags.length; slot++) {
      if (this.flags[slot] === 0) continue;
      if (slot === 0 || this.flags[slot - 1] === 0) runs.push(slot, slot);
      runs[runs.length - 1] = slot + 1;
      ids.push(slot);
    }
    this.idList = Int32Array.from(ids);
    this.runList = Int32Array.from(runs);
    this.dirty = false;
  }
}
