import { ArgumentError } from '../base/errors.js';

type NumberArray = Float32Array | Int32Array | Uint32Array | Uint8Array;
type TableArray = NumberArray | Float64Array;

/** Copies rows rows[0 … n - 1] of a table into consecutive rows of another, from row `at / width` on. */
export function gatherRows(
  from: NumberArray,
  rows: Int32Array,
  n: number,
  width: number,
  to: NumberArray,
  at: number,
): void {
  if (width > 64) {
    for (let i = 0; i < n; i++) to.set(from.subarray(rows[i] * width, (rows[i] + 1) * width), at + i * width);
    return;
  }
  for (let i = 0, out = at; i < n; i++) {
    for (let j = rows[i] * width; j < (rows[i] + 1) * width; j++, out++) to[out] = from[j];
  }
}

/**
 * Rows of a table, in this order, as a new array of the same kind: what a minibatch is made of.
 * @param table [n × width]
 * @param rows 0 … n - 1
 * @throws ArgumentError for a width that does not fit the table, or a row that is not there
 */
export function takeRows<T extends TableArray>(table: T, rows: Int32Array, width = 1): T {
  const count = table?.length / width;
  if (!Number.isInteger(count) || !(width >= 1)) {
    throw new ArgumentError(`a table of ${table?.length} numbers, ${width} a row`, {
      value: width,
      expected: 'a typed array of whole rows',
    });
  }
  const taken = new (table.constructor as new (length: number) => T)(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(row >= 0 && row < count)) throw new ArgumentError(`row ${row}`, { value: row, expected: `0 … ${count - 1}` });
    for (let j = 0; j < width; j++) taken[i * width + j] = table[row * width + j];
  }
  return taken;
}

/** The reverse of `gatherRows`: consecutive rows go to rows rows[0 … n - 1] of `to`, which is returned. */
export function scatterRows<T extends NumberArray>(from: T, rows: Int32Array, n: number, width: number, to: T): T {
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) to[rows[i] * width + j] = from[i * width + j];
  return to;
}
