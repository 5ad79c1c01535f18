import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { checkArray } from './arrays.js';

/** An integer in a range, or an ArgumentError naming it. */
export function checkInteger(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ArgumentError(`${name} = ${describeValue(value)}`, { value, expected: `an integer, ${low} … ${high}` });
  }
  return value;
}

/**
 * Numbers in 0 … count - 1 as an Int32Array; `unique`: none twice. An Int32Array is returned as it is; a list is read
 * once, into an array of its own.
 */
export function checkSlots(
  slots: Int32Array | readonly number[],
  count: number,
  unique = false,
  what = 'slot',
): Int32Array {
  const list =
    typedArrayType(slots) === undefined ? listOf(slots, count, what) : checkArray(what, slots, 'Int32Array', 0);
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
  if (typedArrayType(slots) === 'Int32Array') {
    const list = checkArray('slots', slots, 'Int32Array', 0);
    let ascending = true;
    for (let i = 0, previous = -1; i < list.length && ascending; i++) {
      const slot = list[i]!;
      ascending = slot > previous && slot < count;
      previous = slot;
    }
    if (ascending) return list;
  }
  return checkSlots(slots, count, true).slice().sort();
}

/** Reads every element once: it is what was checked that goes on, whatever a getter says the next time. */
function listOf(slots: unknown, count: number, what: string): Int32Array {
  if (!Array.isArray(slots)) {
    throw new ArgumentError(`${what}s: ${describeValue(slots)}`, {
      value: slots,
      expected: 'an Int32Array or an array of integers',
    });
  }
  const list: number[] = [];
  // Element by element, so that a hole in an array of four thousand million ends it at once.
  for (let i = 0; i < slots.length; i++) list.push(checkInteger(what, slots[i] as number, 0, count - 1));
  return Int32Array.from(list);
}
