import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ObservationArray } from '../../../env/types.js';
import type { LayerLayout, PolicyLayout } from '../../network.js';
import type { Activation, LayerSpec, PolicySpec } from '../../types.js';
import type { TensorFlow } from './backend.js';

/** A layer's input, linear part and output. */
export interface LayerTrace {
  readonly x: Tensor;
  readonly u: Tensor;
  readonly y: Tensor;
}

export function outputsOf(trace: readonly LayerTrace[]): Tensor2D {
  return trace[trace.length - 1].y as Tensor2D;
}

type ConvolutionSpec = LayerSpec & { readonly kind: 'conv2d' };

/** Weights and biases of each layer in turn, shaped as they lie in θ: [w0, b0, w1, b1, …]. */
export type LayerTensors = Tensor[];

/**
 * A policy's network in TensorFlow.js operations. Feature maps are kept [n, height, width, channels], as every backend
 * wants them; weights stay in the order of θ and are transposed where they are used. Callers wrap calls in `tf.tidy`.
 */
export class TfjsNetwork {
  private readonly hasFilterKernel: boolean;

  constructor(
    private readonly tf: TensorFlow,
    private readonly spec: PolicySpec,
    private readonly layout: PolicyLayout,
  ) {
    const kernels = tf.getKernelsForBackend(tf.getBackend());
    this.hasFilterKernel = kernels.some(({ kernelName }) => kernelName === 'Conv2DBackpropFilter');
  }

  /** θ as tensors. The caller disposes of them. */
  parameters(theta: Float32Array): LayerTensors {
    return this.layout.layers.flatMap((layer) => {
      const { weightOffset, weightCount, biasOffset, biasCount } = layer;
      return [
        this.tf.tensor(theta.slice(weightOffset, weightOffset + weightCount), weightShape(layer)),
        this.tf.tensor1d(theta.slice(biasOffset, biasOffset + biasCount)),
      ];
    });
  }

  /** Gradients of the layers' tensors, flattened into θ's order. */
  flatten(gradients: readonly Tensor[]): Tensor {
    return this.tf.concat(gradients.map((gradient) => this.tf.reshape(gradient, [-1])));
  }

  /** Observations as the first layer takes them: scaled, clipped, channels last. */
  inputs(observations: ObservationArray, count: number): Tensor {
    const { tf } = this;
    const { inputShape, inputScaling, inputType } = this.spec.network;
    return tf.tidy(() => {
      const shape = [count, ...inputShape];
      let x: Tensor = tf.cast(tf.tensor(observations, shape, inputType === 'uint8' ? 'int32' : 'float32'), 'float32');
      if (inputScaling !== null) {
        const constant = (value: Float32Array | number) =>
          typeof value === 'number' ? tf.scalar(value) : tf.tensor(value, inputShape as number[]);
        x = tf.div(tf.sub(x, constant(inputScaling.offset)), constant(inputScaling.scale));
        if (Number.isFinite(inputScaling.clip)) x = tf.clipByValue(x, -inputScaling.clip, inputScaling.clip);
      }
      return inputShape.length === 3 ? tf.transpose(x, [0, 2, 3, 1]) : x;
    });
  }

  /** The network's outputs [n × outputs]. */
  forward(parameters: LayerTensors, inputs: Tensor): Tensor2D {
    return outputsOf(this.trace(parameters, inputs));
  }

  /** Every layer's input, linear part and output. */
  trace(parameters: LayerTensors, inputs: Tensor): LayerTrace[] {
    let x = inputs;
    return this.layout.layers.map((layer, l) => {
      const u = this.tf.add(this.affine(layer, x, parameters[2 * l]), parameters[2 * l + 1]);
      const y = this.activate(layer.spec.activation, u);
      const kept = { x, u, y };
      x = y;
      return kept;
    });
  }

  /** Tangents of the outputs along a direction in θ, in forward mode [n × outputs]. */
  tangent(parameters: LayerTensors, direction: LayerTensors, trace: readonly LayerTrace[]): Tensor2D {
    const { tf } = this;
    let dx: Tensor | null = null;
    this.layout.layers.forEach((layer, l) => {
      const { x, u, y } = trace[l];
      let du: Tensor = tf.add(this.affine(layer, x, direction[2 * l]), direction[2 * l + 1]);
      if (dx !== null) du = tf.add(du, this.affine(layer, dx, parameters[2 * l]));
      dx = this.timesSlope(layer.spec.activation, u, y, du);
    });
    return dx as unknown as Tensor2D;
  }

