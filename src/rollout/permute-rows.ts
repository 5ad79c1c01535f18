import { eachChunk } from '../base/chunks.js';
import { pacerOf } from '../base/scheduling.js';

type Rows = Float32Array | Int32Array | Uint8Array;
const MOVES_BETWEEN_LOOKS = 8192;
/** Rows up to this width are copied by a loop, longer ones by the engine's block copy. */
const SHORT = 64;

/** Copies row i to row destination[i] of another array, for all i below destination.length. */
export async function permuteRowsInto(
  from: Rows,
  to: Rows,
  width: number,
  destination: Int32Array,
  signal?: AbortSignal,
): Promise<void> {
  await eachChunk(destination.length, signal, (first, end) => {
    if (width <= SHORT) copyShortRows(from, to, width, destination, first, end);
    else for (let i = first; i < end; i++) to.set(from.subarray(i * width, (i + 1) * width), destination[i] * width);
  });
}

function copyShortRows(from: Rows, to: Rows, width: number, destination: Int32Array, first: number, end: number): void {
  let origin = first * width;
  for (let i = first; i < end; i++) {
    const target = destination[i] * width;
    for (let j = 0; j < width; j++) to[target + j] = from[origin++];
  }
}

/**
 * The same within one array, where a second one would be too large: row i goes to row destination[i].
 * @param array at least one row longer than destination; the row after the last is used as scratch
 * @param destination a permutation of 0 … n - 1
 */
export async function permuteRowsInPlace(
  array: Rows,
  width: number,
  destination: Int32Array,
  signal?: AbortSignal,
): Promise<void> {
  const pacer = pacerOf(signal);
  const pending = new Int32Array(destination.length);
  for (let i = 0; i < destination.length; i++) pending[destination[i]] = i;
  const move = (to: number, from: number) => array.copyWithin(to * width, from * width, (from + 1) * width);
  const spare = pending.length;
  let moves = 0;
  for (let start = 0; start < pending.length; start++) {
    if (pending[start] === start) continue;
    move(spare, start);
    let hole = start;
    // Follows the cycle: each hole is filled from where its row is now.
    for (;;) {
      const from = pending[hole];
      pending[hole] = hole;
      if (from === start) break;
      move(hole, from);
      hole = from;
      if (++moves % MOVES_BETWEEN_LOOKS === 0 && pacer.due()) await pacer.pause();
    }
    move(hole, spare);
  }
}
