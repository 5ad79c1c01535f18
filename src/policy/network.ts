import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { normal } from '../base/normal.js';
import { readOptions } from '../base/options.js';
import { checkSeed, Purpose, streamKey, uniform } from '../base/random.js';
import { distributionParameters, networkOutputs } from './distribution.js';
import { LARGEST_SIZE, plainSpec } from './plain-spec.js';
import type { LayerSpec, PolicySpec } from './types.js';

/** A layer with its place in θ and its shapes; feature maps are [channels, height, width], dense vectors [units]. */
export interface LayerLayout {
  readonly spec: LayerSpec;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly inputSize: number;
  readonly outputSize: number;
  /** Numbers of a convolution's output maps with the margin that a pullback reads around them; 0 for dense layers. */
  readonly paddedSize: number;
  /** Where the weights start in θ; biases follow them. */
  readonly weightOffset: number;
  readonly weightCount: number;
  readonly biasOffset: number;
  /** units or filters */
  readonly biasCount: number;
}

/** Where everything lies in θ: layers in order, then (gaussian) the log standard deviations. */
export interface PolicyLayout {
  /** The specification as plain data of its own. */
  readonly spec: PolicySpec;
  readonly inputSize: number;
  readonly layers: readonly LayerLayout[];
  /** Where the log standard deviations start; equals `parameterCount` for categorical policies. */
  readonly logStdOffset: number;
  readonly parameterCount: number;
  /** m */
  readonly outputSize: number;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * Checks a policy specification and lays out its parameters; its sizes may come from a file of someone else's, so each
 * is bounded before anything is allocated.
 * @throws ArgumentError naming the layer that does not fit
 */
export function policyLayout(given: PolicySpec): PolicyLayout {
  const spec = plainSpec(given);
  const { network, distribution } = spec;
  const layers: LayerLayout[] = [];
  let shape = network.inputShape;
  let offset = 0;
  for (const [index, layer] of network.layers.entries()) {
    const next = layoutLayer(layer, shape, offset, `layer ${index}`);
    layers.push(next);
    shape = next.outputShape;
    offset = next.biasOffset + next.biasCount;
    bounded(offset, `layer ${index}: parameters up to here`);
  }
  const last = layers.at(-1);
  const outputs = networkOutputs(distribution);
  if (last?.spec.kind !== 'dense' || last.spec.activation !== 'linear' || last.spec.units !== outputs) {
    throw new ArgumentError('last layer', { value: last?.spec, expected: `a linear dense layer of ${outputs} units` });
  }
  return {
    spec,
    inputSize: product(network.inputShape),
    layers,
    logStdOffset: offset,
    parameterCount: bounded(offset + (distribution.kind === 'gaussian' ? distribution.dimensions : 0), 'parameters'),
    outputSize: distributionParameters(distribution),
  };
}

function bounded(value: number, what: string): number {
  if (value <= LARGEST_SIZE) return value;
  throw new ArgumentError(`${what}: ${value}`, { value, expected: 'less than 2^31' });
}

function layoutLayer(spec: LayerSpec, inputShape: readonly number[], weightOffset: number, name: string): LayerLayout {
  const inputSize = product(inputShape);
  const biasCount = spec.kind === 'dense' ? spec.units : spec.filters;
  let outputShape: readonly number[] = [biasCount];
  let fanIn = inputSize;
  let paddedSize = 0;
  if (spec.kind === 'conv2d') {
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
    outputShape = [biasCount, rows, columns];
    fanIn = channels! * kh * kw;
    const padded = (size: number, kernel: number, stride: number, out: number) =>
      Math.floor((kernel - 1) / stride) + Math.max(Math.floor((size - 1) / stride) + 1, out);
    paddedSize = biasCount * padded(height, kh, sh, rows) * padded(width, kw, sw, columns);
  }
  const outputSize = bounded(product(outputShape), `${name}: numbers of its feature maps`);
  bounded(paddedSize, `${name}: numbers of its feature maps with their margin`);
  const weightCount = bounded(biasCount * fanIn, `${name}: weights`);
  return {
    spec,
    inputShape,
    outputShape,
    inputSize,
    outputSize,
    paddedSize,
    weightOffset,
    weightCount,
    biasOffset: weightOffset + weightCount,
    biasCount,
  };
}

/** P: network parameters plus, for gaussian policies, the log standard deviations. */
export function parameterCount(spec: PolicySpec): number {
  return policyLayout(spec).parameterCount;
}

/** How `initialParameters` draws; the defaults are the paper's authors'. */
export interface InitialParameterOptions {
  /** Euclidean norm of the weights into each output unit. */
  outputNorm?: number;
  /** Standard deviation of a gaussian policy's actions (normalised: ±1 are the actuator bounds). */
  standardDeviation?: number;
}

/**
 * θ to start from: weights into each hidden dense unit Gaussian with norm 1, output units norm 0.01, convolutions
 * uniform in ±sqrt(6 / (fan in + fan out)), biases 0, log std = log 0.5. Layer l draws under its own key; weight j of
 * unit i is the draw of counter (i, j).
 */
export function initialParameters(spec: PolicySpec, seed: number, options: InitialParameterOptions = {}): Float32Array {
  const { outputNorm = 0.01, standardDeviation = 0.5 } = readOptions(
    options,
    ['outputNorm', 'standardDeviation'],
    'initial parameters',
  );
  checkSeed(seed);
  if (!Number.isFinite(outputNorm)) {
    throw new ArgumentError(`outputNorm = ${describeValue(outputNorm)}`, {
      value: outputNorm,
      expected: 'a finite number',
    });
  }
  if (!(standardDeviation > 0 && standardDeviation < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`standardDeviation = ${describeValue(standardDeviation)}`, {
      value: standardDeviation,
      expected: 'a finite number > 0',
    });
  }
  const layout = policyLayout(spec);
  checkMemory('the initial parameters', 4 * layout.parameterCount);
  const theta = new Float32Array(layout.parameterCount);
  for (const [index, layer] of layout.layers.entries()) {
    const [k0, k1] = streamKey(seed, Purpose.parameters, 0, index);
    const fanIn = layer.weightCount / layer.biasCount;
    const norm = index === layout.layers.length - 1 ? outputNorm : 1;
    for (let unit = 0; unit < layer.biasCount; unit++) {
      const weights = theta.subarray(layer.weightOffset + unit * fanIn, layer.weightOffset + (unit + 1) * fanIn);
      if (layer.spec.kind === 'conv2d') {
        const fanOut = layer.spec.filters * product(layer.spec.kernel);
        const limit = Math.sqrt(6 / (fanIn + fanOut));
        for (let j = 0; j < fanIn; j++) weights[j] = limit * (2 * uniform(k0, k1, unit, j) - 1);
      } else {
        const draws = Array.from({ length: fanIn }, (_, j) => normal(k0, k1, unit, j));
        const length = Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0));
        for (let j = 0; j < fanIn; j++) weights[j] = (norm * draws[j]!) / length;
      }
    }
  }
  theta.fill(Math.log(standardDeviation), layout.logStdOffset);
  return theta;
}
