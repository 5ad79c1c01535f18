import type { ObservationArray } from '../../env/types.js';
import type { LayerLayout, PolicyLayout } from '../network.js';
import type { Activation, PolicySpec } from '../types.js';

/** What a forward pass leaves behind: the input of every layer, and the outputs. */
export interface Trace {
  /** inputs[l] is what layer l read; activations of layer l - 1. */
  readonly inputs: readonly Float64Array[];
  readonly output: Float64Array;
}

/** Layers as lists of connections: output[to[c]] += weight[by[c]] · input[from[c]]. */
interface Connections {
  readonly layer: LayerLayout;
  readonly to: Int32Array;
  readonly by: Int32Array;
  readonly from: Int32Array;
}

const activate: Record<Activation, (x: number) => number> = {
  linear: (x) => x,
  tanh: Math.tanh,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0),
};
/** Derivatives as functions of the activation's value. */
const slope: Record<Activation, (y: number) => number> = {
  linear: () => 1,
  tanh: (y) => 1 - y * y,
  softplus: (y) => -Math.expm1(-y),
  relu: (y) => (y > 0 ? 1 : 0),
};

/** Forward, tangent and pullback of one sample in double precision. */
export class ReferenceNetwork {
  private readonly layers: readonly Connections[];

  constructor(
    private readonly spec: PolicySpec,
    private readonly layout: PolicyLayout,
  ) {
    this.layers = layout.layers.map(connect);
  }

  /** Row `row` of the observations after the input scaling. */
  scaled(observations: ObservationArray, row: number): Float64Array {
    const size = this.layout.inputSize;
    const out = Float64Array.from(observations.subarray(row * size, (row + 1) * size));
    const scaling = this.spec.network.inputScaling;
    if (scaling === null) return out;
    const { offset, scale, clip } = scaling;
    const at = (values: Float32Array | number, i: number) => (typeof values === 'number' ? values : values[i]!);
    return out.map((x, i) => Math.min(clip, Math.max(-clip, (x - at(offset, i)) / at(scale, i))));
  }

  forward(theta: Float64Array, input: Float64Array): Trace {
    const inputs: Float64Array[] = [];
    let x = input;
    for (const connections of this.layers) {
      inputs.push(x);
      x = affine(connections, theta, x, true).map(activate[connections.layer.spec.activation]);
    }
    return { inputs, output: x };
  }

  /** Tangent of the outputs when θ moves along v. */
  tangent(theta: Float64Array, v: Float64Array, trace: Trace): Float64Array {
    let tangent = new Float64Array(this.layout.inputSize);
    for (const [l, connections] of this.layers.entries()) {
      const along = affine(connections, v, trace.inputs[l]!, true);
      const carried = affine(connections, theta, tangent, false);
      const derivative = slope[connections.layer.spec.activation];
      const y = trace.inputs[l + 1] ?? trace.output;
      tangent = along.map((a, i) => (a + carried[i]!) * derivative(y[i]!));
    }
    return tangent;
  }

  /** gradient += (d output / d θ)^T cotangent. */
  pullback(theta: Float64Array, trace: Trace, cotangent: Float64Array, gradient: Float64Array): void {
    let c = cotangent;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { layer, to, by, from } = this.layers[l]!;
      const x = trace.inputs[l]!;
      const y = trace.inputs[l + 1] ?? trace.output;
      const derivative = slope[layer.spec.activation];
      c = c.map((value, i) => value * derivative(y[i]!));
      const cells = layer.outputSize / layer.biasCount;
      for (let i = 0; i < c.length; i++) gradient[layer.biasOffset + Math.floor(i / cells)]! += c[i]!;
      const below = new Float64Array(layer.inputSize);
      for (let k = 0; k < to.length; k++) {
        gradient[by[k]!]! += c[to[k]!]! * x[from[k]!]!;
        below[from[k]!]! += c[to[k]!]! * theta[by[k]!]!;
      }
      c = below;
    }
  }
}

function affine(
  { layer, to, by, from }: Connections,
  theta: Float64Array,
  x: Float64Array,
  biases: boolean,
): Float64Array {
  const out = new Float64Array(layer.outputSize);
  if (biases) {
    const cells = layer.outputSize / layer.biasCount;
    for (let i = 0; i < out.length; i++) out[i] = theta[layer.biasOffset + Math.floor(i / cells)]!;
  }
  for (let k = 0; k < to.length; k++) out[to[k]!]! += theta[by[k]!]! * x[from[k]!]!;
  return out;
}

function connect(layer: LayerLayout): Connections {
  const { spec, inputShape, outputShape, weightOffset, inputSize } = layer;
  const count = layer.outputSize * (layer.weightCount / layer.biasCount);
  const to = new Int32Array(count);
  const by = new Int32Array(count);
  const from = new Int32Array(count);
  let k = 0;
  const add = (output: number, weight: number, input: number) => {
    to[k] = output;
    by[k] = weightOffset + weight;
    from[k++] = input;
  };
  if (spec.kind === 'dense') {
    for (let i = 0; i < spec.units; i++) for (let j = 0; j < inputSize; j++) add(i, i * inputSize + j, j);
    return { layer, to, by, from };
  }
  const [channels, height, width] = inputShape as [number, number, number];
  const [, rows, columns] = outputShape as [number, number, number];
  const [kh, kw] = spec.kernel;
  for (let f = 0; f < spec.filters; f++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < channels; c++) {
          for (let a = 0; a < kh; a++) {
            for (let b = 0; b < kw; b++) {
              const input = (c * height + row * spec.stride[0] + a) * width + column * spec.stride[1] + b;
              add((f * rows + row) * columns + column, ((f * channels + c) * kh + a) * kw + b, input);
            }
          }
        }
      }
    }
  }
  return { layer, to, by, from };
}
