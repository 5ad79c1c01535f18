import { addon } from './addon.js';
import { callNative } from './native-errors.js';

/** Numbers of the activations in native/network/spec.h. */
export const nativeActivations = { linear: 0, tanh: 1, softplus: 2, relu: 3 } as const;
/** Numbers of the kinds of layers; `dense` and `conv2d` are both affine. */
export const nativeLayerKinds = { dense: 0, conv2d: 0, layerNorm: 1, add: 2 } as const;
/** Numbers of the kinds of metrics in native/network/metric.h. */
export const nativeMetricKinds = { gaussian: 0, categorical: 1, identity: 2, diagonal: 3, dense: 4 } as const;

/** A network as native/network takes it. */
export interface NetworkDescription {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Observations are bytes, else floats. */
  readonly bytes: boolean;
  /**
   * Nine numbers a layer: kind, units, kernel height and width (0: dense), stride height and width, activation, and the
   * layers whose outputs it takes (-1: the observation; the second for add alone).
   */
  readonly layers: Int32Array;
  /** Layers whose outputs stand side by side */
  readonly heads: Int32Array;
  /** Numbers of θ behind the layers' that are appended to every row of outputs */
  readonly stateIndependent: number;
  /** [inputs]: x = (o - offset) · factor; empty: unscaled */
  readonly offset: Float32Array;
  readonly factor: Float32Array;
  /** |x| at most this; 0: unlimited */
  readonly clip: number;
}

/** Observations loaded into a network; they stay in their array, which the handle keeps alive. */
export interface ObservationsHandle {
  release(): void;
}

/**
 * The native network. Arguments are trusted: src/network/engines/native.ts has checked them. Calls that return promises run
 * off the main thread; nobody else may have their arrays until they settle.
 */
export interface NetworkHandle {
  setTheta(theta: Float32Array): void;
  forward(observations: Float32Array | Uint8Array, count: number, out: Float32Array): void;
  forwardEach(thetas: Float32Array, observations: Float32Array | Uint8Array, count: number, out: Float32Array): void;
  forwardLater(observations: Float32Array | Uint8Array, count: number, out: Float32Array): Promise<void>;
  evaluate(data: ObservationsHandle, out: Float32Array): Promise<void>;
  /** On the main thread, like the next: for what is done sooner than another thread is woken. */
  evaluateNow(data: ObservationsHandle, out: Float32Array): void;
  vjpNow(data: ObservationsHandle, cotangents: Float32Array, out: Float32Array): void;
  jvp(data: ObservationsHandle, v: Float32Array, out: Float32Array): Promise<void>;
  vjp(data: ObservationsHandle, cotangents: Float32Array, out: Float32Array): Promise<void>;
  inputGradient(data: ObservationsHandle, cotangents: Float32Array, out: Float32Array): Promise<void>;
  /** @param eachRow the metric's weights are one row for each observation */
  fisherVectorProduct(
    data: ObservationsHandle,
    v: Float32Array,
    metric: number,
    sizes: Int32Array | null,
    metricWeights: Float32Array | null,
    eachRow: boolean,
    weights: Float32Array | null,
    out: Float32Array,
  ): Promise<void>;
  jacobian(data: ObservationsHandle, out: Float32Array): Promise<void>;
  /**
   * Steps of Adam on minibatches of the squared error of the only output; moves theta, mean and square, and the network's θ.
   * @param order rows of the data, minibatch after minibatch
   * @param ends where each minibatch ends in it
   * @param rates, corrections those of each minibatch's step
   */
  squaredErrorSteps(
    data: ObservationsHandle,
    targets: Float64Array,
    old: Float32Array | null,
    range: number,
    order: Int32Array,
    ends: Int32Array,
    theta: Float32Array,
    mean: Float32Array,
    square: Float32Array,
    rates: Float64Array,
    corrections: Float64Array,
    beta1: number,
    beta2: number,
    epsilon: number,
    keep: number,
    longest: number,
  ): Promise<void>;
  close(): void;
}

/** What one step of Adam multiplies by. */
export interface AdamFactors {
  /** Learning rate over the bias of the mean */
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** One over the bias of the square */
  readonly correction: number;
  /** 1, less what decays of a parameter */
  readonly keep: number;
}

interface NetworkAddon {
  clipByNorm(values: Float32Array, longest: number): number;
  adamStep(
    theta: Float32Array,
    mean: Float32Array,
    square: Float32Array,
    gradient: Float32Array,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction: number,
    keep: number,
  ): void;
  NetworkHandle: new (description: NetworkDescription, threads: number, keepBytes: number) => NetworkHandle;
  ObservationsHandle: new (
    array: Float32Array | Uint8Array,
    count: number,
    rowStride: number,
    rows: Int32Array | null,
  ) => ObservationsHandle;
}

/**
 * @param threads the calling thread included
 * @param keepBytes activations of loaded observations are kept between calls up to this size
 */
export function makeNetwork(description: NetworkDescription, threads: number, keepBytes: number): NetworkHandle {
  const { NetworkHandle: Handle } = addon<NetworkAddon>();
  return callNative('network', () => new Handle(description, threads, keepBytes), threads);
}

/**
 * @param rowStride elements from one observation to the next
 * @param rows [count] numbers of the rows that are the observations, copied; null: all
 */
export function loadObservations(
  array: Float32Array | Uint8Array,
  count: number,
  rowStride: number,
  rows: Int32Array | null = null,
): ObservationsHandle {
  return new (addon<NetworkAddon>().ObservationsHandle)(array, count, rowStride, rows);
}

/** Adam's step on θ and its moments, in place, all of the same length; the gradient is of a loss. */
export function adamStep(
  theta: Float32Array,
  mean: Float32Array,
  square: Float32Array,
  gradient: Float32Array,
  { rate, beta1, beta2, epsilon, correction, keep }: AdamFactors,
): void {
  const count = theta.length;
  addon<NetworkAddon>().adamStep(theta, mean, square, gradient, count, rate, beta1, beta2, epsilon, correction, keep);
}

/** Shortens values in place to a Euclidean norm. @returns the norm before; where it is not finite, nothing is changed */
export function clipByNorm(values: Float32Array, longest: number): number {
  return addon<NetworkAddon>().clipByNorm(values, longest);
}
