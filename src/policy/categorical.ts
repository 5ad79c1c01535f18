import { ArgumentError } from '../base/errors.js';
import { exp, expm1, log } from '../base/math.js';
import type { ActionArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { sampleCategorical } from '../native/noise.js';
import type { Metric } from '../network/types.js';
import {
  brokenRow,
  checkActions,
  checkDistParams,
  checkOut,
  readWeightList,
  readWeights,
  rowsOfList,
} from './distribution-arguments.js';
import { plainCategorical } from './distribution-spec.js';
import type { CategoricalSpec, Distribution, DistributionSpec, PolicyOutputs } from './types.js';

/**
 * Independent categorical factors; a parameter row is the logits of all factors, one after the other. An action has one
 * choice per factor; its probability is the product.
 */
export class Categorical implements Distribution {
  readonly distParamSize: number;
  readonly actionSize: number;
  private readonly sizes: Int32Array;

  readonly spec: CategoricalSpec;
  readonly outputs: PolicyOutputs;
  readonly choices: readonly number[];

  constructor(given: DistributionSpec) {
    const spec = plainCategorical(given);
    this.spec = spec;
    this.choices = spec.sizes;
    this.sizes = Int32Array.from(spec.sizes);
    this.actionSize = spec.sizes.length;
    this.distParamSize = spec.sizes.reduce((sum, size) => sum + size, 0);
    this.outputs = { emitted: this.distParamSize, stateIndependent: 0 };
  }

  metric(): Metric {
    return { kind: 'categorical', sizes: this.spec.sizes };
  }

  makeActions(count: number): Int32Array {
    return new Int32Array(count * this.actionSize);
  }

  logProb(
    distParams: Float32Array,
    actions: ActionArray,
    rows: Int32Array | null = null,
    out: Float64Array = new Float64Array(rowsOfList(actions, this.actionSize, 'actions')),
  ): Float64Array {
    const factors = this.actionSize;
    checkOut(out, 'Float64Array', 0);
    checkActions(actions, 'Int32Array', factors, out.length, rows, checkDistParams(distParams, this.distParamSize));
    for (let i = 0; i < out.length; i++) {
      let at = this.distParamSize * (rows === null ? i : rows[i]);
      let sum = 0;
      for (let f = 0; f < factors; f++) {
        const choice = this.choice(actions, i, f);
        sum += distParams[at + choice] - logSumExp(distParams, at, this.sizes[f]);
        at += this.sizes[f];
      }
      out[i] = sum;
    }
    return out;
  }

  kl(
    old: Float32Array,
    current: Float32Array,
    out: Float64Array = new Float64Array(rowsOfList(old, this.distParamSize, 'old parameters')),
  ): Float64Array {
    checkOut(out, 'Float64Array', 0);
    checkDistParams(old, this.distParamSize, out.length, 'old parameters');
    checkDistParams(current, this.distParamSize, out.length);
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (const size of this.sizes) {
        const oldNorm = logSumExp(old, at, size);
        const norm = logSumExp(current, at, size);
        for (let k = at; k < at + size; k++) {
          const logOld = old[k] - oldNorm;
          // Summing p (ratio - 1 - log ratio), whose terms are all >= 0, keeps a small KL accurate.
          const logRatio = current[k] - norm - logOld;
          sum += exp(logOld) * (expm1(logRatio) - logRatio);
        }
        at += size;
      }
      out[i] = sum;
    }
    return out;
  }

  entropy(
    distParams: Float32Array,
    out: Float64Array = new Float64Array(rowsOfList(distParams, this.distParamSize, 'distribution parameters')),
  ): Float64Array {
    checkOut(out, 'Float64Array', 0);
    checkDistParams(distParams, this.distParamSize, out.length);
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (const size of this.sizes) {
        sum += factorEntropy(distParams, at, size);
        at += size;
      }
      out[i] = sum;
    }
    return out;
  }

  mode(
    distParams: Float32Array,
    out: ActionArray = this.makeActions(rowsOfList(distParams, this.distParamSize, 'distribution parameters')),
  ): ActionArray {
    const rows = rowsOfList(out, this.actionSize, 'actions');
    checkArray('actions', out, 'Int32Array', 0, { shared: true });
    checkDistParams(distParams, this.distParamSize, rows);
    this.checkLogits(distParams, rows);
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      const size = this.sizes[i % this.actionSize];
      let best = 0;
      for (let k = 1; k < size; k++) if (distParams[at + k] > distParams[at + best]) best = k;
      out[i] = best;
      at += size;
    }
    return out;
  }

  sample(
    distParams: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    actions: ActionArray,
    logQ: Float32Array,
  ): void {
    checkArray('logQ', logQ, 'Float32Array', 0, { shared: true });
    checkDistParams(distParams, this.distParamSize, logQ.length);
    this.checkLogits(distParams, logQ.length);
    sampleCategorical(distParams, keys, times, this.sizes, actions as Int32Array, logQ);
  }

  addLogProbGradient(
    distParams: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows: Int32Array | null = null,
  ): void {
    const factors = this.actionSize;
    const list = readWeightList(weights, 0);
    checkActions(actions, 'Int32Array', factors, list.length, rows, checkDistParams(distParams, this.distParamSize));
    checkOut(out, 'Float32Array', distParams.length);
    for (let i = 0; i < list.length; i++) {
      let at = this.distParamSize * (rows === null ? i : rows[i]);
      const weight = list[i];
      for (let f = 0; f < factors; f++) {
        const size = this.sizes[f];
        const norm = logSumExp(distParams, at, size);
        for (let k = at; k < at + size; k++) out[k] -= weight * exp(distParams[k] - norm);
        out[at + this.choice(actions, i, f)] += weight;
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
    const count = checkDistParams(current, this.distParamSize);
    checkDistParams(old, this.distParamSize, count, 'old parameters');
    const given = readWeights(weights, count);
    checkOut(out, 'Float32Array', current.length);
    this.eachFactor(current.length, (i, at, size) => {
      const weight = typeof given === 'number' ? given : given[i];
      const oldNorm = logSumExp(old, at, size);
      const norm = logSumExp(current, at, size);
      for (let k = at; k < at + size; k++) {
        out[k] += weight * (exp(current[k] - norm) - exp(old[k] - oldNorm));
      }
    });
  }

  addEntropyGradient(distParams: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void {
    const given = readWeights(weights, checkDistParams(distParams, this.distParamSize));
    checkOut(out, 'Float32Array', distParams.length);
    this.eachFactor(distParams.length, (i, at, size) => {
      const weight = typeof given === 'number' ? given : given[i];
      const norm = logSumExp(distParams, at, size);
      const entropy = factorEntropy(distParams, at, size);
      for (let k = at; k < at + size; k++) {
        const logP = distParams[k] - norm;
        out[k] -= weight * exp(logP) * (logP + entropy);
      }
    });
  }

  fisherProduct(
    distParams: Float32Array,
    v: Float32Array,
    out: Float32Array = new Float32Array(rowsOfList(v, this.distParamSize, 'v') * this.distParamSize),
  ): Float32Array {
    checkDistParams(distParams, this.distParamSize, checkDistParams(v, this.distParamSize, 0, 'v'));
    checkOut(out, 'Float32Array', v.length);
    this.eachFactor(v.length, (_, at, size) => {
      const norm = logSumExp(distParams, at, size);
      let mean = 0;
      for (let k = at; k < at + size; k++) mean += exp(distParams[k] - norm) * v[k];
      for (let k = at; k < at + size; k++) out[k] = exp(distParams[k] - norm) * (v[k] - mean);
    });
    return out;
  }

  /** The choice of factor f in action i; another number would be another factor's choice, or another row's. */
  private choice(actions: ActionArray, i: number, f: number): number {
    const choice = actions[i * this.actionSize + f];
    if (choice >= 0 && choice < this.sizes[f]) return choice;
    throw new ArgumentError(`choice ${choice} of factor ${f} in action ${i}`, {
      value: choice,
      expected: `an integer, 0 … ${this.sizes[f] - 1}`,
    });
  }

  /** From logits that are no numbers no choice can be made. -Infinity is one (a choice that is never made). */
  private checkLogits(distParams: Float32Array, rows: number): void {
    const length = rows * this.distParamSize;
    let sum = 0;
    // x · 0 is NaN exactly for NaN and ±Infinity: one branch for all rows.
    for (let i = 0; i < length; i++) sum += distParams[i] * 0;
    if (sum === 0) return;
    this.eachFactor(length, (_, at, size) => {
      let highest = Number.NEGATIVE_INFINITY;
      for (let k = at; k < at + size; k++) {
        const logit = distParams[k];
        if (!(logit < Number.POSITIVE_INFINITY)) throw brokenRow(Math.floor(at / this.distParamSize), logit);
        highest = Math.max(highest, logit);
      }
      if (highest === Number.NEGATIVE_INFINITY) throw brokenRow(Math.floor(at / this.distParamSize), highest);
    });
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
  let highest = values[at];
  for (let k = at + 1; k < at + size; k++) if (values[k] > highest) highest = values[k];
  let sum = 0;
  for (let k = at; k < at + size; k++) sum += exp(values[k] - highest);
  return highest + log(sum);
}

function factorEntropy(distParams: Float32Array, at: number, size: number): number {
  const norm = logSumExp(distParams, at, size);
  let sum = 0;
  for (let k = at; k < at + size; k++) sum -= exp(distParams[k] - norm) * (distParams[k] - norm);
  return sum;
}
