import type { ActionArray, ObservationArray, ObservationScaling } from '../env/types.js';

export type Activation = 'linear' | 'tanh' | 'softplus' | 'relu';

export type LayerSpec =
  | { readonly kind: 'dense'; readonly units: number; readonly activation: Activation }
  | {
      readonly kind: 'conv2d';
      readonly filters: number;
      /** [height, width] */
      readonly kernel: readonly [number, number];
      readonly stride: readonly [number, number];
      readonly activation: Activation;
    };

/**
 * A feed-forward network. Parameters lie flat in layer order, weights then biases: dense weights [units × inputs], conv
 * weights [filters × channels × height × width], valid padding, feature maps [channels × height × width].
 * The last layer is linear and emits the distribution's parameters.
 */
export interface NetworkSpec {
  /** [features] or [channels, height, width] */
  readonly inputShape: readonly number[];
  readonly inputType: 'float32' | 'uint8';
  readonly inputScaling: ObservationScaling | null;
  readonly layers: readonly LayerSpec[];
}

/**
 * gaussian: the network emits d means; d log standard deviations, independent of the state, follow the network's
 * parameters in θ. Distribution parameters per state: [mean (d), log std (d)], m = 2d.
 * categorical: the network emits one logit per choice; factors are independent. m = sum of sizes.
 */
export type DistributionSpec =
  | { readonly kind: 'gaussian'; readonly dimensions: number }
  | { readonly kind: 'categorical'; readonly sizes: readonly number[] };

export interface PolicySpec {
  readonly network: NetworkSpec;
  readonly distribution: DistributionSpec;
}

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

/** Observations given once per update: what the engine keeps of them (and of activations) is its own business. */
export interface LoadedObservations {
  readonly count: number;
  /** Every k-th observation (offset 0) as a set of its own; shares memory where the engine can. */
  subset(every: number): LoadedObservations;
  release(): void;
}

/**
 * What computes with a policy. One set of parameters θ is current; calls are queued in order. All results are freshly
 * allocated unless `out` is given. n = observations, m = distribution parameters per state, P = parameters.
 * A sample's results do not depend on its position, on n or on the number of threads (native engine; tfjs is exempt).
 */
export interface PolicyEngine {
  readonly name: string;
  readonly spec: PolicySpec;
  /** P */
  readonly parameterCount: number;
  /** m */
  readonly outputSize: number;

  setParameters(theta: Float32Array): Promise<void>;
  /** Distribution parameters [n × m]. Meant for sampling: small n, called at every step. */
  forward(observations: ObservationArray, count: number, out?: Float32Array): Promise<Float32Array>;
  /** As forward with row i of thetas [n × P] for observation i; does not touch the current θ. */
  forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    out?: Float32Array,
  ): Promise<Float32Array>;

  /** The array must not change until `release()`: an engine may read it in place. */
  load(observations: ObservationArray, count: number): Promise<LoadedObservations>;
  /** Distribution parameters [n × m] at the current θ. */
  evaluate(data: LoadedObservations, out?: Float32Array): Promise<Float32Array>;
  /** J v: tangents [n × m] of the distribution parameters along v [P]. */
  jvp(data: LoadedObservations, v: Float32Array, out?: Float32Array): Promise<Float32Array>;
  /** J^T c: sum over observations of cotangents [n × m] pulled back to [P]. */
  vjp(data: LoadedObservations, cotangents: Float32Array, out?: Float32Array): Promise<Float32Array>;
  /**
   * Mean over observations of J^T M J v, M = Fisher matrix of the distribution in its own parameters
   * (gaussian: diag(exp(-2 log std), 2); categorical: diag(p) - p p^T per factor).
   * @param weights [n] optional weight per observation (max-KL's multipliers); the mean still divides by n
   */
  fisherVectorProduct(data: LoadedObservations, v: Float32Array, weights?: Float32Array): Promise<Float32Array>;
  /** Dense Jacobian [n × m × P]; small networks only. */
  jacobian(data: LoadedObservations): Promise<Float32Array>;
  close(): void;
}

export interface EngineOptions {
  threads?: number;
}
