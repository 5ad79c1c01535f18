import { typedArrayLength } from '../base/describe.js';
import { addon } from './addon.js';
import { checkArray } from './arrays.js';
import { checkInteger } from './slots.js';

interface NoiseAddon {
  uniformNoise(keys: Uint32Array, times: Int32Array, rows: number, dimensions: number, out: Float64Array): void;
  normalNoise(keys: Uint32Array, times: Int32Array, rows: number, dimensions: number, out: Float64Array): void;
  sampleGaussian(
    parameters: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    rows: number,
    dimensions: number,
    actions: Float32Array,
    logQ: Float32Array,
  ): void;
  sampleCategorical(
    parameters: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    rows: number,
    sizes: Int32Array,
    factors: number,
    actions: Int32Array,
    logQ: Float32Array,
  ): void;
}

const numbers = { shared: true } as const;
/** Native code counts rows and columns in 32 bits. */
const LARGEST = 2 ** 31 - 1;

function checkKeys(keys: Uint32Array, times: Int32Array, rows: number): void {
  checkInteger('rows', rows, 0, LARGEST);
  checkArray('keys', keys, 'Uint32Array', 2 * rows, numbers);
  checkArray('times', times, 'Int32Array', rows, numbers);
}

function checkNoise(keys: Uint32Array, times: Int32Array, dimensions: number, out: Float64Array): number {
  checkInteger('dimensions', dimensions, 0, LARGEST);
  const rows = typedArrayLength(checkArray('times', times, 'Int32Array', 0, numbers));
  checkKeys(keys, times, rows);
  checkArray('out', out, 'Float64Array', rows * dimensions, numbers);
  return rows;
}

/**
 * Uniform draws in (0, 1), many rows at once: out[i × dimensions + j] is the draw of counter (times[i], j) under key i.
 * @param keys two words a row
 * @param times [n]; the number of rows
 * @param out [n × dimensions]
 */
export function uniformNoise(
  keys: Uint32Array,
  times: Int32Array,
  dimensions: number,
  out: Float64Array,
): Float64Array {
  const rows = checkNoise(keys, times, dimensions, out);
  addon<NoiseAddon>().uniformNoise(keys, times, rows, dimensions, out);
  return out;
}

/** Standard normal draws; as uniformNoise. The same bits as `normal` of src/base/normal.ts. */
export function normalNoise(keys: Uint32Array, times: Int32Array, dimensions: number, out: Float64Array): Float64Array {
  const rows = checkNoise(keys, times, dimensions, out);
  addon<NoiseAddon>().normalNoise(keys, times, rows, dimensions, out);
  return out;
}

/**
 * Draws one action of a diagonal Gaussian per row.
 * @param parameters [n × 2d]: means, log standard deviations
 * @param actions [n × d] receives the actions
 * @param logQ [n] receives the log density of each action as stored; its length is the number of rows
 */
export function sampleGaussian(
  parameters: Float32Array,
  keys: Uint32Array,
  times: Int32Array,
  dimensions: number,
  actions: Float32Array,
  logQ: Float32Array,
): void {
  checkInteger('dimensions', dimensions, 1, LARGEST);
  const rows = typedArrayLength(checkArray('logQ', logQ, 'Float32Array', 0, numbers));
  checkKeys(keys, times, rows);
  checkArray('distribution parameters', parameters, 'Float32Array', 2 * rows * dimensions, numbers);
  checkArray('actions', actions, 'Float32Array', rows * dimensions, numbers);
  addon<NoiseAddon>().sampleGaussian(parameters, keys, times, rows, dimensions, actions, logQ);
}

/**
 * Draws one choice per factor and row: the first k whose cumulated probability exceeds the factor's uniform draw.
 * @param parameters [n × sum of sizes]: logits
 * @param actions [n × factors] receives the choices
 * @param logQ [n] receives the log probability of each row's choices; its length is the number of rows
 */
export function sampleCategorical(
  parameters: Float32Array,
  keys: Uint32Array,
  times: Int32Array,
  sizes: Int32Array,
  actions: Int32Array,
  logQ: Float32Array,
): void {
  // Not shared: the sizes decide where native code reads.
  const factors = typedArrayLength(checkArray('sizes', sizes, 'Int32Array', 1));
  let width = 0;
  for (let factor = 0; factor < factors; factor++) width += checkInteger('size of a factor', sizes[factor], 1, LARGEST);
  const rows = typedArrayLength(checkArray('logQ', logQ, 'Float32Array', 0, numbers));
  checkKeys(keys, times, rows);
  checkArray('distribution parameters', parameters, 'Float32Array', rows * width, numbers);
  checkArray('actions', actions, 'Int32Array', rows * factors, numbers);
  addon<NoiseAddon>().sampleCategorical(parameters, keys, times, rows, sizes, factors, actions, logQ);
}
