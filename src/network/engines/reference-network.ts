import { exp, expm1, log1p, tanh } from '../../base/math.js';
import type { ObservationArray } from '../../env/types.js';
import { type NetworkLayout, OBSERVATION } from '../layout.js';
import type { Activation } from '../types.js';
import { type ReferenceLayer, referenceLayer } from './reference-layers.js';

/** What a forward pass leaves behind: the scaled observation, then the output of every layer. */
export type Trace = readonly Float64Array[];

const activate: Record<Activation, (x: number) => number> = {
  linear: (x) => x,
  tanh: tanh,
  softplus: (x) => Math.max(x, 0) + log1p(exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0),
};
/** Derivatives as functions of the activation's value. */
const slope: Record<Activation, (y: number) => number> = {
  linear: () => 1,
  tanh: (y) => 1 - y * y,
  softplus: (y) => -expm1(-y),
  relu: (y) => (y > 0 ? 1 : 0),
};

/** Forward, tangent and pullback of one sample in double precision; rows of outputs include the state-independent ones. */
export class ReferenceNetwork {
  private readonly layers: readonly ReferenceLayer[];

  constructor(private readonly layout: NetworkLayout) {
    this.layers = layout.layers.map(referenceLayer);
  }

  /** Row `row` of the observations after the input scaling. */
  scaled(observations: ObservationArray, row: number): Float64Array {
    const size = this.layout.inputSize;
    const out = Float64Array.from(observations.subarray(row * size, (row + 1) * size));
    const scaling = this.layout.spec.inputScaling;
    if (scaling === null) return out;
    const { offset, scale, clip } = scaling;
    const at = (values: Float32Array | number, i: number) => (typeof values === 'number' ? values : values[i]);
    return out.map((x, i) => Math.min(clip, Math.max(-clip, (x - at(offset, i)) / at(scale, i))));
  }

  /** A gradient in the scaled observation as one in the observation itself. */
  unscaled(scaled: Float64Array, gradient: Float64Array): Float64Array {
    const scaling = this.layout.spec.inputScaling;
    if (scaling === null) return gradient;
    const { scale, clip } = scaling;
    return gradient.map((g, i) => {
      return Math.abs(scaled[i]) < clip ? g / (typeof scale === 'number' ? scale : scale[i]) : 0;
    });
  }

  forward(theta: Float64Array, input: Float64Array): Trace {
    const values = [input];
    for (const [l, layer] of this.layers.entries()) {
      values.push(layer.forward(theta, this.inputsOf(l, values)).map(activate[this.layout.layers[l].activation]));
    }
    return values;
  }

  /** The row of outputs [m] of a trace at θ; of tangents along v: those of the layers and v itself. */
  row(values: Trace, theta: Float64Array): Float64Array {
    const out = new Float64Array(this.layout.outputSize);
    let at = 0;
    for (const head of this.layout.heads) {
      out.set(values[head + 1], at);
      at += values[head + 1].length;
    }
    out.set(theta.subarray(this.layout.stateIndependentOffset), at);
    return out;
  }

  /** Tangents of all values when θ moves along v. */
  tangent(theta: Float64Array, v: Float64Array, trace: Trace): Trace {
    const tangents = [new Float64Array(this.layout.inputSize)];
    for (const [l, layer] of this.layers.entries()) {
      const moved = layer.tangent(theta, v, this.inputsOf(l, trace), this.inputsOf(l, tangents));
      const derivative = slope[this.layout.layers[l].activation];
      tangents.push(moved.map((t, i) => t * derivative(trace[l + 1][i])));
    }
    return tangents;
  }

  /** gradient += (d outputs / d θ)' cotangent [m]; gives the gradient in the scaled observation. */
  pullback(theta: Float64Array, trace: Trace, cotangent: ArrayLike<number>, gradient: Float64Array): Float64Array {
    const { layout } = this;
    const cotangents = trace.map((value) => new Float64Array(value.length));
    let at = 0;
    for (const head of layout.heads)
      for (let i = 0; i < trace[head + 1].length; i++) cotangents[head + 1][i] += cotangent[at++];
    for (let k = layout.stateIndependentOffset; k < layout.parameterCount; k++) gradient[k] += cotangent[at++];
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const derivative = slope[layout.layers[l].activation];
      const above = cotangents[l + 1].map((c, i) => c * derivative(trace[l + 1][i]));
      const below = this.layers[l].pullback(theta, this.inputsOf(l, trace), above, gradient);
      for (const [k, input] of layout.layers[l].inputs.entries()) {
        const sum = cotangents[input + 1];
        for (let i = 0; i < sum.length; i++) sum[i] += below[k][i];
      }
    }
    return cotangents[OBSERVATION + 1];
  }

  private inputsOf(layer: number, values: Trace): Float64Array[] {
    return this.layout.layers[layer].inputs.map((input) => values[input + 1]);
  }
}
