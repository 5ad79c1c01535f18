import { availableParallelism } from 'node:os';
import { describeValue } from '../../base/describe.js';
import { ArgumentError, ClosedError, MemoryError } from '../../base/errors.js';
import { checkMemory } from '../../base/memory.js';
import { readOptions } from '../../base/options.js';
import type { ObservationArray } from '../../env/types.js';
import { copyArray, inSharedMemory } from '../../native/arrays.js';
import { makeNetwork, type NetworkHandle, nativeMetricKinds, type ObservationsHandle } from '../../native/network.js';
import { type NetworkLayout, networkLayout } from '../layout.js';
import type {
  EngineOptions,
  LoadedObservations,
  Metric,
  NetworkEngine,
  NetworkSpec,
  SquaredErrorSteps,
} from '../types.js';
import { deliver, EngineArguments, newResult } from './arguments.js';
import { describeNetwork, networkBytes } from './native-description.js';
import { NativeObservations } from './native-observations.js';
import { checkSquaredErrorSteps } from './squared-error-arguments.js';

/** Activations of the last set of observations are kept, for Fisher-vector products and pullbacks, up to this many bytes. */
const KEEP_BYTES = 512 * 2 ** 20;
/** Multiply-adds of a forward pass that is worth leaving the main thread for (some ten milliseconds). */
const LONG_FORWARD = 5e8;
/** Multiply-adds that take no longer than to wake another thread (some 0.5 ms). */
const SHORT = 2e7;
const LARGEST_JACOBIAN_BYTES = 4 * 2 ** 30;

/**
 * The engine of native/network: float32 vector kernels on all cores, the same bits on every processor.
 *
 * Calls that run off the main thread work on memory that JavaScript cannot take away meanwhile. An ArrayBuffer can be
 * transferred or resized at any moment, and Node-API has no means to hold its memory: so θ, v, cotangents and weights are
 * copied when the call is made (a pass over them costs thousands of times as much), results are made in an array of
 * their own and put into `out` at the end, and observations are copied by `load`, except those in a SharedArrayBuffer,
 * whose memory stays as long as anything refers to it.
 */
