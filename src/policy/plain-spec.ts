import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import type { ObservationScaling } from '../env/types.js';
import type { Activation, DistributionSpec, LayerSpec, NetworkSpec, PolicySpec } from './types.js';

/** Sizes are counted in 32 bits by native code; each is checked against this before anything is allocated. */
export const LARGEST_SIZE = 2 ** 31 - 1;
const LARGEST_DEPTH = 1000;
const ACTIVATIONS: readonly Activation[] = ['linear', 'tanh', 'softplus', 'relu'];

/**
 * A specification as plain data of its own, every value read once and checked by itself: whoever made it may answer
 * differently the next time. Whether the layers fit one another is for `policyLayout`.
 * @throws ArgumentError naming the part
 */
export function plainSpec(given: PolicySpec): PolicySpec {
  const { network, distribution } = record(given, 'policy specification');
  return { network: plainNetwork(network), distribution: plainDistribution(distribution) };
}

function plainNetwork(given: NetworkSpec): NetworkSpec {
  const { inputShape, inputType, inputScaling, layers } = record(given, 'network');
  const shape = sizes(inputShape, 'input shape', '[features] or [channels, height, width], positive integers');
  if (inputType !== 'float32' && inputType !== 'uint8')
    throw new NotFoundError('input type', text(inputType), ['float32', 'uint8']);
  const inputSize = shape.reduce((a, b) => a * b, 1);
  if (![1, 3].includes(shape.length) || inputSize > LARGEST_SIZE) {
    throw new ArgumentError(`input shape [${shape}]`, {
      value: shape,
      expected: '[features] or [channels, height, width], positive integers with a product below 2^31',
    });
  }
  if (!Array.isArray(layers) || layers.length > LARGEST_DEPTH) {
    throw new ArgumentError(`layers: ${describeValue(layers)}`, {
      value: layers,
      expected: `a list of up to ${LARGEST_DEPTH}`,
    });
  }
  return {
    inputShape: shape,
    inputType,
    inputScaling: inputScaling === null || inputScaling === undefined ? null : plainScaling(inputScaling, inputSize),
    layers: layers.map((layer: LayerSpec, index) => plainLayer(layer, `layer ${index}`)),
  };
}

/** Of a distribution. */
export function plainDistribution(given: DistributionSpec): DistributionSpec {
  const spec = record(given, 'distribution');
  const { kind } = spec;
  if (kind === 'gaussian') return { kind, dimensions: size(spec.dimensions, 'distribution: dimensions') };
  if (kind !== 'categorical') throw new NotFoundError('distribution', text(kind), ['gaussian', 'categorical']);
  const choices = sizes(spec.sizes, 'distribution sizes', 'positive integers');
  const sum = choices.reduce((a, b) => a + b, 0);
  if (sum > LARGEST_SIZE) {
    throw new ArgumentError(`distribution sizes: ${sum} choices`, { value: choices, expected: 'less than 2^31' });
  }
  return { kind, sizes: choices };
}

function plainLayer(given: LayerSpec, name: string): LayerSpec {
  const layer = record(given, name);
  const { kind, activation } = layer;
  if (kind !== 'dense' && kind !== 'conv2d') {
    throw new NotFoundError(`kind of ${name}`, text(kind), ['dense', 'conv2d'], { expected: 'dense or conv2d' });
  }
  if (!ACTIVATIONS.includes(activation)) {
    throw new ArgumentError(`${name}: activation ${describeValue(activation)}`, {
      value: activation,
      expected: ACTIVATIONS.join(', '),
    });
  }
  if (kind === 'dense') return { kind, units: size(layer.units, `${name}: units`), activation };
  return {
    kind,
    filters: size(layer.filters, `${name}: filters`),
    kernel: pair(layer.kernel, `${name}: kernel`),
    stride: pair(layer.stride, `${name}: stride`),
    activation,
  };
}

function plainScaling(given: ObservationScaling, inputSize: number): ObservationScaling {
  const { offset, scale, clip } = record(given, 'input scaling');
  if (!(typeof clip === 'number' && clip > 0)) {
    throw new ArgumentError('input scaling: clip', { value: clip, expected: 'a number > 0, or Infinity' });
  }
  return { offset: scaling(offset, 'offset', inputSize), scale: scaling(scale, 'scale', inputSize), clip };
}

function scaling(given: Float32Array | number, name: 'offset' | 'scale', inputSize: number): Float32Array | number {
  const listed = Array.isArray(given) || typedArrayType(given) === 'Float32Array';
  const values =
    typeof given === 'number' ? given : listed && given.length === inputSize ? Float32Array.from(given) : [];
  const list = typeof values === 'number' ? [values] : values;
  if (list.length === 0 || !list.every((x) => Number.isFinite(x) && (name === 'offset' || x !== 0))) {
    throw new ArgumentError(`input scaling: ${name}`, {
      value: given,
      expected: `one finite number or ${inputSize} of them${name === 'scale' ? ', none zero' : ''}`,
    });
  }
  return values as Float32Array | number;
}

function record<Given extends object>(given: Given, name: string): Given {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new ArgumentError(`${name}: ${describeValue(given)}`, { value: given, expected: 'an object' });
}

function size(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= LARGEST_SIZE) return value;
  throw new ArgumentError(`${name} = ${describeValue(value)}`, { value, expected: 'a positive integer below 2^31' });
}

function pair(given: readonly [number, number], name: string): readonly [number, number] {
  const [height, width] = sizes(given, name, '[height, width], positive integers', 2);
  return [height, width];
}

function sizes(given: readonly number[], name: string, expected: string, count?: number): number[] {
  const fits =
    Array.isArray(given) && given.length >= 1 && given.length <= 2 ** 20 && given.length === (count ?? given.length);
  if (!fits) throw new ArgumentError(`${name}: ${describeValue(given)}`, { value: given, expected });
  return Array.from(given as readonly number[], (value) => size(value, name));
}

const text = (value: unknown) => (typeof value === 'string' ? value : describeValue(value));
