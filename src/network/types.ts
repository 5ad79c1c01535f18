import type { ObservationArray, ObservationScaling } from '../env/types.js';

export type Activation = 'linear' | 'tanh' | 'softplus' | 'relu';

interface Named {
  /** For layers that refer to this one, and for `outputs`. */
  readonly name?: string;
}

interface OneInput extends Named {
  /** A layer listed before, or 'input': the observation. Default: the previous layer. */
  readonly input?: string;
}

export interface DenseSpec extends OneInput {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: Activation;
}

/** Valid padding; on feature maps [channels, height, width]. */
export interface Conv2dSpec extends OneInput {
  readonly kind: 'conv2d';
  readonly filters: number;
  /** [height, width] */
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly activation: Activation;
}

/** gain · (x - mean) / sqrt(variance + 1e-5) + bias, over all features of the input; its shape stays. */
export interface LayerNormSpec extends OneInput {
  readonly kind: 'layerNorm';
  /** Default linear */
  readonly activation?: Activation;
}

/** The sum of two values of the same shape: a residual connection. */
export interface AddSpec extends Named {
  readonly kind: 'add';
  readonly inputs: readonly [string, string];
  /** Default linear */
  readonly activation?: Activation;
}

export type LayerSpec = DenseSpec | Conv2dSpec | LayerNormSpec | AddSpec;

/**
 * A feed-forward network: layers that each take the previous one's output, or that of any named layer before. Every layer
 * must lead to an output.
 *
 * θ holds the layers' parameters in the order of the list, weights then biases: dense weights [units × inputs], conv
 * weights [filters × channels × height × width], layerNorm's gains and biases [features]; then the state-independent
 * outputs.
 */
export interface NetworkSpec {
  /** [features] or [channels, height, width] */
  readonly inputShape: readonly number[];
  readonly inputType: 'float32' | 'uint8';
  readonly inputScaling: ObservationScaling | null;
  readonly layers: readonly LayerSpec[];
  /** Names of the layers whose outputs stand side by side in a row of outputs. Default: the last layer. */
  readonly outputs?: readonly string[];
  /** Numbers of θ that are appended to every row of outputs, such as log standard deviations. Default 0. */
  readonly stateIndependentOutputs?: number;
}

/**
 * M of the product J' M J v: a symmetric matrix [m × m] for every observation, in the network's outputs.
 * gaussian: outputs are d means, then d log standard deviations l; M = diag(exp(-2 l), 2).
 * categorical: outputs are logits of independent factors; M = diag(p) - p p' for each.
 * diagonal: weights [m] for all observations, or [n × m]. dense: weights [n × m × m].
 */
export type Metric =
  | { readonly kind: 'gaussian' }
  | { readonly kind: 'categorical'; readonly sizes: readonly number[] }
  | { readonly kind: 'identity' }
  | { readonly kind: 'diagonal'; readonly weights: Float32Array }
  | { readonly kind: 'dense'; readonly weights: Float32Array };

/** Observations given once per update: what the engine keeps of them (and of activations) is its own business. */
export interface LoadedObservations {
  readonly count: number;
  /** Every k-th observation (offset 0) as a set of its own; shares memory where the engine can. */
  subset(every: number): LoadedObservations;
  /**
   * The observations of these numbers (0 … count - 1), in this order, any of them any number of times; as `subset`. They are
   * taken for a minibatch: gradients may differ in the last bits from those of the same observations loaded.
   */
  gather(indices: Int32Array): LoadedObservations;
  release(): void;
}

/** What moves θ by Adam some times in a row. */
export interface AdamSteps {
  /** Moments [P], moved in place */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** Of each step: learning rate over the bias of the mean, and one over the bias of the square */
  readonly rates: Float64Array;
  readonly corrections: Float64Array;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1, less what decays of a parameter in a step */
  readonly keep: number;
}

/** Steps on half the mean squared error of a network's only output, minibatch by minibatch. */
export interface SquaredErrorSteps {
  /** [n], one for each observation of the set */
  readonly targets: Float64Array;
  /** Values [n] from before: nothing is gained by moving further from them than `range`. */
  readonly clip?: { readonly old: Float32Array; readonly range: number } | undefined;
  /** Which observations, minibatch after minibatch */
  readonly order: Int32Array;
  /** Where each minibatch ends in `order`, ascending; the last at its end */
  readonly ends: Int32Array;
  /** Longest gradient of a minibatch; default any */
  readonly maxGradientNorm?: number | undefined;
  /** [P], moved in place */
  readonly theta: Float32Array;
  readonly adam: AdamSteps;
}

/**
 * What computes with a network. One set of parameters θ is current; calls are queued in order. All results are freshly
 * allocated unless `out` is given. n = observations, m = outputs, P = parameters.
 * A sample's results do not depend on its position, on n or on the number of threads (native engine; tfjs is exempt).
 */
export interface NetworkEngine {
  readonly name: string;
  readonly spec: NetworkSpec;
  /** P */
  readonly parameterCount: number;
  /** m, state-independent outputs included */
  readonly outputSize: number;

  setTheta(theta: Float32Array): Promise<void>;
  /** Outputs [n × m]. Meant for sampling: small n, called at every step. */
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
  /** Outputs [n × m] at the current θ. */
  evaluate(data: LoadedObservations, out?: Float32Array): Promise<Float32Array>;
  /** J v: tangents [n × m] of the outputs along v [P]. */
  jvp(data: LoadedObservations, v: Float32Array, out?: Float32Array): Promise<Float32Array>;
  /** J' c: sum over observations of cotangents [n × m] pulled back to [P]. */
  vjp(data: LoadedObservations, cotangents: Float32Array, out?: Float32Array): Promise<Float32Array>;
  /**
   * Gradient of cotangents [n × m] · outputs in each observation [n × inputs], through the input scaling; 0 where an input
   * is clipped. For actors that follow a Q network.
   */
  inputGradient(data: LoadedObservations, cotangents: Float32Array, out?: Float32Array): Promise<Float32Array>;
  /**
   * Mean over observations of J' M J v.
   * @param weights [n] optional weight per observation (max-KL's multipliers); the mean still divides by n
   */
  fisherVectorProduct(
    data: LoadedObservations,
    v: Float32Array,
    metric: Metric,
    weights?: Float32Array,
  ): Promise<Float32Array>;
  /** Dense Jacobian [n × m × P]; small networks only. */
  jacobian(data: LoadedObservations): Promise<Float32Array>;
  /**
   * Steps of Adam one after the other, off the main thread; the last θ is then current. Networks with one output only.
   * Whoever calls it does without where an engine has none.
   */
  squaredErrorSteps?(data: LoadedObservations, steps: SquaredErrorSteps): Promise<void>;
  close(): void;
}

export interface EngineOptions {
  threads?: number;
}
