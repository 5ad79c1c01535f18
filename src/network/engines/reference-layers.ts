import type { LayerLayout } from '../layout.js';
import type { Conv2dSpec, DenseSpec } from '../types.js';

/** One layer before its activation, in double precision; x: its inputs, dx: their tangents. */
export interface ReferenceLayer {
  forward(theta: Float64Array, x: readonly Float64Array[]): Float64Array;
  /** The tangent when θ moves along v and the inputs along dx. */
  tangent(theta: Float64Array, v: Float64Array, x: readonly Float64Array[], dx: readonly Float64Array[]): Float64Array;
  /** Adds to the gradient [P] and gives the cotangents of the inputs. */
  pullback(
    theta: Float64Array,
    x: readonly Float64Array[],
    cotangent: Float64Array,
    gradient: Float64Array,
  ): readonly Float64Array[];
}

export function referenceLayer(layer: LayerLayout): ReferenceLayer {
  switch (layer.spec.kind) {
    case 'dense':
    case 'conv2d':
      return affineLayer(layer);
    case 'layerNorm':
      return normLayer(layer);
    case 'add':
      return {
        forward: (_, [a, b]) => a!.map((value, i) => value + b![i]),
        tangent: (_, _v, _x, [a, b]) => a!.map((value, i) => value + b![i]),
        pullback: (_, _x, cotangent) => [cotangent, cotangent],
      };
  }
}

function affineLayer(layer: LayerLayout): ReferenceLayer {
  const connections = connect(layer);
  const { to, by, from } = connections;
  const cells = layer.outputSize / layer.biasCount;
  return {
    forward: (theta, [x]) => affine(connections, theta, x!, true),
    tangent(theta, v, [x], [dx]) {
      const carried = affine(connections, theta, dx!, false);
      return affine(connections, v, x!, true).map((along, i) => along + carried[i]);
    },
    pullback(theta, [x], cotangent, gradient) {
      for (let i = 0; i < cotangent.length; i++) gradient[layer.biasOffset + Math.floor(i / cells)] += cotangent[i];
      const below = new Float64Array(layer.inputSize);
      for (let k = 0; k < to.length; k++) {
        gradient[by[k]] += cotangent[to[k]] * x![from[k]];
        below[from[k]] += cotangent[to[k]] * theta[by[k]];
      }
      return [below];
    },
  };
}

function normLayer({ weightOffset, biasOffset }: LayerLayout): ReferenceLayer {
  return {
    forward: (theta, [x]) => normalise(x!).x.map((value, i) => theta[weightOffset + i] * value + theta[biasOffset + i]),
    tangent(theta, v, [x], [dx]) {
      const normalised = normalise(x!);
      const moved = timesDerivative(normalised, dx!);
      return moved.map(
        (value, i) => theta[weightOffset + i] * value + v[weightOffset + i] * normalised.x[i] + v[biasOffset + i],
      );
    },
    pullback(theta, [x], cotangent, gradient) {
      const normalised = normalise(x!);
      cotangent.forEach((c, i) => {
        gradient[weightOffset + i] += c * normalised.x[i];
        gradient[biasOffset + i] += c;
      });
      const scaled = cotangent.map((c, i) => c * theta[weightOffset + i]);
      return [timesDerivative(normalised, scaled)];
    },
  };
}

const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** x with mean 0 and variance 1, and what it was divided by. */
function normalise(x: Float64Array): { x: Float64Array; deviation: number } {
  const middle = mean(x);
  const centred = x.map((value) => value - middle);
  const deviation = Math.sqrt(mean(centred.map((value) => value * value)) + 1e-5);
  return { x: centred.map((value) => value / deviation), deviation };
}

/** The derivative of normalising, a symmetric matrix, times t. */
function timesDerivative({ x, deviation }: { x: Float64Array; deviation: number }, t: Float64Array): Float64Array {
  const middle = mean(t);
  const projection = mean(x.map((value, i) => value * t[i]));
  return t.map((value, i) => (value - middle - x[i] * projection) / deviation);
}

/** Layers as lists of connections: output[to[c]] += weight[by[c]] · input[from[c]]. */
interface Connections {
  readonly layer: LayerLayout;
  readonly to: Int32Array;
  readonly by: Int32Array;
  readonly from: Int32Array;
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
    for (let i = 0; i < out.length; i++) out[i] = theta[layer.biasOffset + Math.floor(i / cells)];
  }
  for (let k = 0; k < to.length; k++) out[to[k]] += theta[by[k]] * x[from[k]];
  return out;
}

function connect(layer: LayerLayout): Connections {
  const { inputShape, outputShape, weightOffset, inputSize } = layer;
  const spec = layer.spec as DenseSpec | Conv2dSpec;
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
