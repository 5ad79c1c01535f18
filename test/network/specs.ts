import type { Activation, LayerSpec, Metric, NetworkSpec } from '../../src/network/types.js';
import { draws } from './draws.js';

export const dense = (units: number, activation: Activation = 'linear', wiring: object = {}): LayerSpec => ({
  kind: 'dense',
  units,
  activation,
  ...wiring,
});

export const conv = (
  filters: number,
  kernel: readonly [number, number],
  stride: readonly [number, number],
  activation: Activation,
  wiring: object = {},
): LayerSpec => ({ kind: 'conv2d', filters, kernel, stride, activation, ...wiring });

export const norm = (activation: Activation, wiring: object = {}): LayerSpec => ({
  kind: 'layerNorm',
  activation,
  ...wiring,
});

/** A fully connected network on floats. */
export function mlp(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  activation: Activation = 'softplus',
  rest: Partial<NetworkSpec> = {},
): NetworkSpec {
  const layers = [...hidden.map((units) => dense(units, activation)), dense(outputs)];
  return { inputShape: [inputs], inputType: 'float32', inputScaling: null, layers, ...rest };
}

/** That of a Gaussian policy with log standard deviations apart. */
export const gaussianNetwork = (inputs: number, hidden: readonly number[], dimensions: number): NetworkSpec =>
  mlp(inputs, hidden, dimensions, 'softplus', { stateIndependentOutputs: dimensions });

/** The paper's Atari network: 33,500 parameters. */
export const atari: NetworkSpec = {
  inputShape: [4, 52, 40],
  inputType: 'uint8',
  inputScaling: { offset: 128, scale: 128, clip: Number.POSITIVE_INFINITY },
  layers: [conv(16, [4, 4], [2, 2], 'tanh'), conv(16, [4, 4], [2, 2], 'tanh'), dense(20, 'tanh'), dense(8)],
};
export const atariSizes = [3, 3, 2];

const linear: NetworkSpec['inputScaling'] = {
  offset: Float32Array.of(0.5, -0.5, 0, 2, 1),
  scale: Float32Array.of(1, 2, 0.5, 4, 1),
  clip: 1.5,
};

export interface Sample {
  readonly spec: NetworkSpec;
  /** A metric for n observations. */
  metric(n: number): Metric;
}

const gaussian = (): Metric => ({ kind: 'gaussian' });
const categorical =
  (...sizes: number[]) =>
  (): Metric => ({ kind: 'categorical', sizes });

/** Small networks that between them use every kind of layer, activation, head, input and metric. */
export const samples: Readonly<Record<string, Sample>> = {
  'no hidden layer': { spec: gaussianNetwork(4, [], 1), metric: gaussian },
  'softplus, log stds apart': { spec: gaussianNetwork(9, [30], 2), metric: gaussian },
  'two layers, scaled and clipped inputs': {
    spec: mlp(5, [13, 7], 3, 'tanh', { inputScaling: linear, stateIndependentOutputs: 3 }),
    metric: gaussian,
  },
  'log stds that depend on the state': { spec: mlp(6, [11], 4, 'tanh'), metric: gaussian },
  'one log std apart, one not': {
    spec: mlp(6, [11], 3, 'softplus', { stateIndependentOutputs: 1 }),
    metric: gaussian,
  },
  'relu, factored categorical': { spec: mlp(6, [17], 9, 'relu'), metric: categorical(2, 3, 4) },
  'convolutions on bytes': {
    spec: {
      inputShape: [3, 11, 9],
      inputType: 'uint8',
      inputScaling: { offset: 128, scale: 128, clip: Number.POSITIVE_INFINITY },
      layers: [conv(5, [4, 3], [2, 2], 'tanh'), conv(6, [2, 2], [1, 2], 'softplus'), dense(7, 'tanh'), dense(5)],
    },
    metric: categorical(3, 2),
  },
  'convolutions on floats, stride beyond the kernel': {
    spec: {
      inputShape: [2, 8, 10],
      inputType: 'float32',
      inputScaling: null,
      layers: [conv(4, [3, 3], [2, 1], 'relu'), conv(3, [1, 2], [2, 3], 'tanh'), dense(2)],
      stateIndependentOutputs: 2,
    },
    metric: gaussian,
  },
  'residual and normalised, the last layer is no linear one': {
    spec: {
      inputShape: [7],
      inputType: 'float32',
      inputScaling: { offset: 0.25, scale: 2, clip: 1 },
      layers: [
        dense(12, 'tanh', { name: 'trunk' }),
        norm('softplus'),
        dense(12, 'linear', { name: 'branch' }),
        { kind: 'add', inputs: ['trunk', 'branch'], activation: 'tanh' },
        norm('linear'),
        dense(3, 'tanh'),
      ],
      stateIndependentOutputs: 2,
    },
    metric: () => ({ kind: 'diagonal', weights: Float32Array.of(1, 0.5, 2, 0.25, 3) }),
  },
  'heads on a shared trunk, one of them read again': {
    spec: {
      inputShape: [5],
      inputType: 'float32',
      inputScaling: linear,
      layers: [
        dense(9, 'softplus', { name: 'trunk' }),
        dense(3, 'tanh', { name: 'first' }),
        dense(2, 'linear', { name: 'second', input: 'trunk' }),
        { kind: 'add', name: 'sum', inputs: ['first', 'first'] },
        dense(2, 'linear', { name: 'third' }),
      ],
      outputs: ['third', 'first', 'second'],
    },
    metric: (n) => ({ kind: 'dense', weights: symmetric(n, 7) }),
  },
  'the observation read three times': {
    spec: {
      inputShape: [6],
      inputType: 'float32',
      inputScaling: null,
      layers: [
        norm('linear', { name: 'normalised' }),
        { kind: 'add', inputs: ['input', 'normalised'], activation: 'softplus' },
        dense(6, 'tanh', { name: 'hidden' }),
        { kind: 'add', inputs: ['hidden', 'input'] },
      ],
    },
    metric: (n) => ({ kind: 'diagonal', weights: draws(n * 6, 31) }),
  },
  'feature maps: normalised, added, and outputs themselves': {
    spec: {
      inputShape: [2, 6, 7],
      inputType: 'float32',
      inputScaling: { offset: 0, scale: 1, clip: 2 },
      layers: [
        conv(3, [3, 3], [1, 1], 'tanh', { name: 'maps' }),
        norm('softplus', { name: 'normalised' }),
        conv(3, [1, 1], [1, 1], 'linear'),
        norm('linear', { name: 'again' }),
        { kind: 'add', name: 'sum', inputs: ['maps', 'again'], activation: 'softplus' },
        conv(2, [2, 3], [2, 2], 'linear', { name: 'small' }),
        dense(3, 'linear', { name: 'value', input: 'normalised' }),
      ],
      outputs: ['value', 'small'],
      stateIndependentOutputs: 1,
    },
    metric: () => ({ kind: 'identity' }),
  },
};

/** Symmetric matrices [n × m × m]. */
function symmetric(n: number, m: number): Float32Array {
  const values = draws(n * m * m, 32);
  return values.map((_, at) => {
    const [matrix, i, j] = [Math.floor(at / (m * m)), Math.floor(at / m) % m, at % m];
    return values[(matrix * m + i) * m + j] + values[(matrix * m + j) * m + i];
  });
}
