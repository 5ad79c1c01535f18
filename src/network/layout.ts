import { ArgumentError, NotFoundError } from '../base/errors.js';
import { INPUT, LARGEST_SIZE, plainNetwork } from './plain-spec.js';
import type { Activation, Conv2dSpec, LayerSpec, NetworkSpec } from './types.js';

/** Stands for the observation where layers are numbered. */
export const OBSERVATION = -1;

/** A layer with its place in θ and its shapes; feature maps are [channels, height, width], dense vectors [units]. */
export interface LayerLayout {
  readonly spec: LayerSpec;
  /** Its name, else `layer <number>` */
  readonly name: string;
  readonly activation: Activation;
  /** Layers whose outputs it takes, -1: the observation; two for `add`, else one. */
  readonly inputs: readonly number[];
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly inputSize: number;
  readonly outputSize: number;
  /** Numbers of a convolution's output maps with the margin that a pullback reads around them; 0 for other layers. */
  readonly paddedSize: number;
  /** Where the weights (layerNorm: gains) start in θ; biases follow them. */
  readonly weightOffset: number;
  readonly weightCount: number;
  readonly biasOffset: number;
  /** units, filters, or layerNorm's features; 0 for add */
  readonly biasCount: number;
}

/** Where everything lies in θ: layers in order, then the state-independent outputs. */
export interface NetworkLayout {
  /** The specification as plain data of its own. */
  readonly spec: NetworkSpec;
  readonly inputSize: number;
  readonly layers: readonly LayerLayout[];
  /** Layers whose outputs stand side by side in a row of outputs. */
  readonly heads: readonly number[];
  /** Outputs of the heads */
  readonly emittedSize: number;
  /** Where the state-independent outputs start in θ; equals `parameterCount` where there are none. */
  readonly stateIndependentOffset: number;
  readonly parameterCount: number;
  /** m */
  readonly outputSize: number;
}

export const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * Checks a network specification and lays out its parameters; its sizes may come from a file of someone else's, so each
 * is bounded before anything is allocated.
 * @throws ArgumentError or NotFoundError naming the layer that does not fit
 */
export function networkLayout(given: NetworkSpec): NetworkLayout {
  const spec = plainNetwork(given);
  const numbers = numberLayers(spec.layers);
  const layers: LayerLayout[] = [];
  let offset = 0;
  for (const [index, layer] of spec.layers.entries()) {
    const name = layer.name === undefined ? `layer ${index}` : `layer "${layer.name}"`;
    const inputs = inputsOf(layer, index, numbers, name);
    const shapes = inputs.map((input) => (input === OBSERVATION ? spec.inputShape : layers[input].outputShape));
    const next = layoutLayer(layer, inputs, shapes, offset, name);
    layers.push(next);
    offset = next.biasOffset + next.biasCount;
    bounded(offset, `${name}: parameters up to here`);
  }
  const heads = headsOf(spec, numbers);
  checkUsed(layers, heads);
  const emittedSize = heads.reduce((sum, head) => sum + layers[head].outputSize, 0);
  const stateIndependent = spec.stateIndependentOutputs ?? 0;
  return {
    spec,
    inputSize: product(spec.inputShape),
    layers,
    heads,
    emittedSize,
    stateIndependentOffset: offset,
    parameterCount: bounded(offset + stateIndependent, 'parameters'),
    outputSize: bounded(emittedSize + stateIndependent, 'outputs'),
  };
}

/** P: all numbers of θ. */
export function parameterCount(spec: NetworkSpec): number {
  return networkLayout(spec).parameterCount;
}

/** Named layers by number. @throws ArgumentError for a name that two layers have, or that means the observation */
function numberLayers(layers: readonly LayerSpec[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [index, { name }] of layers.entries()) {
    if (name === undefined) continue;
    if (name === INPUT) {
      throw new ArgumentError(`layer ${index} is named "${INPUT}"`, {
        value: name,
        expected: `another name: "${INPUT}" is the observation`,
      });
    }
    const first = numbers.get(name);
    if (first !== undefined) {
      throw new ArgumentError(`two layers named "${name}", number ${first} and number ${index}`, {
        value: name,
        expected: 'a name of its own for each',
      });
    }
    numbers.set(name, index);
  }
  return numbers;
}

