import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import type { StateView } from './mujoco-views.js';

/**
 * Controls as they are to be written: [count × size], every one finite.
 * @param slots whose they are, for messages; null: 0, 1, 2, …
 * @throws ArgumentError wrong length, NaN or infinity
 */
export function checkControls(
  controls: ArrayLike<number>,
  count: number,
  size: number,
  slots: Int32Array | null,
): ArrayLike<number> {
  const expected = `${count} slots × ${size} controls = ${count * size}`;
  if (typedArrayType(controls) === undefined && !isList(controls)) {
    throw new ArgumentError(`controls: ${describeValue(controls)}`, { value: controls, expected });
  }
  const { length } = controls;
  if (length !== count * size) throw new ArgumentError(`${length} controls`, { value: length, expected });
  for (let i = 0; i < length; i++) {
    const value = controls[i];
    if (Number.isFinite(value)) continue;
    const slot = Math.floor(i / size);
    throw badControl(slots?.[slot] ?? slot, i % size, value);
  }
  return controls;
}

/** Writes them into the slots' rows of the state table. */
export function writeControls(
  { array, offset, stride, size }: StateView,
  controls: ArrayLike<number>,
  count: number,
  slots: Int32Array | null,
): void {
  for (let i = 0, from = 0; i < count; i++) {
    let to = offset + (slots === null ? i : slots[i]) * stride;
    for (let j = 0; j < size; j++) array[to++] = controls[from++];
  }
}

/** @param at slot * controls + index of the first bad one, as native code reports it */
export function badControlAt({ array, offset, stride, size }: StateView, at: number): ArgumentError {
  const [slot, index] = [Math.floor(at / size), at % size];
  return badControl(slot, index, array[offset + slot * stride + index]);
}

function badControl(slot: number, index: number, value: unknown): ArgumentError {
  return new ArgumentError(`control ${index} of slot ${slot} is not finite`, { value, expected: 'finite numbers' });
}
