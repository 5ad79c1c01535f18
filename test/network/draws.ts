import { normal } from '../../src/base/normal.js';

/** Normal draws, the same in every run. */
export function draws(count: number, stream: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => normal(stream, 0, 0, i));
}
