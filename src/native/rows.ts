import { addon } from './addon.js';

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
 * Copies row rows[i] of one array to row targets[i] of another of the same type, for all i below count; null: row i. The
 * rows must exist. Worth its call from a few dozen rows on.
 * @param width elements a row
 */
export function copyRows(
  from: RowArray,
  rows: Int32Array | null,
  to: RowArray,
  targets: Int32Array | null,
  count: number,
  width: number,
): void {
  addon<RowsAddon>().copyRows(from, rows, to, targets, count, width * to.BYTES_PER_ELEMENT);
}
