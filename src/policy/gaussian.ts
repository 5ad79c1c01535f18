import { exp, expm1, log } from '../base/math.js';
import { Repeated } from '../base/repeated.js';
import type { ActionArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { sampleGaussian } from '../native/noise.js';
import type { Metric } from '../network/types.js';
import {
  checkActions,
  checkDistParams,
  checkOut,
  readWeightList,
  readWeights,
  rowsOfList,
} from './distribution-arguments.js';
import { plainDimensions } from './distribution-spec.js';
import type { Distribution, DistributionSpec, GaussianSpec, PolicyOutputs } from './types.js';

const HALF_LOG_TWO_PI = 0.5 * log(2 * Math.PI);

/** Independent normals; a parameter row is [means (d), log standard deviations (d)]. */
export class DiagonalGaussian implements Distribution {
  readonly distParamSize: number;
  readonly actionSize: number;

  readonly spec: GaussianSpec;
  readonly outputs: PolicyOutputs;

  constructor(given: DistributionSpec) {
    const dimensions = plainDimensions(given);
    this.spec = { kind: 'gaussian', dimensions };
    this.actionSize = dimensions;
    this.distParamSize = 2 * dimensions;
    this.outputs = { emitted: dimensions, stateIndependent: dimensions };
  }

  metric(): Metric {
    return { kind: 'gaussian' };
  }

  initialStateIndependent(standardDeviation: number): ArrayLike<number> {
    return new Float64Array(this.actionSize).fill(log(standardDeviation));
  }

  makeActions(count: number): Float32Array {
    return new Float32Array(count * this.actionSize);
  }

  logProb(
    distParams: Float32Array,
    actions: ActionArray,
    rows: Int32Array | null = null,
    out: Float64Array = new Float64Array(rowsOfList(actions, this.actionSize, 'actions')),
  ): Float64Array {
    const d = this.actionSize;
    checkOut(out, 'Float64Array', 0);
    checkActions(actions, 'Float32Array', d, out.length, rows, checkDistParams(distParams, 2 * d));
    const inverses = new Repeated(exp, d);
    for (let i = 0; i < out.length; i++) {
      const row = 2 * d * (rows === null ? i : rows[i]);
      let sum = -d * HALF_LOG_TWO_PI;
      for (let j = 0; j < d; j++) {
        const logStd = distParams[row + d + j];
        const z = (actions[i * d + j] - distParams[row + j]) * inverses.at(j, -logStd);
        sum -= 0.5 * z * z + logStd;
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
    const d = this.actionSize;
    checkOut(out, 'Float64Array', 0);
    checkDistParams(old, 2 * d, out.length, 'old parameters');
    checkDistParams(current, 2 * d, out.length);
    const precisions = new Repeated(exp, d);
    // expm1 keeps the small KL of a short step from being lost in 1 - 1.
    const ratios = new Repeated(expm1, d);
    for (let i = 0; i < out.length; i++) {
      let sum = 0;
      for (let k = 0, j = i * 2 * d; k < d; k++, j++) {
        const difference = old[j] - current[j];
        const logRatio = old[j + d] - current[j + d];
        const precision = precisions.at(k, -2 * current[j + d]);
        sum += 0.5 * (ratios.at(k, 2 * logRatio) + difference * difference * precision) - logRatio;
      }
      out[i] = sum;
    }
    return out;
  }

  entropy(
    distParams: Float32Array,
    out: Float64Array = new Float64Array(rowsOfList(distParams, this.distParamSize, 'distribution parameters')),
  ): Float64Array {
    const d = this.actionSize;
    checkOut(out, 'Float64Array', 0);
    checkDistParams(distParams, 2 * d, out.length);
    for (let i = 0; i < out.length; i++) {
      let sum = d * (0.5 + HALF_LOG_TWO_PI);
      for (let j = i * 2 * d + d; j < (i + 1) * 2 * d; j++) sum += distParams[j];
      out[i] = sum;
    }
    return out;
  }

  mode(
    distParams: Float32Array,
    out: ActionArray = this.makeActions(rowsOfList(distParams, this.distParamSize, 'distribution parameters')),
  ): ActionArray {
    const d = this.actionSize;
    checkDistParams(distParams, 2 * d, checkModes(out, d));
    for (let i = 0; i < out.length / d; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] = distParams[i * 2 * d + j];
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
    sampleGaussian(distParams, keys, times, this.actionSize, actions as Float32Array, logQ);
  }

  addLogProbGradient(
    distParams: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows: Int32Array | null = null,
  ): void {
    const d = this.actionSize;
    const list = readWeightList(weights, 0);
    checkActions(actions, 'Float32Array', d, list.length, rows, checkDistParams(distParams, 2 * d));
    checkOut(out, 'Float32Array', distParams.length);
    const inverses = new Repeated(exp, d);
    for (let i = 0; i < list.length; i++) {
      const row = 2 * d * (rows === null ? i : rows[i]);
      const weight = list[i];
      for (let j = 0; j < d; j++) {
        const inverseStd = inverses.at(j, -distParams[row + d + j]);
        const z = (actions[i * d + j] - distParams[row + j]) * inverseStd;
        out[row + j] += weight * z * inverseStd;
        out[row + d + j] += weight * (z * z - 1);
      }
    }
  }

  addKlGradient(
    old: Float32Array,
    current: Float32Array,
    weights: ArrayLike<number> | number,
    out: Float32Array,
  ): void {
    const d = this.actionSize;
    const count = checkDistParams(current, this.distParamSize);
    checkDistParams(old, this.distParamSize, count, 'old parameters');
    const given = readWeights(weights, count);
    checkOut(out, 'Float32Array', current.length);
    const precisions = new Repeated(exp, d);
    const ratios = new Repeated(expm1, d);
    for (let i = 0; i < count; i++) {
      const weight = typeof given === 'number' ? given : given[i];
      for (let k = 0, j = i * 2 * d; k < d; k++, j++) {
        const difference = current[j] - old[j];
        const precision = precisions.at(k, -2 * current[j + d]);
        out[j] += weight * difference * precision;
        out[j + d] -= weight * (ratios.at(k, 2 * (old[j + d] - current[j + d])) + difference * difference * precision);
      }
    }
  }

  addEntropyGradient(distParams: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void {
    const d = this.actionSize;
    const count = checkDistParams(distParams, this.distParamSize);
    const given = readWeights(weights, count);
    checkOut(out, 'Float32Array', distParams.length);
    for (let i = 0; i < count; i++) {
      const weight = typeof given === 'number' ? given : given[i];
      for (let j = i * 2 * d + d; j < (i + 1) * 2 * d; j++) out[j] += weight;
    }
  }

  fisherProduct(
    distParams: Float32Array,
    v: Float32Array,
    out: Float32Array = new Float32Array(rowsOfList(v, this.distParamSize, 'v') * this.distParamSize),
  ): Float32Array {
    const d = this.actionSize;
    checkDistParams(distParams, 2 * d, checkDistParams(v, 2 * d, 0, 'v'));
    checkOut(out, 'Float32Array', v.length);
    const precisions = new Repeated(exp, d);
    for (let i = 0; i < v.length; i += 2 * d) {
      for (let k = 0, j = i; k < d; k++, j++) {
        out[j] = v[j] * precisions.at(k, -2 * distParams[j + d]);
        out[j + d] = 2 * v[j + d];
      }
    }
    return out;
  }
}

/** @returns rows of actions in `out` */
function checkModes(out: ActionArray, actionSize: number): number {
  const rows = rowsOfList(out, actionSize, 'actions');
  checkArray('actions', out, 'Float32Array', 0, { shared: true });
  return rows;
}
