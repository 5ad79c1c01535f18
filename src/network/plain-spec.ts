import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';
import type { ObservationScaling } from '../env/types.js';
import type { Activation, LayerSpec, NetworkSpec } from './types.js';

/** Sizes are counted in 32 bits by native code; each is checked against this before anything is allocated. */
export const LARGEST_SIZE = 2 ** 31 - 1;
/** What layers call the observation. */
export const INPUT = 'input';
const LARGEST_DEPTH = 1000;
const ACTIVATIONS: readonly Activation[] = ['linear', 'tanh', 'softplus', 'relu'];
const NETWORK_KEYS = ['inputShape', 'inputType', 'inputScaling', 'layers', 'outputs', 'stateIndependentOutputs'];
const LAYER_KEYS: Readonly<Record<LayerSpec['kind'], readonly string[]>> = {
  dense: ['kind', 'name', 'input', 'units', 'activation'],
  conv2d: ['kind', 'name', 'input', 'filters', 'kernel', 'stride', 'activation'],
  layerNorm: ['kind', 'name', 'input', 'activation'],
  add: ['kind', 'name', 'inputs', 'activation'],
};

/**
 * A specification as plain data of its own, every value read once and checked by itself: whoever made it may answer
 * differently the next time. Whether the layers fit one another is for `networkLayout`.
 * @throws ArgumentError naming the part, NotFoundError for a kind or key there is not
 */
export function plainNetwork(given: NetworkSpec): NetworkSpec {
  const { inputShape, inputType, inputScaling, layers, outputs, stateIndependentOutputs } = record(given, 'network');
  knownKeys(given, NETWORK_KEYS, 'the network');
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
  if (!isList(layers) || layers.length < 1 || layers.length > LARGEST_DEPTH) {
    throw new ArgumentError(`layers: ${describeValue(layers)}`, {
      value: layers,
      expected: `a list of 1 to ${LARGEST_DEPTH}`,
    });
  }
  return {
    inputShape: shape,
    inputType,
    inputScaling: inputScaling === null || inputScaling === undefined ? null : plainScaling(inputScaling, inputSize),
    layers: layers.map((layer: LayerSpec, index) => plainLayer(layer, `layer ${index}`)),
    ...(outputs === undefined ? {} : { outputs: names(outputs, 'outputs') }),
    ...(stateIndependentOutputs === undefined ? {} : { stateIndependentOutputs: count(stateIndependentOutputs) }),
  };
}

function plainLayer(given: LayerSpec, what: string): LayerSpec {
  const layer = record(given, what);
  const { kind, name, activation } = layer;
  if (typeof kind !== 'string' || !Object.hasOwn(LAYER_KEYS, kind)) {
    const kinds = Object.keys(LAYER_KEYS);
    throw new NotFoundError(`kind of ${what}`, text(kind), kinds, { expected: kinds.join(', ') });
  }
  knownKeys(layer, LAYER_KEYS[kind], what);
  const optional = kind === 'layerNorm' || kind === 'add';
  if (!ACTIVATIONS.includes(activation as Activation) && !(optional && activation === undefined)) {
    throw new ArgumentError(`${what}: activation ${describeValue(activation)}`, {
      value: activation,
      expected: ACTIVATIONS.join(', '),
    });
  }
  const common = {
    ...(name === undefined ? {} : { name: word(name, `${what}: name`) }),
    ...(kind === 'add' || layer.input === undefined ? {} : { input: word(layer.input, `${what}: input`) }),
    ...(activation === undefined ? {} : { activation }),
  };
  if (kind === 'dense') {
    return { kind, ...common, units: size(layer.units, `${what}: units`), activation: activation as Activation };
  }
  if (kind === 'layerNorm') return { kind, ...common };
  if (kind === 'add') {
    const [first, second] = names(layer.inputs, `${what}: inputs`, 2);
    return { kind, ...common, inputs: [first!, second!] };
  }
  return {
    kind,
    ...common,
    filters: size(layer.filters, `${what}: filters`),
    kernel: pair(layer.kernel, `${what}: kernel`),
    stride: pair(layer.stride, `${what}: stride`),
    activation: activation as Activation,
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
  const listed = isList(given) || typedArrayType(given) === 'Float32Array';
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
  if (isObject(given) && !isList(given)) return given;
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
    isList(given) && given.length >= 1 && given.length <= 2 ** 20 && given.length === (count ?? given.length);
  if (!fits) throw new ArgumentError(`${name}: ${describeValue(given)}`, { value: given, expected });
  return Array.from(given as readonly number[], (value) => size(value, name));
}

function knownKeys(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new NotFoundError(`key in ${what}`, unknown, known, { expected: `one of ${known.join(', ')}` });
}

function word(value: string, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ArgumentError(`${what}: ${describeValue(value)}`, { value, expected: 'a name' });
}

function names(given: readonly string[], what: string, length?: number): string[] {
  const fits = isList(given) && given.length >= 1 && given.length <= LARGEST_DEPTH;
  if (!fits || given.length !== (length ?? given.length)) {
    const expected = length === undefined ? 'a list of names of layers' : `a list of ${length} names of layers`;
    throw new ArgumentError(`${what}: ${describeValue(given)}`, { value: given, expected });
  }
  return Array.from(given, (name) => word(name, what));
}

function count(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= LARGEST_SIZE) return value;
  throw new ArgumentError(`stateIndependentOutputs = ${describeValue(value)}`, {
    value,
    expected: 'an integer, 0 … 2^31 - 1',
  });
}

const text = (value: unknown) => (typeof value === 'string' ? value : describeValue(value));
