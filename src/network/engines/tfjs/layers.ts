import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerLayout } from '../../layout.js';
import type { Conv2dSpec } from '../../types.js';
import type { TensorFlow } from './backend.js';

/** One layer before its activation. p: its tensors, weights and biases; x: its inputs. */
export interface TfjsLayer {
  /** Its tensors from θ. */
  parameters(theta: Float32Array): Tensor[];
  forward(p: readonly Tensor[], x: readonly Tensor[]): Tensor;
  /** The tangent along dp and dx; null: the input does not move. */
  tangent(p: readonly Tensor[], dp: readonly Tensor[], x: readonly Tensor[], dx: readonly (Tensor | null)[]): Tensor;
  /** Gradients of its tensors, in the order of θ. */
  gradients(x: readonly Tensor[], du: Tensor): Tensor[];
  /** Cotangents of its inputs. */
  inputCotangents(p: readonly Tensor[], x: readonly Tensor[], du: Tensor): Tensor[];
}

export function tfjsLayer(tf: TensorFlow, layer: LayerLayout): TfjsLayer {
  switch (layer.spec.kind) {
    case 'dense':
      return denseLayer(tf, layer);
    case 'conv2d':
      return convolutionLayer(tf, layer, layer.spec);
    case 'layerNorm':
      return normLayer(tf, layer);
    case 'add':
      return addLayer(tf);
  }
}

/** Values as rows in the order of θ: feature maps channels first. */
export function rowsOf(tf: TensorFlow, x: Tensor): Tensor2D {
  return (x.rank === 4 ? tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]) : x) as Tensor2D;
}

/** Rows as values of the shape of `like`. */
export function valuesOf(tf: TensorFlow, rows: Tensor, like: Tensor): Tensor {
  if (like.rank !== 4) return rows;
  const [n, height, width, channels] = like.shape as [number, number, number, number];
  return tf.transpose(tf.reshape(rows, [n, channels, height, width]), [0, 2, 3, 1]);
}

function slices({ weightOffset, biasOffset, biasCount }: LayerLayout, theta: Float32Array) {
  return [theta.slice(weightOffset, biasOffset), theta.slice(biasOffset, biasOffset + biasCount)] as const;
}

function affineTangent(
  tf: TensorFlow,
  linear: (x: Tensor, weights: Tensor) => Tensor,
): Pick<TfjsLayer, 'forward' | 'tangent'> {
  return {
    forward: ([weights, biases], [x]) => tf.add(linear(x!, weights!), biases!),
    tangent([weights], [dWeights, dBiases], [x], [dx]) {
      const own = tf.add(linear(x!, dWeights!), dBiases!);
      return dx === null || dx === undefined ? own : tf.add(own, linear(dx, weights!));
    },
  };
}

function denseLayer(tf: TensorFlow, layer: LayerLayout): TfjsLayer {
  return {
    parameters(theta) {
      const [weights, biases] = slices(layer, theta);
      return [tf.tensor2d(weights, [layer.biasCount, layer.inputSize]), tf.tensor1d(biases)];
    },
    ...affineTangent(tf, (x, weights) => tf.matMul(rowsOf(tf, x), weights as Tensor2D, false, true)),
    gradients: ([x], du) => [tf.matMul(du as Tensor2D, rowsOf(tf, x!), true, false), tf.sum(du, 0)],
    inputCotangents: ([weights], [x], du) => [valuesOf(tf, tf.matMul(du as Tensor2D, weights as Tensor2D), x!)],
  };
}

