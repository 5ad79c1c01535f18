import { type NetworkDescription, nativeActivations } from '../../native/policy-network.js';
import type { PolicyLayout } from '../network.js';

/** A policy's network as native/network takes it. */
export function describeNetwork(layout: PolicyLayout): NetworkDescription {
  const { network, distribution } = layout.spec;
  const { inputShape, inputType, inputScaling } = network;
  const [channels, height, width] = inputShape.length === 3 ? inputShape : [...inputShape, 1, 1];
  const spread = (values: Float32Array | number) =>
    typeof values === 'number' ? new Float32Array(layout.inputSize).fill(values) : values;
  const layers = network.layers.flatMap((layer) => {
    const [height, width] = layer.kind === 'conv2d' ? layer.kernel : [0, 0];
    const [rows, columns] = layer.kind === 'conv2d' ? layer.stride : [1, 1];
    const units = layer.kind === 'conv2d' ? layer.filters : layer.units;
    return [units, height, width, rows, columns, nativeActivations[layer.activation]];
  });
  return {
    channels: channels!,
    height: height!,
    width: width!,
    bytes: inputType === 'uint8',
    layers: Int32Array.from(layers),
    offset: inputScaling === null ? new Float32Array(0) : spread(inputScaling.offset),
    factor: inputScaling === null ? new Float32Array(0) : spread(inputScaling.scale).map((x) => 1 / x),
    clip: inputScaling !== null && Number.isFinite(inputScaling.clip) ? inputScaling.clip : 0,
    sizes: Int32Array.from(distribution.kind === 'categorical' ? distribution.sizes : []),
  };
}

/**
 * Bytes that native/network takes at least for a network: θ and its packed and indexed weights, and each thread's
 * activations of the smallest block of observations.
 */
export function networkBytes({ inputSize, layers, parameterCount }: PolicyLayout, threads: number): number {
  const block = 16;
  const sum = (of: (layer: (typeof layers)[number]) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const largest = Math.max(inputSize, ...layers.map(({ outputSize }) => outputSize));
  const features = inputSize + sum(({ outputSize }) => outputSize) + 2 * largest + sum(({ paddedSize }) => paddedSize);
  // A plan for each residue of a position modulo the stride.
  const plans = sum(({ spec, inputShape }) =>
    spec.kind === 'dense' ? 1 : Math.min(spec.stride[0], inputShape[1]!) * Math.min(spec.stride[1], inputShape[2]!),
  );
  return 4 * threads * block * features + 28 * parameterCount + 256 * plans;
}
