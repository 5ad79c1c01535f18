import { ArgumentError } from '../base/errors.js';

/** An integer in a range, or an ArgumentError naming it. */
export function checkInteger(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ArgumentError(`${name} = ${String(value)}`, { value, expected: `an integer, ${low} … ${high}` });
  }
  return value;
}

/** Numbers in 0 … count - 1 as an Int32Array; `unique`: none twice. An Int32Array is returned as it is. */
export function checkSlots(
  slots: Int32Array | readonly number[],
  count: number,
  unique = false,
  what = 'slot',
): Int32Array {
  if (!(slots instanceof Int32Array)) for (const slot of slots) checkInteger(what, slot, 0, count - 1);
  const list = slots instanceof Int32Array ? slots : Int32Array.from(slots);
  let ascending = true;
  for (let i = 0, previous = -1; i < list.length; i++) {
    const slot = list[i]!;
    if (slot < 0 || slot >= count) checkInteger(what, slot, 0, count - 1);
    if (slot <= previous) ascending = false;
    previous = slot;
  }
  if (unique && !ascending) {
    const seen = new Uint8Array(count);
    for (const slot of list) {
      if (seen[slot]) throw new ArgumentError(`${what} ${slot} is named twice`, { value: slot });
      seen[slot] = 1;
    }
  }
  return list;
}

/** A selection as the batch simulators want it: ascending, none twice; null for all. */
export function sortedSlots(slots: Int32Array | readonly number[] | undefined, count: number): Int32Array | null {
  if (slots === undefined) return null;
  let ascending = slots instanceof Int32Array;
  for (let i = 0, previous = -1; i < slots.length && ascending; i++) {
    const slot = slots[i]!;
    ascending = slot > previous && slot < count;
    previous = slot;
  }
  return ascending ? (slots as Int32Array) : checkSlots(slots, count, true).slice().sort();
}
