import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { addon } from './addon.js';
import { checkArray, type TypedArrayName } from './arrays.js';
import { checkInteger } from './slots.js';

const elementBytes: Partial<Record<TypedArrayName, number>> = {
  Float64Array: 8,
  Float32Array: 4,
  Int32Array: 4,
  Uint32Array: 4,
  Uint8Array: 1,
};
const numbers = { shared: true } as const;

/** An array with one row per slot. */
export type RowArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

interface RowsAddon {
  copyRows(
    from: RowArray,
    rows: Int32Array | null,
    to: RowArray,
    targets: Int32Array | null,
    count: number,
    rowBytes: number,
  ): void;
}

/**
 * Copies row rows[i] of one array to row targets[i] of another of the same type, for all i below count; null: row i. Worth
 * its call from a few dozen rows on.
 * @param width elements a row
 * @throws ArgumentError if a row does not exist, or the arrays are of different types
 */
export function copyRows(
  from: RowArray,
  rows: Int32Array | null,
  to: RowArray,
  targets: Int32Array | null,
  count: number,
  width: number,
): void {
  checkInteger('rows', count, 0, 2 ** 31 - 1);
  const type = typedArrayType(to) as TypedArrayName;
  const bytes = elementBytes[type];
  if (bytes === undefined) {
    const expected = `one of ${Object.keys(elementBytes).join(', ')}`;
    throw new ArgumentError(`to: ${describeValue(to)}`, { value: to, expected });
  }
  checkInteger('row width', width, 0, Math.floor((2 ** 31 - 1) / bytes));
  // Row numbers last: a shared array's could change after they were checked, and so are not accepted.
  checkArray('from', from, type, rows === null ? count * width : 0, numbers);
  checkArray('to', to, type, targets === null ? count * width : 0, numbers);
  if (rows !== null) checkRowNumbers('rows', rows, count, typedArrayLength(from), width);
  if (targets !== null) checkRowNumbers('targets', targets, count, typedArrayLength(to), width);
  if (count === 0 || width === 0) return;
  addon<RowsAddon>().copyRows(from, rows, to, targets, count, width * bytes);
}

function checkRowNumbers(what: string, list: Int32Array, count: number, length: number, width: number): void {
  checkArray(what, list, 'Int32Array', count);
  const existing = width === 0 ? 2 ** 31 : Math.floor(length / width);
  for (let i = 0; i < count; i++) {
    const row = list[i];
    if (row < 0 || row >= existing) checkInteger(`${what}[${i}]`, row, 0, existing - 1);
  }
}
