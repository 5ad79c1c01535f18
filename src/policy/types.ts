import type { ActionArray } from '../env/types.js';
import type { Metric, NetworkEngine, NetworkSpec } from '../network/types.js';

/** What `registerDistribution` knows by its kind; the rest is for that kind to read. Plain JSON. */
export type DistributionSpec = { readonly kind: string; readonly [option: string]: unknown };

/** Means of d normalised actions and their log standard deviations, usually state-independent. m = 2d. */
export type GaussianSpec = { readonly kind: 'gaussian'; readonly dimensions: number };

/** tanh of a gaussian: actions within ±1. m = 2d, as gaussian. */
export type SquashedGaussianSpec = { readonly kind: 'squashed-gaussian'; readonly dimensions: number };

/** One logit per choice; factors are independent. m = sum of sizes. */
export type CategoricalSpec = { readonly kind: 'categorical'; readonly sizes: readonly number[] };

/** A network whose outputs are the parameters of a distribution over actions. */
export interface PolicySpec {
  readonly network: NetworkSpec;
  readonly distribution: DistributionSpec;
}

export interface PolicyOutputs {
  /** Numbers that the network's layers emit */
  readonly emitted: number;
  /** Numbers of θ that follow them, whatever the observation */
  readonly stateIndependent: number;
}

/** A policy at work: what samplers act with. The engine holds θ. */
export interface ActingPolicy {
  readonly engine: NetworkEngine;
  readonly distribution: Distribution;
}

/**
 * Density functions over rows of distribution parameters [n × m], as a network engine gives them. Sums are in double
 * precision. Where actions are many per state (vine), `rows[i]` is the parameter row of action i; null: row i.
 */
export interface Distribution {
  readonly spec: DistributionSpec;
  /** m: distribution parameters per state */
  readonly distParamSize: number;
  /** How a network divides m where nobody says otherwise; any network with m outputs will do. */
  readonly outputs: PolicyOutputs;
  /** Where actions are choices: how many there are of each factor. */
  readonly choices?: readonly number[];
  /** Numbers per action: d for gaussian, one per factor for categorical */
  readonly actionSize: number;

  /**
   * The Fisher matrix of the distribution in its own parameters, for an engine's `fisherVectorProduct`. Those that are
   * fused in the engines (gaussian, categorical) need no more than their kind; others give weights.
   * @param distParams [n × m] at the observations of the product
   */
  metric(distParams: Float32Array): Metric;
  /** State-independent outputs to start from; default 0. @param standardDeviation of the first actions */
  initialStateIndependent?(standardDeviation: number): ArrayLike<number>;

  /** An array for `count` actions: Float32 for box actions, Int32 for discrete ones. */
  makeActions(count: number): ActionArray;
  /** log density (or probability) of each action [A]. */
  logProb(distParams: Float32Array, actions: ActionArray, rows?: Int32Array | null, out?: Float64Array): Float64Array;
  /** KL(old || new) of each row [n]: the expectation is under `old`. */
  kl(old: Float32Array, current: Float32Array, out?: Float64Array): Float64Array;
  /** Entropy of each row [n], in nats. */
  entropy(distParams: Float32Array, out?: Float64Array): Float64Array;
  /** Most likely action of each row [n × action size]. */
  mode(distParams: Float32Array, out?: ActionArray): ActionArray;
  /**
   * Draws one action per row. Dimension (box) or factor (discrete) j of row i is the draw of counter
   * (times[i], j) under key i.
   * @param keys two words a row
   * @param times [n]
   * @param logQ [n] receives the log density of what was drawn
   */
  sample(
    distParams: Float32Array,
    keys: Uint32Array,
    times: Int32Array,
    actions: ActionArray,
    logQ: Float32Array,
  ): void;

  /**
   * out[row] += weights[i] · d log p(action i) / d distParams[row]. @param out [n × m]
   */
  addLogProbGradient(
    distParams: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows?: Int32Array | null,
  ): void;
  /** out[i] += weights[i] · d KL(old || current) / d current[i]. @param weights [n] or one number for all rows */
  addKlGradient(old: Float32Array, current: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void;
  /** out[i] += weights[i] · d entropy / d distParams[i]. */
  addEntropyGradient(distParams: Float32Array, weights: ArrayLike<number> | number, out: Float32Array): void;
  /** out = M v per row [n × m], M as of `metric`. */
  fisherProduct(distParams: Float32Array, v: Float32Array, out?: Float32Array): Float32Array;
}
