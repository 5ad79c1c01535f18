import { ArgumentError } from '../base/errors.js';
import { addon } from './addon.js';

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

function needLength(what: string, array: ArrayLike<unknown>, length: number): void {
  if (array.length < length)
    throw new ArgumentError(`${what} too short`, { value: array.length, expected: `${length}` });
}

function checkRows(keys: Uint32Array, times: Int32Array, rows: number): void {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new ArgumentError('rows', { value: rows, expected: 'a count' });
  needLength('keys', keys, 2 * rows);
  needLength('times', times, rows);
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
  checkRows(keys, times, times.length);
  needLength('out', out, times.length * dimensions);
  addon<NoiseAddon>().uniformNoise(keys, times, times.length, dimensions, out);
  return out;
}

/** Standard normal draws; as uniformNoise. The same bits as `normal` of src/base/normal.ts. */
export function normalNoise(keys: Uint32Array, times: Int32Array, dimensions: number, out: Float64Array): Float64Array {
  checkRows(keys, times, times.length);
  needLength('out', out, times.length * dimensions);
  addon<NoiseAddon>().normalNoise(keys, times, times.length, dimensions, out);
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
  const rows = logQ.length;
  checkRows(keys, times, rows);
  needLength('distribution parameters', parameters, 2 * rows * dimensions);
  needLength('actions', actions, rows * dimensions);
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
  const rows = logQ.length;
  checkRows(keys, times, rows);
  needLength('distribution parameters', parameters, rows * sizes.reduce((sum, size) => sum + size, 0));
  needLength('actions', actions, rows * sizes.length);
  addon<NoiseAddon>().sampleCategorical(parameters, keys, times, rows, sizes, sizes.length, actions, logQ);
}
