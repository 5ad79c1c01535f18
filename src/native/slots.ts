import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import { checkArray, copyArray, copyShort, inSharedMemory } from './arrays.js';

/** Numbers of slots: each once, in any order. */
export type Slots = Int32Array | readonly number[];

const maximumSlots = 2 ** 24;

/** An integer in a range, or an ArgumentError naming it. */
export function checkInteger(name: string, value: unknown, low: number, high: number): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
    throw new ArgumentError(`${name} = ${describeValue(value)}`, { value, expected: `an integer, ${low} … ${high}` });
  }
  return value as number;
}

/** How many slots a batch has: 1 … 2^24. */
export function checkSlotCount(slots: unknown): number {
  return checkInteger('slots', slots, 1, maximumSlots);
}

/**
 * Slots as an Int32Array of its own: each in 0 … count - 1, none twice. undefined: all. What was given is read once, so
 * that nothing the caller's getters or other threads do afterwards changes what was checked.
 */
export function checkSlots(slots: Slots | undefined, count: number): Int32Array {
  if (slots === undefined) return upTo(count);
  const list = copyList(slots, count, 'slot');
  if (isAscending(list, count)) return list;
  const seen = new Uint8Array(count);
  for (const slot of list) {
    if (seen[slot]) throw new ArgumentError(`slot ${slot} is named twice`, { value: slot, expected: 'each slot once' });
    seen[slot] = 1;
  }
  return list;
}

/**
 * A selection as MuJoCo's batches want it: ascending, none twice; null for all. An Int32Array that is so is returned as it
 * is, for calls that come every step: nothing of JavaScript's may run between this and native code.
 */
export function sortedSlots(slots: Slots | undefined, count: number): Int32Array | null {
  if (slots === undefined) return null;
  if (typedArrayType(slots) === 'Int32Array') {
    const list = checkArray('slots', slots, 'Int32Array', 0, { shared: true });
    if (isAscending(list, count) && !inSharedMemory(list)) return list;
  }
  return checkSlots(slots, count).sort();
}

/** Rows of what was saved, one for each of `wanted` slots: each in 0 … count - 1, repeats allowed. undefined: 0, 1, 2, … */
export function checkRows(rows: Slots | undefined, count: number, wanted: number): Int32Array {
  if (rows === undefined && count !== wanted) {
    throw new ArgumentError(`${count} rows for ${wanted} slots`, {
      value: count,
      expected: 'as many slots as rows, or `rows` naming a row for each slot',
    });
  }
  if (rows === undefined) return upTo(wanted);
  const list = copyList(rows, count, 'row');
  if (list.length === wanted) return list;
  throw new ArgumentError(`${list.length} rows for ${wanted} slots`, {
    value: list.length,
    expected: 'one row per slot',
  });
}

function upTo(count: number): Int32Array {
  const list = new Int32Array(count);
  for (let i = 0; i < count; i++) list[i] = i;
  return list;
}

function isAscending(list: Int32Array, count: number): boolean {
  for (let i = 0, previous = -1; i < list.length; i++) {
    const slot = list[i];
    if (slot <= previous || slot >= count) return false;
    previous = slot;
  }
  return true;
}

function copyList(list: unknown, count: number, what: string): Int32Array {
  const read = typedArrayType(list) === undefined ? readNumbers(list, count, what) : copyNumbers(list, what);
  for (let i = 0; i < read.length; i++) {
    const number = read[i];
    if (number < 0 || number >= count) checkInteger(what, number, 0, count - 1);
  }
  return read;
}

function copyNumbers(list: unknown, what: string): Int32Array {
  const short = copyShort(list, 'Int32Array');
  if (short !== null) return short;
  const given = checkArray(`${what}s`, list, 'Int32Array', 0, { shared: true });
  return copyArray(given, 'Int32Array', given.length);
}

function readNumbers(list: unknown, count: number, what: string): Int32Array {
  if (!isList(list)) {
    throw new ArgumentError(`${what}s: ${describeValue(list)}`, {
      value: list,
      expected: 'an Int32Array or an array of integers',
    });
  }
  const read: number[] = [];
  // Element by element, so that a hole in an array of four thousand million ends it at once.
  for (let i = 0; i < list.length; i++) read.push(checkInteger(what, list[i], 0, count - 1));
  return Int32Array.from(read);
}
