import { ArgumentError } from '../base/errors.js';
import { type Key, threefry } from '../base/random.js';

/**
 * A permutation of 0 … count - 1 that depends on the key alone (Fisher and Yates; draw i decides element i).
 * @param out [count]; default a new array
 */
export function shuffledIndices(count: number, key: Key, out: Int32Array = new Int32Array(count)): Int32Array {
  const words = new Uint32Array(2);
  for (let i = 0; i < count; i++) out[i] = i;
  for (let i = count - 1; i > 0; i--) {
    threefry(key[0], key[1], i, 0, words);
    // 53 random bits, so that no order is noticeably likelier than another.
    const j = Math.floor(((words[0] * 2 ** 21 + (words[1] >>> 11)) / 2 ** 53) * (i + 1));
    const other = out[j];
    out[j] = out[i];
    out[i] = other;
  }
  return out;
}

/**
 * Goes once through 0 … count - 1 in shuffled order, in parts of `size` (the last may be shorter).
 * @param key decides the order, e.g. `streamKey(seed, purpose, iteration, epoch)`
 * @returns views of one array, valid until the loop ends
 * @throws ArgumentError for counts that are none
 */
export function* minibatches(count: number, size: number, key: Key): Generator<Int32Array> {
  if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 31 - 1) {
    throw new ArgumentError(`minibatches of ${count}`, { value: count, expected: 'a number of samples' });
  }
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new ArgumentError(`minibatches of size ${size}`, { value: size, expected: 'a positive integer' });
  }
  const order = shuffledIndices(count, key);
  for (let from = 0; from < count; from += size) yield order.subarray(from, Math.min(count, from + size));
}
