type NumberArray = Float32Array | Int32Array | Uint32Array | Uint8Array;

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

/** The reverse: consecutive rows go to rows rows[0 … n - 1] of `to`, which is returned. */
export function scatterRows<T extends NumberArray>(from: T, rows: Int32Array, n: number, width: number, to: T): T {
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) to[rows[i] * width + j] = from[i * width + j];
  return to;
}
