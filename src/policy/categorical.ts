import { ArgumentError } from '../base/errors.js';
import type { ActionArray } from '../env/types.js';
import { sampleCategorical } from '../native/noise.js';
import type { Distribution, DistributionSpec } from './types.js';

/**
 * Independent categorical factors; a parameter row is the logits of all factors, one after the other. An action has one
 * choice per factor; its probability is the product.
 */
export class Categorical implements Distribution {
  readonly parameterSize: number;
  readonly actionSize: number;
  private readonly sizes: Int32Array;

  constructor(readonly spec: DistributionSpec & { kind: 'categorical' }) {
    this.sizes = Int32Array.from(spec.sizes);
    this.actionSize = spec.sizes.length;
    this.parameterSize = spec.sizes.reduce((sum, size) => sum + size, 0);
  }

  makeActions(count: number): Int32Array {
    return new Int32Array(count * this.actionSize);
  }

  logProb(
    parameters: Float32Array,
    actions: ActionArray,
    rows: Int32Array | null = null,
    out: Float64Array = new Float64Array(actions.length / this.actionSize),
  ): Float64Array {
    const factors = this.actionSize;
    for (let i = 0; i < out.length; i++) {
      let at = this.parameterSize * (rows === null ? i : rows[i]!);
      let sum = 0;
      for (let f = 0; f < factors; f++) {
        sum += parameters[at + actions[i * factors + f]!]! - logSumExp(parameters, at, this.sizes[f]!);
        at += this.sizes[f]!;
      }
      out[i] = sum;
    }
    return out;
  }

  kl(
    old: Float32Array,
    current: Float32Array,
    out: Float64Array = new Float64Array(old.length / this.parameterSize),
  ): Float64Array {
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (const size of this.sizes) {
        const oldNorm = logSumExp(old, at, size);
        const norm = logSumExp(current, at, size);
        for (let k = at; k < at + size; k++) {
          const logOld = old[k]! - oldNorm;
          // Summing p (ratio - 1 - log ratio), whose terms are all >= 0, keeps a small KL accurate.
          const logRatio = current[k]! - norm - logOld;
          sum += Math.exp(logOld) * (Math.expm1(logRatio) - logRatio);
        }
        at += size;
      }
      out[i] = sum;
    }
    return out;
  }

  entropy(
    parameters: Float32Array,
    out: Float64Array = new Float64Array(parameters.length / this.parameterSize),
  ): Float64Array {
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (const size of this.sizes) {
        sum += factorEntropy(parameters, at, size);
        at += size;
      }
      out[i] = sum;
    }
    return out;
  }

  mode(
    parameters: Float32Array,
    out: ActionArray = this.makeActions(parameters.length / this.parameterSize),
  ): ActionArray {
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      const size = this.sizes[i % this.actionSize]!;
      let best = 0;
      for (let k = 1; k < size; k++) if (parameters[at + k]! > parameters[at + best]!) best = k;
      out[i] = best;
      at += size;
    }
    return out;
  }

  sample(
    parameters: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    actions: ActionArray,
    logQ: Float32Array,
  ): void {
    if (!(actions instanceof Int32Array)) throw new ArgumentError('categorical actions', { expected: 'an Int32Array' });
    sampleCategorical(parameters, keys, times, this.sizes, actions, logQ);
  }

  addLogProbGradient(
    parameters: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows: Int32Array | null = null,
  ): void {
    const factors = this.actionSize;
    for (let i = 0; i < weights.length; i++) {
      let at = this.parameterSize * (rows === null ? i : rows[i]!);
      const weight = weights[i]!;
      for (let f = 0; f < factors; f++) {
        const size = this.sizes[f]!;
        const norm = logSumExp(parameters, at, size);
        for (let k = at; k < at + size; k++) out[k]! -= weight * Math.exp(parameters[k]! - norm);
        out[at + actions[i * factors + f]!]! += weight;
        at += size;
      }
    }
  }

  addKlGradient(
    old: Float32Array,
    current: Float32Array,
    weights: ArrayLike<number> | number,
    out: Float32Array,
  ): void {
    this.eachFactor(current.length, (i, at, size) => {
      const weight = typeof weights === 'number' ? weights : weights[i]!;
      const oldNorm = logSumExp(old, at, size);
      const norm = logSumExp(current, at, size);
      for (let k = at; k < at + size; k++) {
        out[k]! += weight * (Math.exp(current[k]! - norm) - Math.exp(old[k]! - oldNorm));
      }
    });
  }

  addEntropyGradient(parameters: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void {
    this.eachFactor(parameters.length, (i, at, size) => {
      const weight = typeof weights === 'number' ? weights : weights[i]!;
      const norm = logSumExp(parameters, at, size);
      const entropy = factorEntropy(parameters, at, size);
      for (let k = at; k < at + size; k++) {
        const logP = parameters[k]! - norm;
        out[k]! -= weight * Math.exp(logP) * (logP + entropy);
      }
    });
  }

  fisherProduct(
    parameters: Float32Array,
    v: Float32Array,
    out: Float32Array = new Float32Array(v.length),
  ): Float32Array {
    this.eachFactor(v.length, (_, at, size) => {
      const norm = logSumExp(parameters, at, size);
      let mean = 0;
      for (let k = at; k < at + size; k++) mean += Math.exp(parameters[k]! - norm) * v[k]!;
      for (let k = at; k < at + size; k++) out[k] = Math.exp(parameters[k]! - norm) * (v[k]! - mean);
    });
    return out;
  }

  private eachFactor(length: number, body: (row: number, at: number, size: number) => void): void {
    let at = 0;
    for (let row = 0; at < length; row++) {
      for (const size of this.sizes) {
        body(row, at, size);
        at += size;
      }
    }
  }
}

function logSumExp(values: Float32Array, at: number, size: number): number {
  let highest = values[at]!;
  for (let k = at + 1; k < at + size; k++) if (values[k]! > highest) highest = values[k]!;
  let sum = 0;
  for (let k = at; k < at + size; k++) sum += Math.exp(values[k]! - highest);
  return highest + Math.log(sum);
}

function factorEntropy(parameters: Float32Array, at: number, size: number): number {
  const norm = logSumExp(parameters, at, size);
  let sum = 0;
  for (let k = at; k < at + size; k++) sum -= Math.exp(parameters[k]! - norm) * (parameters[k]! - norm);
  return sum;
}