export class NativeEngine implements NetworkEngine {
  readonly name = 'native';
  readonly spec: NetworkSpec;
  readonly parameterCount: number;
  readonly outputSize: number;
  readonly #layout: NetworkLayout;
  readonly #arguments: EngineArguments;
  readonly #network: NetworkHandle;
  readonly #forwardCost: number;
  #pending = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(spec: NetworkSpec, options: EngineOptions = {}) {
    const { threads = availableParallelism() } = readOptions(options, ['threads'], 'engine options');
    if (!Number.isSafeInteger(threads) || threads < 1 || threads > 1024) {
      throw new ArgumentError(`threads = ${describeValue(threads)}`, {
        value: threads,
        expected: 'an integer from 1 to 1024',
      });
    }
    const layout = networkLayout(spec);
    this.spec = layout.spec;
    this.parameterCount = layout.parameterCount;
    this.outputSize = layout.outputSize;
    this.#layout = layout;
    this.#arguments = new EngineArguments(layout);
    this.#forwardCost = layout.layers.reduce(
      (sum, layer) => sum + (layer.outputSize * layer.weightCount) / Math.max(1, layer.biasCount),
      0,
    );
    checkMemory('the network', networkBytes(layout, threads), 'Take a smaller network or fewer threads');
    this.#network = makeNetwork(describeNetwork(layout), threads, KEEP_BYTES);
  }

  async setTheta(theta: Float32Array): Promise<void> {
    this.#arguments.theta(theta);
    if (this.#pending === 0) this.#network.setTheta(theta);
    else {
      const copy = copyArray(theta, 'Float32Array', this.#layout.parameterCount);
      await this.#enqueue(async () => this.#network.setTheta(copy));
    }
  }

  forward(observations: ObservationArray, count: number, given?: Float32Array): Promise<Float32Array> {
    try {
      const check = this.#arguments;
      check.observations(observations, count);
      const out = check.rowsOut(given, count);
      if (count * this.#forwardCost > LONG_FORWARD) {
        const rows = this.#lasting(observations, count);
        return this.#later(given, count * this.#layout.outputSize, (own) =>
          this.#network.forwardLater(rows, count, own),
        );
      }
      if (this.#pending > 0) {
        const forward = async () =>
          this.#network.forward(check.observations(observations, count), count, check.rowsOut(out, count));
        return this.#enqueue(forward, out);
      }
      this.#network.forward(observations, count, out);
      return Promise.resolve(out);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    given?: Float32Array,
  ): Promise<Float32Array> {
    const check = this.#arguments;
    check.observations(observations, count);
    check.thetas(thetas, count);
    const out = check.rowsOut(given, count);
    const forward = async () => {
      // Checked again, since they may have been detached while the call waited.
      check.observations(observations, count);
      this.#network.forwardEach(check.thetas(thetas, count), observations, count, check.rowsOut(out, count));
    };
    if (this.#pending > 0) return this.#enqueue(forward, out);
    await forward();
    return out;
  }

  /** Copies the observations, unless they lie in a SharedArrayBuffer: then they must not change until `release()`. */
  async load(observations: ObservationArray, count: number): Promise<LoadedObservations> {
    this.#arguments.observations(observations, count);
    return new NativeObservations(this, this.#lasting(observations, count), count, this.#layout.inputSize, {
      every: 1,
    });
  }

  async evaluate(data: LoadedObservations, given?: Float32Array): Promise<Float32Array> {
    const count = this.#count(data);
    if (given !== undefined) this.#arguments.rowsOut(given, count);
    const size = count * this.#layout.outputSize;
    if (this.#isShort(count)) {
      return this.#now(given, size, (own) => this.#network.evaluateNow(this.#handle(data), own));
    }
    return this.#later(given, size, (own) => this.#network.evaluate(this.#handle(data), own));
  }

  async jvp(data: LoadedObservations, v: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const { outputSize: m, parameterCount: P } = this.#layout;
    const count = this.#count(data);
    const direction = copyArray(this.#arguments.direction(v), 'Float32Array', P);
    if (given !== undefined) this.#arguments.rowsOut(given, count);
    return this.#later(given, count * m, (own) => this.#network.jvp(this.#handle(data), direction, own));
  }

  async vjp(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const { outputSize: m, parameterCount: P } = this.#layout;
    const count = this.#count(data);
    const rows = copyArray(this.#arguments.cotangents(cotangents, count), 'Float32Array', count * m);
    if (given !== undefined) this.#arguments.parametersOut(given);
    // A forward pass and twice that back.
    if (this.#isShort(3 * count)) {
      return this.#now(given, P, (own) => this.#network.vjpNow(this.#handle(data), rows, own));
    }
    return this.#later(given, P, (own) => this.#network.vjp(this.#handle(data), rows, own));
  }

  async inputGradient(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const { outputSize: m, inputSize } = this.#layout;
    const count = this.#count(data);
    const rows = copyArray(this.#arguments.cotangents(cotangents, count), 'Float32Array', count * m);
    if (given !== undefined) this.#arguments.inputsOut(given, count);
    return this.#later(given, count * inputSize, (own) => this.#network.inputGradient(this.#handle(data), rows, own));
  }

  async fisherVectorProduct(
    data: LoadedObservations,
    v: Float32Array,
    metric: Metric,
    weights?: Float32Array,
  ): Promise<Float32Array> {
    const P = this.#layout.parameterCount;
    const count = this.#count(data);
    const { kind, sizes, weights: given, eachRow } = this.#arguments.metric(metric, count);
    const direction = copyArray(this.#arguments.direction(v), 'Float32Array', P);
    const metricWeights = given && copyArray(given, 'Float32Array', given.length);
    const perRow = this.#arguments.weights(weights, count);
    const own = perRow && copyArray(perRow, 'Float32Array', count);
    const number = nativeMetricKinds[kind];
    return this.#later(undefined, P, (out) =>
      this.#network.fisherVectorProduct(
        this.#handle(data),
        direction,
        number,
        Int32Array.from(sizes),
        metricWeights,
        eachRow,
        own,
        out,
      ),
    );
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const { outputSize: m, parameterCount: P } = this.#layout;
    const size = this.#count(data) * m * P;
    if (4 * size > LARGEST_JACOBIAN_BYTES) {
      throw new MemoryError(`a dense Jacobian of ${(size / 2 ** 28).toFixed(1)} GiB`, {
        value: size,
        expected: 'at most 4 GiB',
        hint: 'Take fewer observations or a smaller network',
      });
    }
    return this.#later(undefined, size, (own) => this.#network.jacobian(this.#handle(data), own));
  }

  async squaredErrorSteps(data: LoadedObservations, given: SquaredErrorSteps): Promise<void> {
    const count = this.#count(data);
    const steps = checkSquaredErrorSteps(given, count, this.#layout);
    const { targets, clip, order, ends, maxGradientNorm, theta, adam } = steps;
    // Results go where they belong all at once, at the end.
    const moved = [theta, adam.mean, adam.square].map((array) => array.slice());
    await this.#enqueue(() =>
      this.#network.squaredErrorSteps(
        this.#handle(data),
        targets.slice(),
        clip?.old.slice() ?? null,
        clip?.range ?? 0,
        order.slice(),
        ends.slice(),
        moved[0],
        moved[1],
        moved[2],
        adam.rates.slice(),
        adam.corrections.slice(),
        adam.beta1,
        adam.beta2,
        adam.epsilon,
        adam.keep,
        maxGradientNorm ?? Infinity,
      ),
    );
    deliver(moved[0], theta);
    deliver(moved[1], adam.mean);
    deliver(moved[2], adam.square);
  }

  close(): void {
    if (this.#arguments.closed) return;
    this.#arguments.close();
    this.#network.close();
  }

  /** Observations in a set, which is checked to be this engine's. */
  #count(data: LoadedObservations): number {
    this.#arguments.open();
    return NativeObservations.of(data, this).count;
  }

  #handle(data: LoadedObservations): ObservationsHandle {
    return NativeObservations.of(data, this).handle;
  }

  #lasting(observations: ObservationArray, count: number): ObservationArray {
    if (inSharedMemory(observations)) return observations;
    const type = this.#layout.spec.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
    return copyArray(observations, type, count * this.#layout.inputSize);
  }

  #isShort(passes: number): boolean {
    return this.#pending === 0 && passes * this.#forwardCost <= SHORT;
  }

  /** Nothing is pending: at once, on this thread. */
  async #now(
    given: Float32Array | undefined,
    length: number,
    operation: (own: Float32Array) => void,
  ): Promise<Float32Array> {
    // Nobody can take the caller's memory away meanwhile.
    const out = given ?? newResult(length);
    await this.#run(async () => operation(out));
    return out;
  }

  /** Off the main thread, into an array that nobody else has until it is done. */
  #later(
    given: Float32Array | undefined,
    length: number,
    operation: (own: Float32Array) => Promise<void>,
  ): Promise<Float32Array> {
    const own = newResult(length);
    if (given === undefined) return this.#enqueue(() => operation(own), own);
    return this.#enqueue(async () => {
      await operation(own);
      deliver(own, given);
    }, given);
  }

  /** Runs after everything asked for before; resolves with `result`. */
  #enqueue<T>(operation: () => Promise<void>, result?: T): Promise<T> {
    this.#pending++;
    const start = this.#pending === 1 ? this.#run(operation) : this.#tail.then(() => this.#run(operation));
    const done = start.finally(() => this.#pending--);
    this.#tail = done.catch(() => undefined);
    return done.then(() => result as T);
  }

  async #run(operation: () => Promise<void>): Promise<void> {
    this.#arguments.open();
    try {
      await operation();
    } catch (error) {
      if (this.#arguments.closed) throw new ClosedError('the network engine');
      if (error instanceof Error && error.message === 'std::bad_alloc') {
        throw new MemoryError('no memory for the computation', {
          hint: 'Take fewer observations at a time',
          cause: error,
        });
      }
      throw error;
    }
  }
}