function convolutionLayer(tf: TensorFlow, layer: LayerLayout, spec: Conv2dSpec): TfjsLayer {
  const { filters, kernel, stride } = spec;
  const channels = layer.inputShape[0];
  const attributes = { strides: [...stride], pad: 'valid', dataFormat: 'NHWC' };
  const kernels = tf.getKernelsForBackend(tf.getBackend());
  const hasFilterKernel = kernels.some(({ kernelName }) => kernelName === 'Conv2DBackpropFilter');
  const forTensorFlow = (weights: Tensor) => tf.transpose(weights, [2, 3, 1, 0]) as Tensor4D;
  const weightGradient = (x: Tensor4D, du: Tensor4D): Tensor => {
    if (!hasFilterKernel) return filterGradient(tf, x, du, spec);
    const filterShape = [...kernel, channels, filters];
    const gradient: Tensor = tf
      .engine()
      .runKernel('Conv2DBackpropFilter', { x, dy: du }, { ...attributes, filterShape });
    return tf.transpose(gradient, [3, 2, 0, 1]);
  };
  return {
    parameters(theta) {
      const [weights, biases] = slices(layer, theta);
      return [tf.tensor4d(weights, [filters, channels, ...kernel]), tf.tensor1d(biases)];
    },
    ...affineTangent(tf, (x, weights) =>
      tf.conv2d(x as Tensor4D, forTensorFlow(weights), [stride[0], stride[1]], 'valid'),
    ),
    gradients: ([x], du) => [weightGradient(x as Tensor4D, du as Tensor4D), tf.sum(du, [0, 1, 2])],
    inputCotangents([weights], [x], du) {
      const given = { dy: du, filter: forTensorFlow(weights!) };
      return [tf.engine().runKernel('Conv2DBackpropInput', given, { ...attributes, inputShape: x!.shape })];
    },
  };
}

/** The gradient of a convolution's weights tap by tap, for backends without the kernel (wasm). */
function filterGradient(tf: TensorFlow, x: Tensor4D, du: Tensor4D, { kernel, stride }: Conv2dSpec): Tensor {
  const [n, rows, columns, filters] = du.shape;
  const channels = x.shape[3];
  const flat = tf.reshape(du, [n * rows * columns, filters]) as Tensor2D;
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const end = [n, i + (rows - 1) * stride[0] + 1, j + (columns - 1) * stride[1] + 1, channels];
      const seen = tf.stridedSlice(x, [0, i, j, 0], end, [1, stride[0], stride[1], 1]);
      taps.push(tf.matMul(flat, tf.reshape(seen, [n * rows * columns, channels]) as Tensor2D, true, false));
    }
  }
  return tf.reshape(tf.stack(taps, 2), [filters, channels, kernel[0], kernel[1]]);
}

function normLayer(tf: TensorFlow, layer: LayerLayout): TfjsLayer {
  const maps = layer.inputShape.length === 3;
  const axes = maps ? [1, 2, 3] : [1];
  const mean = (x: Tensor) => tf.mean(x, axes, true);
  const normalise = (x: Tensor) => {
    const centred = tf.sub(x, mean(x));
    const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), 1e-5));
    return { x: tf.mul(centred, inverse), inverse };
  };
  const timesDerivative = ({ x, inverse }: { x: Tensor; inverse: Tensor }, t: Tensor) =>
    tf.mul(tf.sub(tf.sub(t, mean(t)), tf.mul(x, mean(tf.mul(x, t)))), inverse);
  /** Between the order of θ and that of values. */
  const shaped = (values: Float32Array) => {
    const tensor = tf.tensor(values, [...layer.inputShape]);
    return maps ? tf.transpose(tensor, [1, 2, 0]) : tensor;
  };
  const flat = (gradient: Tensor) => (maps ? tf.transpose(gradient, [2, 0, 1]) : gradient);
  return {
    parameters: (theta) => slices(layer, theta).map((values) => tf.tidy(() => shaped(values))),
    forward: ([gain, bias], [x]) => tf.add(tf.mul(gain!, normalise(x!).x), bias!),
    tangent([gain], [dGain, dBias], [x], [dx]) {
      const normalised = normalise(x!);
      const own = tf.add(tf.mul(dGain!, normalised.x), dBias!);
      return dx === null || dx === undefined ? own : tf.add(own, tf.mul(gain!, timesDerivative(normalised, dx)));
    },
    gradients: ([x], du) => [flat(tf.sum(tf.mul(du, normalise(x!).x), 0)), flat(tf.sum(du, 0))],
    inputCotangents: ([gain], [x], du) => [timesDerivative(normalise(x!), tf.mul(gain!, du))],
  };
}

function addLayer(tf: TensorFlow): TfjsLayer {
  return {
    parameters: () => [],
    forward: (_, [a, b]) => tf.add(a!, b!),
    tangent(_, _dp, [x], [a, b]) {
      const moved = [a, b].filter((tangent): tangent is Tensor => tangent !== null && tangent !== undefined);
      return moved.length === 0 ? tf.zerosLike(x!) : moved.reduce((sum, tangent) => tf.add(sum, tangent));
    },
    gradients: () => [],
    inputCotangents: (_, _x, du) => [du, du],
  };
}