  /**
   * Gradients of the layers' tensors of Σ cotangents · outputs, layer by layer from the end. Written out, because the
   * bare core package of TensorFlow.js has no gradients registered.
   * @param cotangents [n × outputs]
   */
  pullback(parameters: LayerTensors, trace: readonly LayerTrace[], cotangents: Tensor): Tensor[] {
    const { tf } = this;
    const gradients: Tensor[] = [];
    let dy = cotangents;
    for (let l = this.layout.layers.length - 1; l >= 0; l--) {
      const layer = this.layout.layers[l];
      const { x, u, y } = trace[l];
      const du = this.timesSlope(layer.spec.activation, u, y, tf.reshape(dy, y.shape));
      gradients.unshift(this.weightGradient(layer, x, du), tf.sum(du, layer.spec.kind === 'dense' ? 0 : [0, 1, 2]));
      if (l > 0) dy = this.inputGradient(layer, x, du, parameters[2 * l]);
    }
    return gradients;
  }

  private weightGradient(layer: LayerLayout, x: Tensor, du: Tensor): Tensor {
    const { tf } = this;
    if (layer.spec.kind === 'dense') return tf.matMul(du as Tensor2D, this.rows(x), true, false);
    const [filters, channels, height, width] = weightShape(layer);
    if (!this.hasFilterKernel) return this.filterGradient(x as Tensor4D, du as Tensor4D, layer.spec);
    const attributes = { ...convolution(layer.spec), filterShape: [height, width, channels, filters] };
    const gradient: Tensor = tf.engine().runKernel('Conv2DBackpropFilter', { x, dy: du }, attributes);
    return tf.transpose(gradient, [3, 2, 0, 1]);
  }

  /** The gradient of a convolution's weights tap by tap, for backends without the kernel (wasm). */
  private filterGradient(x: Tensor4D, du: Tensor4D, { kernel, stride }: ConvolutionSpec): Tensor {
    const { tf } = this;
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

  private inputGradient(layer: LayerLayout, x: Tensor, du: Tensor, weights: Tensor): Tensor {
    const { tf } = this;
    if (layer.spec.kind === 'dense') {
      const dx = tf.matMul(du as Tensor2D, weights as Tensor2D);
      if (x.rank !== 4) return dx;
      const [n, height, width, channels] = x.shape;
      return tf.transpose(tf.reshape(dx, [n, channels, height, width]), [0, 2, 3, 1]);
    }
    const filter = tf.transpose(weights, [2, 3, 1, 0]);
    const attributes = { ...convolution(layer.spec), inputShape: x.shape };
    return tf.engine().runKernel('Conv2DBackpropInput', { dy: du, filter }, attributes);
  }

  /** The layer's linear part, without bias. */
  private affine(layer: LayerLayout, x: Tensor, weights: Tensor): Tensor {
    const { tf } = this;
    if (layer.spec.kind === 'conv2d') {
      const [sh, sw] = layer.spec.stride;
      return tf.conv2d(x as Tensor4D, tf.transpose(weights, [2, 3, 1, 0]) as Tensor4D, [sh, sw], 'valid');
    }
    return tf.matMul(this.rows(x), weights as Tensor2D, false, true);
  }

  /** What a dense layer sees of feature maps: rows in the order of θ, channels first. */
  private rows(x: Tensor): Tensor2D {
    const { tf } = this;
    return (x.rank === 4 ? tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]) : x) as Tensor2D;
  }

  private activate(activation: Activation, u: Tensor): Tensor {
    const { tf } = this;
    if (activation === 'linear') return u;
    return activation === 'tanh' ? tf.tanh(u) : activation === 'softplus' ? tf.softplus(u) : tf.relu(u);
  }

  /** du times the activation's derivative. */
  private timesSlope(activation: Activation, u: Tensor, y: Tensor, du: Tensor): Tensor {
    const { tf } = this;
    if (activation === 'linear') return du;
    if (activation === 'tanh') return tf.mul(du, tf.sub(1, tf.square(y)));
    return tf.mul(du, activation === 'softplus' ? tf.sigmoid(u) : tf.step(u));
  }
}

function weightShape({ spec, biasCount, inputSize, inputShape }: LayerLayout): number[] {
  return spec.kind === 'dense' ? [biasCount, inputSize] : [biasCount, inputShape[0], ...spec.kernel];
}

/** Attributes of TensorFlow.js's convolution kernels. */
function convolution({ stride }: ConvolutionSpec) {
  return { strides: [...stride], pad: 'valid', dataFormat: 'NHWC' };
}
