import type { ObservationScaling } from '../../src/env/types.js';

/** Written by `npm run measure:scaling`. */
const measured: Record<string, { offset: number[]; scale: number[]; clip: number }> = {};

/** The fixed input scaling of an environment. */
export function scaling(id: string): ObservationScaling {
  const constants = measured[id];
  if (constants === undefined) return { offset: 0, scale: 1, clip: 5 };
  const { offset, scale, clip } = constants;
  return { offset: Float32Array.from(offset), scale: Float32Array.from(scale), clip };
}
