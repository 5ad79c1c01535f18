import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import { checkArray } from '../native/arrays.js';

const numbers = { shared: true } as const;

/** Rows of distribution parameters; `rows`: how many there must be, else as many as there are. @returns their number */
export function checkDistParams(
  distParams: Float32Array,
  size: number,
  rows = 0,
  what = 'distribution parameters',
): number {
  checkArray(what, distParams, 'Float32Array', rows * size, numbers);
  const count = distParams.length / size;
  if (rows === 0 && !Number.isInteger(count)) {
    throw new ArgumentError(`${what}: length ${distParams.length}`, {
      value: distParams.length,
      expected: `a multiple of ${size}`,
    });
  }
  return Math.floor(count);
}

/** An array that results go to or are added to. */
export function checkOut<Type extends 'Float32Array' | 'Float64Array'>(out: unknown, type: Type, length: number) {
  return checkArray('out', out, type, length, numbers);
}

/** Weights of a list, or one for all, as they are read: a list of JavaScript's is copied. @throws ArgumentError */
export function readWeights(weights: ArrayLike<number> | number, count: number): ArrayLike<number> | number {
  return typeof weights === 'number' ? weights : readWeightList(weights, count);
}

/** As `readWeights`, where there must be a list. */
export function readWeightList(weights: ArrayLike<number>, count: number): ArrayLike<number> {
  const type = typedArrayType(weights);
  const listed = type === undefined ? isList(weights) : !type.startsWith('Big');
  if (!listed) {
    throw new ArgumentError(`weights: ${describeValue(weights)}`, { value: weights, expected: 'a list of numbers' });
  }
  const { length } = weights;
  if (length < count || (type !== undefined && length !== typedArrayLength(weights))) {
    throw new ArgumentError(`weights: length ${describeValue(length)}`, {
      value: length,
      expected: `at least ${count}`,
    });
  }
  return type === undefined ? copyNumbers(weights) : weights;
}

function copyNumbers(list: ArrayLike<unknown>): number[] {
  const numbers: number[] = [];
  // Element by element, so that a hole in an array of four thousand million ends it at once.
  for (let i = 0; i < list.length; i++) {
    const x = list[i];
    if (typeof x !== 'number') {
      throw new ArgumentError(`weights[${i}]: ${describeValue(x)}`, { value: x, expected: 'a number' });
    }
    numbers.push(x);
  }
  return numbers;
}

/** Actions of `count` rows, and the parameter row of each where they are not its own. */
export function checkActions(
  actions: unknown,
  type: 'Float32Array' | 'Int32Array',
  actionSize: number,
  count: number,
  rows: Int32Array | null,
  parameterRows: number,
): void {
  checkArray('actions', actions, type, count * actionSize, numbers);
  if (rows === null) {
    if (count <= parameterRows) return;
    throw new ArgumentError(`actions of ${count} rows`, {
      value: count,
      expected: `at most ${parameterRows}, one per parameter row`,
    });
  }
  checkArray('rows', rows, 'Int32Array', count, numbers);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (row < 0 || row >= parameterRows) {
      throw new ArgumentError(`row ${row} of action ${i}`, {
        value: row,
        expected: `an integer, 0 … ${parameterRows - 1}`,
      });
    }
  }
}

/** How many rows a list makes up. @throws ArgumentError if it is none, or not a whole number of rows */
export function rowsOfList(list: ArrayLike<unknown>, size: number, what: string): number {
  const length = typedArrayType(list) === undefined && !isList(list) ? Number.NaN : list.length;
  if (Number.isInteger(length / size)) return length / size;
  throw new ArgumentError(`${what}: ${describeValue(list)}`, {
    value: list,
    expected: `a list of a multiple of ${size}`,
  });
}

/** Which row holds no distribution: `value` is what stands there instead of a number. */
export function brokenRow(row: number, value: number): ArgumentError {
  return new ArgumentError(`distribution parameters of row ${row} hold ${value}`, {
    // Callers tell a diverged policy by a value that is not finite.
    value: Number.isFinite(value) ? Number.NaN : value,
    expected: 'numbers',
    hint: 'The observation or the parameters of the policy are not finite',
  });
}
