import { Purpose, streamKey } from '../base/random.js';
import { checkArray, copyShort } from '../native/arrays.js';

/** Keys, two words per slot. undefined: derived from seed 0 and the slot number. */
export function checkKeys(keys: Uint32Array | undefined, slots: Int32Array): Uint32Array {
  if (keys === undefined) {
    const derived = new Uint32Array(2 * slots.length);
    for (let i = 0; i < slots.length; i++) derived.set(streamKey(0, Purpose.reset, 0, slots[i]), 2 * i);
    return derived;
  }
  const short = copyShort(keys, 'Uint32Array');
  if (short !== null && short.length === 2 * slots.length) return short;
  return checkArray('keys (two words per slot)', keys, 'Uint32Array', 2 * slots.length, { exact: true, shared: true });
}
