import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import { checkMemory } from '../base/memory.js';
import { checkArray } from '../native/arrays.js';
import { checkInteger } from '../native/slots.js';
import type { ActionArray, ActionSpace, BoxSpace, DiscreteSpace } from './types.js';

/** Before a shape is copied: a list may say it is four thousand million long. */
const MOST_DIMENSIONS = 32;
/** Elements of a box at the most. */
const MOST_ELEMENTS = 2 ** 24;

/**
 * A box of real vectors.
 * @param shape e.g. [9]
 * @param low one bound for all elements, or one per element; -Infinity where unbounded
 * @param high likewise
 * @param dtype uint8: bytes, by default 0 … 255
 * @throws ArgumentError absurd shapes, NaN, a lower bound above the upper one, bytes outside 0 … 255
 */
export function box(
  shape: readonly number[],
  low?: number | ArrayLike<number>,
  high?: number | ArrayLike<number>,
  dtype: 'float32' | 'uint8' = 'float32',
): BoxSpace {
  if (dtype !== 'float32' && dtype !== 'uint8') {
    throw new ArgumentError(`box of ${describeValue(dtype)}`, { value: dtype, expected: "'float32' or 'uint8'" });
  }
  const given = isList(shape) && shape.length <= MOST_DIMENSIONS ? [...shape] : [Number.NaN];
  const size = given.reduce((product, n) => product * n, 1);
  if (given.some((n) => !Number.isInteger(n) || n < 0) || size > MOST_ELEMENTS) {
    throw new ArgumentError(
      `box of shape ${Number.isNaN(given[0]) ? describeValue(shape) : given.map(describeValue).join(' × ')}`,
      {
        value: shape,
        expected: `integers such as [9], at most ${MOST_ELEMENTS} elements`,
      },
    );
  }
  const bytes = dtype === 'uint8';
  const space: BoxSpace = {
    kind: 'box',
    shape: given,
    dtype,
    low: bounds(low ?? (bytes ? 0 : -Infinity), size),
    high: bounds(high ?? (bytes ? 255 : Infinity), size),
  };
  checkBounds(space);
  return space;
}

/** @throws ArgumentError naming the first element whose bounds are no bounds */
function checkBounds({ low, high, dtype }: BoxSpace): void {
  for (let i = 0; i < low.length; i++) {
    const [a, b] = [low[i], high[i]];
    const inRange = dtype === 'float32' || (Number.isInteger(a) && Number.isInteger(b) && a >= 0 && b <= 255);
    if (a <= b && inRange) continue;
    throw new ArgumentError(`bounds ${a} … ${b} of element ${i} of a box`, {
      value: [a, b],
      expected: dtype === 'float32' ? 'low <= high' : 'integers 0 <= low <= high <= 255',
    });
  }
}

/**
 * The space that an environment says it has, from the outside: a space made by hand is checked like one of `box` or
 * `discrete`.
 * @throws ArgumentError
 */
export function checkSpace<Space extends ActionSpace>(what: string, space: Space): Space {
  if (space?.kind === 'discrete' && isList(space.sizes)) return discrete(...space.sizes) as Space;
  if (space?.kind === 'box' && isList(space.shape)) {
    return box(space.shape, space.low, space.high, space.dtype) as Space;
  }
  throw noSpace(what, space);
}

function noSpace(what: string, value: unknown): ArgumentError {
  return new ArgumentError(`${what} is ${describeValue(value)}`, {
    value,
    expected: 'what `box` or `discrete` returned',
  });
}

/** One integer per factor; `discrete(6)` is a plain choice among six. */
export function discrete(...sizes: number[]): DiscreteSpace {
  if (sizes.length === 0) throw new ArgumentError('a discrete space without factors', { expected: 'a size for each' });
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < 1 || size > 2 ** 31) {
      throw new ArgumentError('size of a discrete factor', { value: size, expected: 'a positive integer' });
    }
  }
  return { kind: 'discrete', sizes };
}

