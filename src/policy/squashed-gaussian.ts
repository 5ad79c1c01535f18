import { ArgumentError } from '../base/errors.js';
import { exp, log1p, tanh } from '../base/math.js';
import type { ActionArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import type { Metric } from '../network/types.js';
import { checkDistParams, checkOut, readWeightList, readWeights, rowsOfList } from './distribution-arguments.js';
import { LARGEST_SQUASHED, plainDimensions } from './distribution-spec.js';
import { DiagonalGaussian } from './gaussian.js';
import type { Distribution, DistributionSpec, PolicyOutputs, SquashedGaussianSpec } from './types.js';

/**
 * tanh of independent normals, so that actions stay within ±1; a parameter row is [means (d), log standard deviations (d)]
 * of the normals. Since tanh is a bijection, divergences, Fisher matrix and gradients in the parameters are those of the
 * normals; densities have the factor 1 / (1 - a²) more, and the entropy a term without closed form, which is integrated
 * to nine digits.
 */
export class SquashedGaussian implements Distribution {
  readonly spec: SquashedGaussianSpec;
  readonly distParamSize: number;
  readonly actionSize: number;
  readonly outputs: PolicyOutputs;
  private readonly normals: DiagonalGaussian;

  constructor(given: DistributionSpec) {
    const dimensions = plainDimensions(given);
    this.spec = { kind: 'squashed-gaussian', dimensions };
    this.normals = new DiagonalGaussian({ kind: 'gaussian', dimensions });
    this.distParamSize = this.normals.distParamSize;
    this.actionSize = dimensions;
    this.outputs = this.normals.outputs;
  }

  metric(): Metric {
    return this.normals.metric();
  }

  initialStateIndependent(standardDeviation: number): ArrayLike<number> {
    return this.normals.initialStateIndependent(standardDeviation);
  }

  makeActions(count: number): Float32Array {
    return this.normals.makeActions(count);
  }

  logProb(
    distParams: Float32Array,
    actions: ActionArray,
    rows: Int32Array | null = null,
    out: Float64Array = new Float64Array(rowsOfList(actions, this.actionSize, 'actions')),
  ): Float64Array {
    checkOut(out, 'Float64Array', 0);
    const d = this.actionSize;
    const normal = this.unsquashed(actions, out.length);
    this.normals.logProb(distParams, normal, rows, out);
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (let j = i * d; j < (i + 1) * d; j++) sum += logSlope(normal[j]);
      out[i] -= sum;
    }
    return out;
  }

  kl(old: Float32Array, current: Float32Array, out?: Float64Array): Float64Array {
    return this.normals.kl(old, current, out);
  }

  entropy(distParams: Float32Array, out?: Float64Array): Float64Array {
    const entropies = this.normals.entropy(distParams, out);
    const d = this.actionSize;
    for (let i = 0; i < entropies.length; i++) {
      for (let j = i * 2 * d; j < i * 2 * d + d; j++) {
        entropies[i] += expectation(distParams[j], distParams[j + d], logSlope);
      }
    }
    return entropies;
  }

  /** tanh of the means: the medians, which are the most likely actions where the distribution is narrow. */
  mode(distParams: Float32Array, out?: ActionArray): ActionArray {
    return squash(this.normals.mode(distParams, out) as Float32Array);
  }

  sample(
    distParams: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    actions: ActionArray,
    logQ: Float32Array,
  ): void {
    this.normals.sample(distParams, keys, times, actions, logQ);
    const drawn = (actions as Float32Array).subarray(0, logQ.length * this.actionSize);
    // The density of the action as it is stored, which is not quite that of the draw.
    logQ.set(this.logProb(distParams, squash(drawn)));
  }

  addLogProbGradient(
    distParams: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows: Int32Array | null = null,
  ): void {
    const list = readWeightList(weights, 0);
    const normal = this.unsquashed(actions, list.length);
    this.normals.addLogProbGradient(distParams, normal, list, out, rows);
  }

  addKlGradient(
    old: Float32Array,
    current: Float32Array,
    weights: ArrayLike<number> | number,
    out: Float32Array,
  ): void {
    this.normals.addKlGradient(old, current, weights, out);
  }

  addEntropyGradient(distParams: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void {
    const d = this.actionSize;
    const count = checkDistParams(distParams, this.distParamSize);
    const given = readWeights(weights, count);
    this.normals.addEntropyGradient(distParams, given, out);
    for (let i = 0; i < count; i++) {
      const weight = typeof given === 'number' ? given : given[i];
      for (let j = i * 2 * d; j < i * 2 * d + d; j++) {
        const [mean, logStd] = [distParams[j], distParams[j + d]];
        out[j] += weight * expectation(mean, logStd, (u) => -2 * tanh(u));
        out[j + d] += weight * expectation(mean, logStd, (u) => -2 * tanh(u) * (u - mean));
      }
    }
  }

  fisherProduct(distParams: Float32Array, v: Float32Array, out?: Float32Array): Float32Array {
    return this.normals.fisherProduct(distParams, v, out);
  }

  /** What the actions of `count` rows are the tanh of. */
  private unsquashed(actions: ActionArray, count: number): Float32Array {
    const length = count * this.actionSize;
    const given = checkArray('actions', actions, 'Float32Array', length, { shared: true });
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      const a = given[i];
      if (Math.abs(a) > 1) {
        throw new ArgumentError(`action ${a} of a squashed Gaussian`, { value: a, expected: 'a number within ±1' });
      }
      out[i] = Math.atanh(Math.max(-LARGEST_SQUASHED, Math.min(LARGEST_SQUASHED, a)));
    }
    return out;
  }
}

function squash(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.max(-LARGEST_SQUASHED, Math.min(LARGEST_SQUASHED, tanh(values[i])));
  }
  return values;
}

/** log of the derivative of tanh, 2 (log 2 - |u| - log(1 + exp(-2 |u|))): nothing cancels, nothing overflows. */
function logSlope(u: number): number {
  const size = Math.abs(u);
  return 2 * (Math.LN2 - size - log1p(exp(-2 * size)));
}

/**
 * E f(u) of a normal u, by the trapezoidal rule over ±8.5 deviations. Its error falls with exp(-2π times the distance of
 * the nearest pole of f, at ±iπ/2, over the spacing); so the spacing is half a unit of u, at most.
 */
function expectation(mean: number, logStd: number, f: (u: number) => number): number {
  const deviation = exp(logStd);
  const half = Math.min(2000, Math.ceil(17 * Math.max(1, deviation)));
  let [sum, total] = [0, 0];
  for (let k = -half; k <= half; k++) {
    const z = (8.5 * k) / half;
    const weight = exp(-0.5 * z * z);
    total += weight;
    sum += weight * f(mean + deviation * z);
  }
  return sum / total;
}
