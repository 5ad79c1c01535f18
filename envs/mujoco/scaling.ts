import type { ObservationScaling } from '../../src/index.js';
import { scalingConstants } from './scaling-constants.js';

/** The fixed input scaling of an environment: constants measured once, never running statistics. */
export function scaling(id: string): ObservationScaling {
  const constants = scalingConstants[id];
  if (constants === undefined) return { offset: 0, scale: 1, clip: 5 };
  const { offset, scale, clip } = constants;
  return { offset: Float32Array.from(offset), scale: Float32Array.from(scale), clip };
}