function inputsOf(layer: LayerSpec, index: number, numbers: ReadonlyMap<string, number>, what: string): number[] {
  const named = layer.kind === 'add' ? layer.inputs : layer.input === undefined ? null : [layer.input];
  if (named === null) return [index - 1];
  return named.map((name) => {
    if (name === INPUT) return OBSERVATION;
    const number = numbers.get(name);
    if (number === undefined) throw new NotFoundError(`input of ${what}`, name, [INPUT, ...numbers.keys()]);
    if (number < index) return number;
    throw new ArgumentError(`${what} takes "${name}", which comes ${number === index ? 'with it' : 'after it'}`, {
      value: name,
      expected: 'a layer listed before',
    });
  });
}

function headsOf(spec: NetworkSpec, numbers: ReadonlyMap<string, number>): number[] {
  if (spec.outputs === undefined) return [spec.layers.length - 1];
  return spec.outputs.map((name, place, outputs) => {
    const number = numbers.get(name);
    if (number === undefined) throw new NotFoundError('layer in outputs', name, numbers.keys());
    if (outputs.indexOf(name) === place) return number;
    throw new ArgumentError(`outputs: "${name}" twice`, { value: outputs, expected: 'each layer once' });
  });
}

/** A layer that leads to no output would have parameters that nothing ever moves. */
function checkUsed(layers: readonly LayerLayout[], heads: readonly number[]): void {
  const used = new Set(heads);
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, name } = layers[l];
    if (!used.has(l)) {
      throw new ArgumentError(`${name} leads to no output`, {
        value: layers[l].spec,
        expected: 'every layer to be an output or the input of a later layer that is used',
      });
    }
    for (const input of inputs) used.add(input);
  }
}

function bounded(value: number, what: string): number {
  if (value <= LARGEST_SIZE) return value;
  throw new ArgumentError(`${what}: ${value}`, { value, expected: 'less than 2^31' });
}

interface Sizes {
  readonly outputShape: readonly number[];
  readonly weightCount: number;
  readonly biasCount: number;
  readonly paddedSize: number;
}

function layoutLayer(
  spec: LayerSpec,
  inputs: readonly number[],
  shapes: readonly (readonly number[])[],
  weightOffset: number,
  name: string,
): LayerLayout {
  const inputShape = shapes[0];
  const { outputShape, weightCount, biasCount, paddedSize } = sizesOf(spec, shapes, name);
  const outputSize = bounded(product(outputShape), `${name}: numbers of its feature maps`);
  bounded(paddedSize, `${name}: numbers of its feature maps with their margin`);
  bounded(weightCount, `${name}: weights`);
  return {
    spec,
    name,
    activation: spec.activation ?? 'linear',
    inputs,
    inputShape,
    outputShape,
    inputSize: product(inputShape),
    outputSize,
    paddedSize,
    weightOffset,
    weightCount,
    biasOffset: weightOffset + weightCount,
    biasCount,
  };
}

function sizesOf(spec: LayerSpec, shapes: readonly (readonly number[])[], name: string): Sizes {
  const inputShape = shapes[0];
  const inputSize = product(inputShape);
  switch (spec.kind) {
    case 'dense':
      return { outputShape: [spec.units], weightCount: spec.units * inputSize, biasCount: spec.units, paddedSize: 0 };
    case 'conv2d':
      return convolutionSizes(spec, inputShape, name);
    case 'layerNorm':
      return { outputShape: inputShape, weightCount: inputSize, biasCount: inputSize, paddedSize: 0 };
    case 'add':
      if (shapes[1].join() !== inputShape.join()) {
        throw new ArgumentError(`${name} adds [${inputShape}] and [${shapes[1]}]`, {
          value: spec.inputs,
          expected: 'two values of the same shape',
        });
      }
      return { outputShape: inputShape, weightCount: 0, biasCount: 0, paddedSize: 0 };
  }
}

function convolutionSizes(spec: Conv2dSpec, inputShape: readonly number[], name: string): Sizes {
  const [channels, height, width] = inputShape;
  const [kh, kw] = spec.kernel;
  const [sh, sw] = spec.stride;
  if (height === undefined || width === undefined || kh > height || kw > width) {
    throw new ArgumentError(`${name}: a ${kh}x${kw} kernel does not fit its input`, {
      value: inputShape,
      expected: '[channels, height, width], at least as large as the kernel',
    });
  }
  const rows = Math.floor((height - kh) / sh) + 1;
  const columns = Math.floor((width - kw) / sw) + 1;
  const padded = (size: number, kernel: number, stride: number, out: number) =>
    Math.floor((kernel - 1) / stride) + Math.max(Math.floor((size - 1) / stride) + 1, out);
  return {
    outputShape: [spec.filters, rows, columns],
    weightCount: spec.filters * channels! * kh * kw,
    biasCount: spec.filters,
    paddedSize: spec.filters * padded(height, kh, sh, rows) * padded(width, kw, sw, columns),
  };
}
