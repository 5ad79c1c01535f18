import type { Pacer } from '../base/scheduling.js';

type Rows = Float32Array | Int32Array | Uint8Array;
const MOVES_BETWEEN_LOOKS = 8192;

/**
 * Reorders rows in place: row i becomes the old row source[i]. In place, because the observations of a batch can be most
 * of the memory there is.
 * @param array at least one row longer than source; the row after the last is used as scratch
 * @param source a permutation of 0 … n - 1
 */
export async function permuteRows(array: Rows, width: number, source: Int32Array, pacer: Pacer): Promise<void> {
  const pending = source.slice();
  const spare = pending.length;
  const move = width <= 16 ? moveShort : moveLong;
  let moves = 0;
  for (let start = 0; start < pending.length; start++) {
    if (pending[start] === start) continue;
    move(array, width, spare, start);
    let hole = start;
    for (;;) {
      const from = pending[hole];
      pending[hole] = hole;
      if (from === start) break;
      move(array, width, hole, from);
      hole = from;
      if (++moves % MOVES_BETWEEN_LOOKS === 0 && pacer.due()) await pacer.pause();
    }
    move(array, width, hole, spare);
  }
}

function moveShort(array: Rows, width: number, to: number, from: number): void {
  const target = to * width;
  const origin = from * width;
  for (let j = 0; j < width; j++) array[target + j] = array[origin + j];
}

function moveLong(array: Rows, width: number, to: number, from: number): void {
  array.copyWithin(to * width, from * width, (from + 1) * width);
}
