import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError, type TrellisError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { viewBytes } from './arrays.js';
import type { AtariGame } from './atari-games.js';

/**
 * Arguments of an Atari batch. Each is read once, copied and then checked, so that nothing the caller's getters or other
 * threads do afterwards changes what native code gets.
 */

/** Integers low … high of an array-like, as a new Int32Array; `complain` makes the error for another value. */
export function copyIntegers(
  what: string,
  values: unknown,
  low: number,
  high: number,
  complain: (value: unknown, at: number) => TrellisError,
): Int32Array {
  const length = readLength(what, values);
  const copy = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const value = (values as ArrayLike<unknown>)[i];
    if (!isInteger(value, low, high)) throw complain(value, i);
    copy[i] = value;
  }
  return copy;
}

/** One checked value for each of `count` slots, as a new array. */
export function copyEach<T extends Int32Array | Float32Array>(
  what: string,
  values: unknown,
  count: number,
  check: (value: unknown) => number,
  type: new (length: number) => T,
): T {
  const length = readLength(what, values);
  if (length !== count) {
    throw new ArgumentError(`${length} ${what} for ${count} slots`, { value: length, expected: 'one each' });
  }
  const copy = new type(count);
  for (let i = 0; i < count; i++) copy[i] = check((values as ArrayLike<unknown>)[i]);
  return copy;
}

/** How far a paddle is turned. */
export function checkStrength(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ArgumentError(`strength is ${describeValue(value)}`, { value, expected: 'a number 0 … 1' });
}

/** One seed for each of `count` slots, as a new array. */
export function copySeeds(seeds: unknown, count: number): Uint32Array {
  const length = readLength('seeds', seeds);
  if (length !== count)
    throw new ArgumentError(`${length} seeds for ${count} slots`, { value: length, expected: 'one each' });
  const copy = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const seed = (seeds as ArrayLike<unknown>)[i];
    if (!isInteger(seed, 0, 2 ** 32 - 1))
      throw new ArgumentError(`seed is ${describeValue(seed)}`, {
        value: seed,
        expected: `an integer 0 … ${2 ** 32 - 1}`,
      });
    copy[i] = seed;
  }
  return copy;
}

/** A cartridge image in memory of our own. */
export function copyBytes(what: string, bytes: unknown): Uint8Array {
  return new Uint8Array(viewBytes(what, bytes));
}

/** A mode or difficulty that the game has. Every game starts at difficulty 0, listed or not (backgammon lists only 3). */
export function checkListed(what: 'mode' | 'difficulty', value: unknown, game: AtariGame): number {
  const listed = what === 'mode' ? game.modes : game.difficulties;
  if (listed.includes(value as number) || (what === 'difficulty' && value === 0)) return value as number;
  throw new ArgumentError(`${game.id} has no ${what} ${describeValue(value)}`, {
    value,
    expected: `one of ${listed.join(', ')}`,
  });
}

function isInteger(value: unknown, low: number, high: number): value is number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

/** Elements of an array or typed array. */
export function readLength(what: string, values: unknown): number {
  if (typedArrayType(values) !== undefined) return typedArrayLength(values as object);
  let length: unknown;
  let cause: unknown;
  try {
    if (isObject(values)) ({ length } = values as ArrayLike<unknown>);
  } catch (error) {
    // The language's own getter, where only the prototype is that of a typed array, or behind a proxy; or someone's.
    cause = error;
  }
  if (isInteger(length, 0, 2 ** 28)) return length;
  throw new ArgumentError(`${what}: ${describeValue(values)}`, {
    value: values,
    expected: 'an array of numbers',
    ...(cause === undefined ? {} : { cause }),
  });
}
