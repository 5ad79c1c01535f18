import type { MujocoBatch, StateView } from '../../src/native/mujoco-batch.js';

/** An element of a slot's state component. */
export function at({ array, offset, stride }: StateView, slot: number, element = 0): number {
  return array[offset + slot * stride + element];
}

export function put({ array, offset, stride }: StateView, slot: number, value: number, element = 0): void {
  array[offset + slot * stride + element] = value;
}

/** Controls that differ from slot to slot, for models with one. */
export function drive(batch: MujocoBatch, time: number): void {
  batch.setControls(Float64Array.from({ length: batch.slots }, (_, slot) => Math.sin(0.3 * time + slot)));
}
