import { exp } from '../../base/math.js';
import type { CheckedMetric } from './arguments.js';

/** M t for observation number `index`, given its outputs [m]. */
export function metricProduct(
  { kind, sizes, weights, eachRow }: CheckedMetric,
  index: number,
  outputs: Float64Array,
  tangent: Float64Array,
): Float64Array {
  const m = tangent.length;
  switch (kind) {
    case 'gaussian':
      return tangent.map((t, i) => (i < m / 2 ? t * exp(-2 * outputs[i + m / 2]) : 2 * t));
    case 'categorical':
      return categorical(sizes, outputs, tangent);
    case 'identity':
      return tangent;
    case 'diagonal':
      return tangent.map((t, i) => t * weights![(eachRow ? index * m : 0) + i]);
    case 'dense':
      return tangent.map((_, i) => {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += weights![(index * m + i) * m + j] * tangent[j];
        return sum;
      });
  }
}

function categorical(sizes: readonly number[], logits: Float64Array, tangent: Float64Array): Float64Array {
  const out = new Float64Array(tangent.length);
  let at = 0;
  for (const size of sizes) {
    const highest = Math.max(...logits.subarray(at, at + size));
    const weights = logits.subarray(at, at + size).map((x) => exp(x - highest));
    const total = weights.reduce((sum, x) => sum + x, 0);
    const mean = weights.reduce((sum, x, k) => sum + (x / total) * tangent[at + k], 0);
    for (let k = 0; k < size; k++) out[at + k] = (weights[k] / total) * (tangent[at + k] - mean);
    at += size;
  }
  return out;
}
