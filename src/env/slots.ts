import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKey } from '../base/random.js';
import type { Slots } from './types.js';

/** Slot numbers as an Int32Array: each in 0 … count - 1, none twice. undefined: all. */
export function checkSlots(slots: Slots | undefined, count: number): Int32Array {
  if (slots === undefined) return Int32Array.from({ length: count }, (_, i) => i);
  const checked = Int32Array.from(slots);
  const seen = new Uint8Array(count);
  for (let i = 0; i < checked.length; i++) {
    const slot = checked[i]!;
    if (slot !== slots[i] || slot < 0 || slot >= count) {
      throw new ArgumentError(`slot ${slots[i]}`, { value: slots[i], expected: `an integer in 0 … ${count - 1}` });
    }
    if (seen[slot] === 1) throw new ArgumentError(`slot ${slot} given twice`, { value: slot, expected: 'distinct slots' });
    seen[slot] = 1;
  }
  return checked;
}

/** Rows of a snapshot, one per target slot: each in 0 … count - 1, repeats allowed. undefined: 0, 1, 2, … */
export function checkRows(rows: Slots | undefined, count: number, wanted: number): Int32Array {
  if (rows === undefined) {
    if (count !== wanted) {
      throw new ArgumentError(`a snapshot of ${count} rows for ${wanted} slots`, {
        value: wanted,
        expected: 'as many slots as rows, or `rows` naming a row for each slot',
      });
    }
    return Int32Array.from({ length: wanted }, (_, i) => i);
  }
  if (rows.length !== wanted) {
    throw new ArgumentError(`${rows.length} rows for ${wanted} slots`, { value: rows.length, expected: 'one row per slot' });
  }
  const checked = Int32Array.from(rows);
  for (let i = 0; i < checked.length; i++) {
    if (checked[i] !== rows[i] || checked[i]! < 0 || checked[i]! >= count) {
      throw new ArgumentError(`snapshot row ${rows[i]}`, { value: rows[i], expected: `an integer in 0 … ${count - 1}` });
    }
  }
  return checked;
}

/** Keys, two words per slot. undefined: derived from seed 0 and the slot number. */
export function checkKeys(keys: Uint32Array | undefined, slots: Int32Array): Uint32Array {
  if (keys === undefined) {
    const derived = new Uint32Array(2 * slots.length);
    for (let i = 0; i < slots.length; i++) derived.set(streamKey(0, Purpose.reset, 0, slots[i]!), 2 * i);
    return derived;
  }
  if (!(keys instanceof Uint32Array) || keys.length !== 2 * slots.length) {
    throw new ArgumentError('keys of the wrong type or length', {
      value: keys.length,
      expected: `a Uint32Array of ${2 * slots.length} words, two per slot`,
    });
  }
  return keys;
}

/** How many slots a batch has: a positive integer. */
export function checkSlotCount(slots: number): number {
  if (!Number.isInteger(slots) || slots < 1 || slots > 10_000_000) {
    throw new ArgumentError(`${slots} slots`, { value: slots, expected: 'an integer in 1 … 10,000,000' });
  }
  return slots;
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
