import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { ObservationArray } from '../../../env/types.js';
import { type NetworkLayout, OBSERVATION } from '../../layout.js';
import type { Activation } from '../../types.js';
import type { TensorFlow } from './backend.js';
import { rowsOf, type TfjsLayer, tfjsLayer, valuesOf } from './layers.js';

/** A value and the linear part it is the activation of: of the observation and then of every layer. */
export interface Value {
  readonly u: Tensor;
  readonly y: Tensor;
}

/** Tensors of each layer, shaped as they are used. */
export type LayerTensors = Tensor[][];

/**
 * A network in TensorFlow.js operations. Feature maps are kept [n, height, width, channels], as every backend wants them;
 * weights stay in the order of θ and are transposed where they are used. Callers wrap calls in `tf.tidy`.
 */
export class TfjsNetwork {
  private readonly layers: readonly TfjsLayer[];

  constructor(
    private readonly tf: TensorFlow,
    private readonly layout: NetworkLayout,
  ) {
    this.layers = layout.layers.map((layer) => tfjsLayer(tf, layer));
  }

  /** θ as tensors. The caller disposes of them. */
  parameters(theta: Float32Array): LayerTensors {
    return this.layers.map((layer) => layer.parameters(theta));
  }

  /** Observations as layers take them: scaled, clipped, channels last. */
  inputs(observations: ObservationArray, count: number): Tensor {
    const { tf } = this;
    const { inputShape, inputScaling, inputType } = this.layout.spec;
    return tf.tidy(() => {
      const shape = [count, ...inputShape];
      let x: Tensor = tf.cast(tf.tensor(observations, shape, inputType === 'uint8' ? 'int32' : 'float32'), 'float32');
      if (inputScaling !== null) {
        const constant = (value: Float32Array | number) =>
          typeof value === 'number' ? tf.scalar(value) : tf.tensor(value, inputShape as number[]);
        x = tf.div(tf.sub(x, constant(inputScaling.offset)), constant(inputScaling.scale));
        const { clip } = inputScaling;
        if (Number.isFinite(clip)) x = this.keepNaN(x, tf.clipByValue(x, -clip, clip));
      }
      return inputShape.length === 3 ? tf.transpose(x, [0, 2, 3, 1]) : x;
    });
  }

  /** Outputs of the heads side by side [n × emitted]. */
  forward(parameters: LayerTensors, inputs: Tensor): Tensor2D {
    return this.join(this.trace(parameters, inputs).map(({ y }) => y));
  }

  trace(parameters: LayerTensors, inputs: Tensor): Value[] {
    const values: Value[] = [{ u: inputs, y: inputs }];
    for (const [l, layer] of this.layers.entries()) {
      const u = layer.forward(parameters[l]!, this.inputsOf(l, values));
      values.push({ u, y: this.activate(this.layout.layers[l]!.activation, u) });
    }
    return values;
  }

  /** Outputs of the heads of a trace [n × emitted]. */
  outputs(trace: readonly Value[]): Tensor2D {
    return this.join(trace.map(({ y }) => y));
  }

  /** Tangents of the heads along a direction in θ, in forward mode [n × emitted]. */
  tangent(parameters: LayerTensors, direction: LayerTensors, trace: readonly Value[]): Tensor2D {
    const tangents: (Tensor | null)[] = [null];
    for (const [l, layer] of this.layers.entries()) {
      const { inputs, activation } = this.layout.layers[l]!;
      const dx = inputs.map((input) => tangents[input + 1]!);
      const du = layer.tangent(parameters[l]!, direction[l]!, this.inputsOf(l, trace), dx);
      tangents.push(this.timesSlope(activation, trace[l + 1]!, du));
    }
    return this.join(tangents as Tensor[]);
  }

  /**
   * Of Σ cotangents · outputs of the heads: gradients of the layers' tensors, flattened into θ's order, and in the
   * observations [n × inputs]. Written out, because the bare core package of TensorFlow.js has no gradients registered.
   * @param cotangents [n × emitted]
   * @param wanted which of the two is made
   */
  pullback(
    parameters: LayerTensors,
    trace: readonly Value[],
    cotangents: Tensor2D,
    wanted: 'gradient' | 'inputs',
  ): Tensor {
    const { tf, layout } = this;
    const gradients: Tensor[] = [];
    const sums: (Tensor | null)[] = trace.map(() => null);
    const add = (value: number, c: Tensor) => {
      const before = sums[value];
      sums[value] = before === null || before === undefined ? c : tf.add(before, c);
    };
    let at = 0;
    for (const head of layout.heads) {
      const size = layout.layers[head]!.outputSize;
      add(head + 1, valuesOf(tf, tf.slice(cotangents, [0, at], [-1, size]), trace[head + 1]!.y));
      at += size;
    }
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, activation } = layout.layers[l]!;
      const x = this.inputsOf(l, trace);
      const du = this.timesSlope(activation, trace[l + 1]!, sums[l + 1]!);
      if (wanted === 'gradient') gradients.unshift(...this.layers[l]!.gradients(x, du));
      if (inputs.every((input) => input === OBSERVATION) && wanted === 'gradient') continue;
      const below = this.layers[l]!.inputCotangents(parameters[l]!, x, du);
      for (const [k, input] of inputs.entries()) add(input + 1, below[k]!);
    }
    if (wanted === 'inputs') return this.unscaled(trace[0]!.y, sums[0]!);
    return tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1])));
  }

  /** A gradient in the scaled observations as rows of one in the observations themselves. */
  private unscaled(scaled: Tensor, gradient: Tensor): Tensor2D {
    const { tf } = this;
    const { inputScaling } = this.layout.spec;
    const rows = rowsOf(tf, gradient);
    if (inputScaling === null) return rows;
    const { scale, clip } = inputScaling;
    const divided = tf.div(rows, typeof scale === 'number' ? tf.scalar(scale) : tf.tensor1d(scale));
    if (!Number.isFinite(clip)) return divided as Tensor2D;
    return tf.mul(divided, tf.cast(tf.less(tf.abs(rowsOf(tf, scaled)), clip), 'float32'));
  }

  private join(values: readonly Tensor[]): Tensor2D {
    const heads = this.layout.heads.map((head) => rowsOf(this.tf, values[head + 1]!));
    return heads.length === 1 ? heads[0]! : this.tf.concat(heads, 1);
  }

  private inputsOf(layer: number, values: readonly Value[]): Tensor[] {
    return this.layout.layers[layer]!.inputs.map((input) => values[input + 1]!.y);
  }

  private activate(activation: Activation, u: Tensor): Tensor {
    const { tf } = this;
    if (activation === 'linear') return u;
    const y = activation === 'tanh' ? tf.tanh(u) : activation === 'softplus' ? tf.softplus(u) : tf.relu(u);
    return this.keepNaN(u, y);
  }

  /** What is no number in `u` is none in `y`: the kernels of the WebAssembly backend make numbers of it. */
  private keepNaN(u: Tensor, y: Tensor): Tensor {
    const { tf } = this;
    return tf.getBackend() === 'wasm' ? tf.where(tf.isNaN(u), u, y) : y;
  }

  /** du times the activation's derivative. */
  private timesSlope(activation: Activation, { u, y }: Value, du: Tensor): Tensor {
    const { tf } = this;
    if (activation === 'linear') return du;
    if (activation === 'tanh') return tf.mul(du, tf.sub(1, tf.square(y)));
    return tf.mul(du, this.keepNaN(u, activation === 'softplus' ? tf.sigmoid(u) : tf.step(u)));
  }
}