/** Numbers in one element of the space: the row length of observation and action arrays. */
export function spaceSize(space: ActionSpace): number {
  if (space?.kind !== 'box' && space?.kind !== 'discrete') throw noSpace('the space', space);
  return space.kind === 'discrete' ? space.sizes.length : space.low.length;
}

/** An action array for `slots` slots, filled with zeros. */
export function makeActions(space: ActionSpace, slots: number): ActionArray {
  const length = checkInteger('slots', slots, 0, 2 ** 24) * spaceSize(space);
  checkMemory(`actions of ${slots} slots`, 4 * length);
  return space.kind === 'discrete' ? new Int32Array(length) : new Float32Array(length);
}

function bounds(bound: number | ArrayLike<number>, size: number): Float32Array {
  if (typeof bound === 'number') return new Float32Array(size).fill(bound);
  const listed = ArrayBuffer.isView(bound) || isList(bound);
  const values: unknown[] = listed && bound.length === size ? Array.prototype.slice.call(bound) : [];
  if (values.length !== size || values.some((value) => typeof value !== 'number')) {
    throw new ArgumentError(`bounds of a box: ${describeValue(bound)}`, {
      value: bound,
      expected: `a number, or ${size} of them, one per element`,
    });
  }
  return Float32Array.from(values as number[]);
}

/**
 * Refuses an action array of the wrong type or length, and NaN, infinite or out-of-range entries in the rows of slots
 * that are going to move.
 * @param running rows to look at: pairs (first, end) of consecutive slots
 */
export function checkActions(space: ActionSpace, slots: number, actions: ActionArray, running: Int32Array): void {
  const size = spaceSize(space);
  const wanted = space.kind === 'discrete' ? 'Int32Array' : 'Float32Array';
  checkArray(nameActions(slots, size), actions, wanted, slots * size, actionRules);
  for (let run = 0; run < running.length; run += 2) {
    const first = running[run] * size;
    const end = running[run + 1] * size;
    const bad =
      space.kind === 'discrete'
        ? firstOutOfRange(actions as Int32Array, space.sizes, first, end)
        : firstNotFinite(actions as Float32Array, first, end - first);
    if (bad >= 0) {
      throw new ArgumentError(`action ${actions[bad]} of slot ${Math.floor(bad / size)}`, {
        value: actions[bad],
        expected: space.kind === 'discrete' ? `an integer in 0 … ${space.sizes[bad % size] - 1}` : 'a finite number',
      });
    }
  }
}

const actionRules = { exact: true, shared: true } as const;
let [namedSlots, namedSize, actionsName] = [0, 0, ''];

/** Made once for all the steps of an environment. */
function nameActions(slots: number, size: number): string {
  if (slots !== namedSlots || size !== namedSize) {
    [namedSlots, namedSize, actionsName] = [slots, size, `actions [${slots} slots × ${size}]`];
  }
  return actionsName;
}

/** Index of the first NaN or infinity among `count` elements from `first` on; -1: none. */
export function firstNotFinite(values: Float32Array | Float64Array, first: number, count: number): number {
  const end = first + count;
  if (values instanceof Float32Array ? areFloatsFinite(values, first, end) : areDoublesFinite(values, first, end)) {
    return -1;
  }
  for (let i = first; i < end; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

// x · 0 is NaN exactly for NaN and ±Infinity: one branch for the whole range, and four sums, since each addition waits
// for the one before it. One function per class of array: shared by both, its loop would ask for the class every time.
function areFloatsFinite(values: Float32Array, first: number, end: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = first;
  for (; i + 3 < end; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < end; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

function areDoublesFinite(values: Float64Array, first: number, end: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = first;
  for (; i + 3 < end; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < end; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

function firstOutOfRange(actions: Int32Array, sizes: readonly number[], first: number, end: number): number {
  const factors = sizes.length;
  for (let i = first; i < end; i += factors) {
    for (let factor = 0; factor < factors; factor++) {
      const action = actions[i + factor];
      if (action < 0 || action >= sizes[factor]) return i + factor;
    }
  }
  return -1;
}
