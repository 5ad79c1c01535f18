import { addon } from './addon.js';
import { startingThreads } from './threads.js';

/** Numbers of the activations in native/network/spec.h. */
export const nativeActivations = { linear: 0, tanh: 1, softplus: 2, relu: 3 } as const;

/** A network as native/network takes it. */
export interface NetworkDescription {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Observations are bytes, else floats. */
  readonly bytes: boolean;
  /** Six numbers a layer: units, kernel height and width (0: dense), stride height and width, activation. */
  readonly layers: Int32Array;
  /** [inputs]: x = (o - offset) · factor; empty: unscaled */
  readonly offset: Float32Array;
  readonly factor: Float32Array;
  /** |x| at most this; 0: unlimited */
  readonly clip: number;
  /** Choices per factor; empty: gaussian, one log standard deviation per output behind the network's parameters. */
  readonly sizes: Int32Array;
}

/** Observations loaded into a network; they stay in their array, which the handle keeps alive. */
export interface ObservationsHandle {
  release(): void;
}

/**
 * The native policy network. Arguments are trusted: engines/native.ts has checked them. Calls that return promises run
 * off the main thread; nobody else may have their arrays until they settle.
 */
export interface PolicyNetworkHandle {
  setParameters(theta: Float32Array): void;
  forward(observations: Float32Array | Uint8Array, count: number, out: Float32Array): void;
  forwardEach(thetas: Float32Array, observations: Float32Array | Uint8Array, count: number, out: Float32Array): void;
  forwardLater(observations: Float32Array | Uint8Array, count: number, out: Float32Array): Promise<void>;
  evaluate(data: ObservationsHandle, out: Float32Array): Promise<void>;
  jvp(data: ObservationsHandle, v: Float32Array, out: Float32Array): Promise<void>;
  vjp(data: ObservationsHandle, cotangents: Float32Array, out: Float32Array): Promise<void>;
  fisherVectorProduct(
    data: ObservationsHandle,
    v: Float32Array,
    weights: Float32Array | null,
    out: Float32Array,
  ): Promise<void>;
  jacobian(data: ObservationsHandle, out: Float32Array): Promise<void>;
  close(): void;
}

interface NetworkAddon {
  PolicyNetworkHandle: new (description: NetworkDescription, threads: number, keepBytes: number) => PolicyNetworkHandle;
  ObservationsHandle: new (array: Float32Array | Uint8Array, count: number, rowStride: number) => ObservationsHandle;
}

/**
 * @param threads the calling thread included
 * @param keepBytes activations of loaded observations are kept between calls up to this size
 */
export function makePolicyNetwork(
  description: NetworkDescription,
  threads: number,
  keepBytes: number,
): PolicyNetworkHandle {
  const { PolicyNetworkHandle: Handle } = addon<NetworkAddon>();
  return startingThreads(threads, () => new Handle(description, threads, keepBytes));
}

/** @param rowStride elements from one observation to the next */
export function loadObservations(
  array: Float32Array | Uint8Array,
  count: number,
  rowStride: number,
): ObservationsHandle {
  return new (addon<NetworkAddon>().ObservationsHandle)(array, count, rowStride);
}
