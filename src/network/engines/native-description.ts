import { type NetworkDescription, nativeActivations, nativeLayerKinds } from '../../native/network.js';
import type { LayerLayout, NetworkLayout } from '../layout.js';

/** A network as native/network takes it. */
export function describeNetwork(layout: NetworkLayout): NetworkDescription {
  const { inputShape, inputType, inputScaling } = layout.spec;
  const [channels, height, width] = inputShape.length === 3 ? inputShape : [...inputShape, 1, 1];
  const spread = (values: Float32Array | number) =>
    typeof values === 'number' ? new Float32Array(layout.inputSize).fill(values) : values;
  return {
    channels: channels!,
    height: height!,
    width: width!,
    bytes: inputType === 'uint8',
    layers: Int32Array.from(layout.layers.flatMap(describeLayer)),
    heads: Int32Array.from(layout.heads),
    stateIndependent: layout.outputSize - layout.emittedSize,
    offset: inputScaling === null ? new Float32Array(0) : spread(inputScaling.offset),
    factor: inputScaling === null ? new Float32Array(0) : spread(inputScaling.scale).map((x) => 1 / x),
    clip: inputScaling !== null && Number.isFinite(inputScaling.clip) ? inputScaling.clip : 0,
  };
}

function describeLayer({ spec, inputs, activation }: LayerLayout): number[] {
  const [height, width] = spec.kind === 'conv2d' ? spec.kernel : [0, 0];
  const [rows, columns] = spec.kind === 'conv2d' ? spec.stride : [1, 1];
  const units = spec.kind === 'conv2d' ? spec.filters : spec.kind === 'dense' ? spec.units : 0;
  const [first, second = first] = inputs;
  const kind = nativeLayerKinds[spec.kind];
  return [kind, units, height, width, rows, columns, nativeActivations[activation], first!, second!];
}

/**
 * Bytes that native/network takes at least for a network: θ and its packed and indexed weights, and each thread's
 * activations of the smallest block of observations.
 */
export function networkBytes({ inputSize, layers, parameterCount }: NetworkLayout, threads: number): number {
  const block = 16;
  const sum = (of: (layer: (typeof layers)[number]) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const largest = Math.max(inputSize, ...layers.map(({ outputSize }) => outputSize));
  const features = inputSize + sum(({ outputSize }) => outputSize) + 2 * largest + sum(({ paddedSize }) => paddedSize);
  // A plan for each residue of a position modulo the stride.
  const plans = sum(({ spec, inputShape }) =>
    spec.kind !== 'conv2d' ? 1 : Math.min(spec.stride[0], inputShape[1]) * Math.min(spec.stride[1], inputShape[2]),
  );
  return 4 * threads * block * features + 28 * parameterCount + 256 * plans;
}
