import type { ActionArray } from '../env/types.js';
import { Categorical } from './categorical.js';
import { DiagonalGaussian } from './gaussian.js';
import type { DistributionSpec } from './types.js';

/**
 * Density functions over rows of distribution parameters [n × m], as a policy engine emits them. Sums are in double
 * precision. Where actions are many per state (vine), `rows[i]` is the parameter row of action i; null: row i.
 */
export interface Distribution {
  readonly spec: DistributionSpec;
  /** m: distribution parameters per state */
  readonly parameterSize: number;
  /** Numbers per action: d for gaussian, one per factor for categorical */
  readonly actionSize: number;

  /** An array for `count` actions: Float32 (gaussian) or Int32 (categorical). */
  makeActions(count: number): ActionArray;
  /** log density (or probability) of each action [A]. */
  logProb(parameters: Float32Array, actions: ActionArray, rows?: Int32Array | null, out?: Float64Array): Float64Array;
  /** KL(old || new) of each row [n]: the expectation is under `old`. */
  kl(old: Float32Array, current: Float32Array, out?: Float64Array): Float64Array;
  /** Entropy of each row [n], in nats. */
  entropy(parameters: Float32Array, out?: Float64Array): Float64Array;
  /** Most likely action of each row [n × action size]. */
  mode(parameters: Float32Array, out?: ActionArray): ActionArray;
  /**
   * Draws one action per row. Dimension (gaussian) or factor (categorical) j of row i is the draw of counter
   * (times[i], j) under key i.
   * @param keys two words a row
   * @param times [n]
   * @param logQ [n] receives the log density of what was drawn
   */
  sample(
    parameters: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    actions: ActionArray,
    logQ: Float32Array,
  ): void;

  /**
   * out[row] += weights[i] · d log p(action i) / d parameters[row]. @param out [n × m]
   */
  addLogProbGradient(
    parameters: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows?: Int32Array | null,
  ): void;
  /** out[i] += weights[i] · d KL(old || current) / d current[i]. @param weights [n] or one number for all rows */
  addKlGradient(old: Float32Array, current: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void;
  /** out[i] += weights[i] · d entropy / d parameters[i]. */
  addEntropyGradient(parameters: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void;
  /** out = M v per row, M the Fisher matrix of the distribution in its own parameters [n × m]. */
  fisherProduct(parameters: Float32Array, v: Float32Array, out?: Float32Array): Float32Array;
}

export function makeDistribution(spec: DistributionSpec): Distribution {
  return spec.kind === 'gaussian' ? new DiagonalGaussian(spec) : new Categorical(spec);
}

/** m of a distribution: parameters per state. */
export function distributionParameters(spec: DistributionSpec): number {
  return spec.kind === 'gaussian' ? 2 * spec.dimensions : spec.sizes.reduce((sum, size) => sum + size, 0);
}

/** Outputs the network itself must emit: means for gaussian, logits for categorical. */
export function networkOutputs(spec: DistributionSpec): number {
  return spec.kind === 'gaussian' ? spec.dimensions : distributionParameters(spec);
}
