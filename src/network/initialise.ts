import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import { checkMemory } from '../base/memory.js';
import { normal } from '../base/normal.js';
import { readOptions } from '../base/options.js';
import { checkSeed, type Key, Purpose, streamKey, uniform } from '../base/random.js';
import { type LayerLayout, networkLayout, product } from './layout.js';
import type { NetworkSpec } from './types.js';

/**
 * Writes the weights of a dense layer or a convolution, [units × inputs of each], from draws under the key of the layer.
 */
export type Initialiser = (layer: LayerLayout, weights: Float32Array, key: Key) => void;

/** How `initialTheta` draws; the defaults are the paper's authors'. */
export interface InitialThetaOptions {
  /** Layers that are no outputs. Default `authors(1)` */
  readonly hidden?: Initialiser;
  /** Layers that are outputs. Default `authors(0.01)` */
  readonly output?: Initialiser;
  /** The state-independent outputs: one number, or one for each. Default 0 */
  readonly stateIndependent?: number | ArrayLike<number>;
}

/**
 * θ to start from. Biases are 0, gains of layerNorm 1. Layer l draws under its own key; weight j of unit i is the draw of
 * counter (i, j).
 */
export function initialTheta(spec: NetworkSpec, seed: number, options: InitialThetaOptions = {}): Float32Array {
  const {
    hidden = authors(1),
    output = authors(0.01),
    stateIndependent = 0,
  } = readOptions(options, ['hidden', 'output', 'stateIndependent'], 'initial parameters');
  checkSeed(seed);
  for (const [name, value] of Object.entries({ hidden, output })) {
    if (typeof value === 'function') continue;
    throw new ArgumentError(`${name}: ${describeValue(value)}`, {
      value,
      expected: 'an initialiser, such as authors(0.01) or orthogonal()',
    });
  }
  const layout = networkLayout(spec);
  checkMemory('the initial parameters', 4 * layout.parameterCount);
  const theta = new Float32Array(layout.parameterCount);
  for (const [index, layer] of layout.layers.entries()) {
    const weights = theta.subarray(layer.weightOffset, layer.biasOffset);
    if (layer.spec.kind === 'layerNorm') weights.fill(1);
    else if (weights.length > 0) {
      const initialise = layout.heads.includes(index) ? output : hidden;
      initialise(layer, weights, streamKey(seed, Purpose.parameters, 0, index));
    }
  }
  const rest = theta.subarray(layout.stateIndependentOffset);
  if (typeof stateIndependent === 'number') rest.fill(stateIndependent);
  else rest.set(listOf(stateIndependent, rest.length));
  return theta;
}

function listOf(values: unknown, length: number): number[] {
  const type = typedArrayType(values);
  const listed = type === undefined ? isList(values) : !type.startsWith('Big');
  const numbers = listed && (values as ArrayLike<unknown>).length === length ? Array.from(values as number[]) : [];
  if (numbers.length === length && numbers.every((x) => typeof x === 'number')) return numbers;
  throw new ArgumentError(`state-independent outputs: ${describeValue(values)}`, {
    value: values,
    expected: `one number or ${length} of them`,
  });
}

/** As the paper's authors: weights into a dense unit Gaussian with this Euclidean norm, convolutions `glorotUniform`. */
export function authors(norm: number): Initialiser {
  finite(norm, 'norm');
  const dense = rowNorm(norm);
  const convolution = glorotUniform();
  return (layer, weights, key) => (layer.spec.kind === 'conv2d' ? convolution : dense)(layer, weights, key);
}

/** Gaussian, scaled so that the weights into each unit have this Euclidean norm. */
export function rowNorm(norm: number): Initialiser {
  finite(norm, 'norm');
  return (layer, weights, [k0, k1]) => {
    const fanIn = weights.length / layer.biasCount;
    for (let unit = 0; unit < layer.biasCount; unit++) {
      const row = weights.subarray(unit * fanIn, (unit + 1) * fanIn);
      const draws = Array.from({ length: fanIn }, (_, j) => normal(k0, k1, unit, j));
      const length = Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0));
      for (let j = 0; j < fanIn; j++) row[j] = (norm * draws[j]) / length;
    }
  };
}

/** Uniform in ±1 / sqrt(fan in): what PyTorch's layers start from. */
export function fanInUniform(): Initialiser {
  return (layer, weights, key) => {
    const limit = 1 / Math.sqrt(weights.length / layer.biasCount);
    each(layer, weights, (unit, j) => limit * (2 * uniform(key[0], key[1], unit, j) - 1));
  };
}

/** Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010). */
export function glorotUniform(): Initialiser {
  return (layer, weights, key) => {
    const fanIn = weights.length / layer.biasCount;
    const fanOut = layer.biasCount * (layer.spec.kind === 'conv2d' ? product(layer.spec.kernel) : 1);
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    each(layer, weights, (unit, j) => limit * (2 * uniform(key[0], key[1], unit, j) - 1));
  };
}

/** Gaussian with variance gain² / fan in: He et al. 2015 for gain = sqrt 2, LeCun for 1. */
export function fanInNormal(gain = Math.SQRT2): Initialiser {
  finite(gain, 'gain');
  return (layer, weights, [k0, k1]) => {
    const deviation = gain / Math.sqrt(weights.length / layer.biasCount);
    each(layer, weights, (unit, j) => deviation * normal(k0, k1, unit, j));
  };
}

/** All weights the same: 0 makes a layer that starts by giving its biases. */
export function constant(value: number): Initialiser {
  finite(value, 'value');
  return (_, weights) => void weights.fill(value);
}

/**
 * Rows (or, where there are more units than inputs, columns) orthogonal, of length `gain` (Saxe et al. 2014): Gaussian
 * draws made orthogonal one after the other. Takes time in min(units, inputs)² · max(units, inputs).
 */
export function orthogonal(gain = 1): Initialiser {
  finite(gain, 'gain');
  return (layer, weights, [k0, k1]) => {
    const rows = layer.biasCount;
    const columns = weights.length / rows;
    const long = Math.max(rows, columns);
    const basis: Float64Array[] = [];
    for (let i = 0; i < Math.min(rows, columns); i++) {
      const draw = (j: number) => (rows <= columns ? normal(k0, k1, i, j) : normal(k0, k1, j, i));
      const vector = Float64Array.from({ length: long }, (_, j) => draw(j));
      // Twice: what rounding leaves of the first time is gone after the second.
      for (let round = 0; round < 2; round++) for (const other of basis) subtract(vector, other, inner(vector, other));
      const length = Math.sqrt(inner(vector, vector));
      basis.push(vector.map((x) => x / length));
    }
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        weights[i * columns + j] = gain * (rows <= columns ? basis[i][j] : basis[j][i]);
      }
    }
  };
}

function finite(value: number, what: string): void {
  if (Number.isFinite(value)) return;
  throw new ArgumentError(`${what} = ${describeValue(value)}`, { value, expected: 'a finite number' });
}

function each(layer: LayerLayout, weights: Float32Array, value: (unit: number, j: number) => number): void {
  const fanIn = weights.length / layer.biasCount;
  for (let unit = 0; unit < layer.biasCount; unit++) {
    for (let j = 0; j < fanIn; j++) weights[unit * fanIn + j] = value(unit, j);
  }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] -= factor * b[i];
}
