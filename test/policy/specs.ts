import type { Activation, LayerSpec, NetworkSpec, PolicySpec } from '../../src/policy/types.js';

export const dense = (units: number, activation: Activation = 'linear'): LayerSpec => ({
  kind: 'dense',
  units,
  activation,
});

export const conv = (
  filters: number,
  kernel: readonly [number, number],
  stride: readonly [number, number],
  activation: Activation,
): LayerSpec => ({ kind: 'conv2d', filters, kernel, stride, activation });

/** A fully connected Gaussian policy. */
export function gaussian(
  inputs: number,
  hidden: readonly number[],
  dimensions: number,
  activation: Activation = 'softplus',
  network: Partial<NetworkSpec> = {},
): PolicySpec {
  const layers = [...hidden.map((units) => dense(units, activation)), dense(dimensions)];
  return {
    network: { inputShape: [inputs], inputType: 'float32', inputScaling: null, layers, ...network },
    distribution: { kind: 'gaussian', dimensions },
  };
}

/** The paper's Atari network: 33,500 parameters. */
export const atari: PolicySpec = {
  network: {
    inputShape: [4, 52, 40],
    inputType: 'uint8',
    inputScaling: { offset: 128, scale: 128, clip: Number.POSITIVE_INFINITY },
    layers: [conv(16, [4, 4], [2, 2], 'tanh'), conv(16, [4, 4], [2, 2], 'tanh'), dense(20, 'tanh'), dense(8)],
  },
  distribution: { kind: 'categorical', sizes: [3, 3, 2] },
};

const linear: NetworkSpec['inputScaling'] = {
  offset: Float32Array.of(0.5, -0.5, 0, 2, 1),
  scale: Float32Array.of(1, 2, 0.5, 4, 1),
  clip: 1.5,
};

/** Small policies that between them use every kind of layer, activation, head and input. */
export const samples: Readonly<Record<string, PolicySpec>> = {
  'no hidden layer': gaussian(4, [], 1),
  'softplus, gaussian': gaussian(9, [30], 2),
  'two layers, scaled and clipped inputs': gaussian(5, [13, 7], 3, 'tanh', { inputScaling: linear }),
  'relu, factored categorical': {
    network: {
      inputShape: [6],
      inputType: 'float32',
      inputScaling: null,
      layers: [dense(17, 'relu'), dense(9)],
    },
    distribution: { kind: 'categorical', sizes: [2, 3, 4] },
  },
  'convolutions on bytes': {
    network: {
      inputShape: [3, 11, 9],
      inputType: 'uint8',
      inputScaling: { offset: 128, scale: 128, clip: Number.POSITIVE_INFINITY },
      layers: [conv(5, [4, 3], [2, 2], 'tanh'), conv(6, [2, 2], [1, 2], 'softplus'), dense(7, 'tanh'), dense(5)],
    },
    distribution: { kind: 'categorical', sizes: [3, 2] },
  },
  'convolutions on floats, stride beyond the kernel': {
    network: {
      inputShape: [2, 8, 10],
      inputType: 'float32',
      inputScaling: null,
      layers: [conv(4, [3, 3], [2, 1], 'relu'), conv(3, [1, 2], [2, 3], 'tanh'), dense(2)],
    },
    distribution: { kind: 'gaussian', dimensions: 2 },
  },
};
