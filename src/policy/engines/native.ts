import { availableParallelism } from 'node:os';
import { ArgumentError, ClosedError, MemoryError } from '../../base/errors.js';
import type { ObservationArray } from '../../env/types.js';
import {
  loadObservations,
  makePolicyNetwork,
  type NetworkDescription,
  nativeActivations,
  type ObservationsHandle,
  type PolicyNetworkHandle,
} from '../../native/policy-network.js';
import { type PolicyLayout, policyLayout } from '../network.js';
import type { EngineOptions, LoadedObservations, PolicyEngine, PolicySpec } from '../types.js';

/** Activations of one set of observations are kept for the next Fisher-vector product up to this many bytes. */
const KEEP_BYTES = 512 * 2 ** 20;
/** Multiply-adds of a forward pass that is worth leaving the main thread for (some ten milliseconds). */
const LONG_FORWARD = 5e8;
const LARGEST_JACOBIAN_BYTES = 4 * 2 ** 30;

class NativeObservations implements LoadedObservations {
  readonly handle: ObservationsHandle;
  released = false;

  constructor(
    readonly owner: NativeEngine,
    readonly array: ObservationArray,
    readonly count: number,
    readonly rowSize: number,
    readonly every: number,
  ) {
    this.handle = loadObservations(array, count, rowSize * every);
  }

  subset(every: number): LoadedObservations {
    if (!Number.isSafeInteger(every) || every < 1) {
      throw new ArgumentError('subset stride', { value: every, expected: 'a positive integer' });
    }
    return new NativeObservations(
      this.owner,
      this.array,
      Math.ceil(this.count / every),
      this.rowSize,
      this.every * every,
    );
  }

  release(): void {
    this.released = true;
    this.handle.release();
  }
}

/** The engine of native/network: float32 vector kernels on all cores, the same bits on every processor. */
export class NativeEngine implements PolicyEngine {
  readonly name = 'native';
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly layout: PolicyLayout;
  private readonly network: PolicyNetworkHandle;
  private readonly forwardCost: number;
  private pending = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    readonly spec: PolicySpec,
    options: EngineOptions = {},
  ) {
    this.layout = policyLayout(spec);
    this.parameterCount = this.layout.parameterCount;
    this.outputSize = this.layout.outputSize;
    this.forwardCost = this.layout.layers.reduce(
      (sum, layer) => sum + (layer.outputSize * layer.weightCount) / layer.biasCount,
      0,
    );
    const threads = options.threads ?? availableParallelism();
    if (!Number.isSafeInteger(threads) || threads < 1 || threads > 1024) {
      throw new ArgumentError('threads', { value: threads, expected: 'an integer from 1 to 1024' });
    }
    this.network = makePolicyNetwork(describe(spec, this.layout), threads, KEEP_BYTES);
  }

  async setParameters(theta: Float32Array): Promise<void> {
    this.check(theta, this.parameterCount, 'θ');
    if (this.pending === 0) this.network.setParameters(theta);
    else await this.enqueue(async () => this.network.setParameters(theta));
  }

  forward(observations: ObservationArray, count: number, given?: Float32Array): Promise<Float32Array> {
    try {
      this.checkObservations(observations, count);
      const out = given ?? new Float32Array(count * this.outputSize);
      this.check(out, count * this.outputSize, 'out');
      if (count * this.forwardCost > LONG_FORWARD) {
        return this.enqueue(() => this.network.forwardLater(observations, count, out), out);
      }
      if (this.pending > 0) return this.enqueue(async () => this.network.forward(observations, count, out), out);
      this.network.forward(observations, count, out);
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
    this.checkObservations(observations, count);
    const out = given ?? new Float32Array(count * this.outputSize);
    this.check(thetas, count * this.parameterCount, 'thetas');
    this.check(out, count * this.outputSize, 'out');
    if (this.pending > 0) {
      return this.enqueue(async () => this.network.forwardEach(thetas, observations, count, out), out);
    }
    this.network.forwardEach(thetas, observations, count, out);
    return out;
  }

  /** The observations stay where they are: the array must not change until `release()`. */
  async load(observations: ObservationArray, count: number): Promise<LoadedObservations> {
    this.checkObservations(observations, count);
    return new NativeObservations(this, observations, count, this.layout.inputSize, 1);
  }

  async evaluate(
    data: LoadedObservations,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    this.check(out, data.count * this.outputSize, 'out');
    return this.enqueue(() => this.network.evaluate(this.handle(data), out), out);
  }

  async jvp(
    data: LoadedObservations,
    v: Float32Array,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    this.check(v, this.parameterCount, 'v');
    this.check(out, data.count * this.outputSize, 'out');
    return this.enqueue(() => this.network.jvp(this.handle(data), v, out), out);
  }

  async vjp(
    data: LoadedObservations,
    cotangents: Float32Array,
    out: Float32Array = new Float32Array(this.parameterCount),
  ): Promise<Float32Array> {
    this.check(cotangents, data.count * this.outputSize, 'cotangents');
    this.check(out, this.parameterCount, 'out');
    return this.enqueue(() => this.network.vjp(this.handle(data), cotangents, out), out);
  }

  async fisherVectorProduct(data: LoadedObservations, v: Float32Array, weights?: Float32Array): Promise<Float32Array> {
    this.check(v, this.parameterCount, 'v');
    if (weights !== undefined) this.check(weights, data.count, 'weights');
    const out = new Float32Array(this.parameterCount);
    return this.enqueue(() => this.network.fisherVectorProduct(this.handle(data), v, weights ?? null, out), out);
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const size = data.count * this.outputSize * this.parameterCount;
    if (4 * size > LARGEST_JACOBIAN_BYTES) {
      throw new MemoryError(`a dense Jacobian of ${(size / 2 ** 28).toFixed(1)} GiB`, {
        value: size,
        expected: 'at most 4 GiB',
        hint: 'Take fewer observations or a smaller network',
      });
    }
    const out = new Float32Array(size);
    return this.enqueue(() => this.network.jacobian(this.handle(data), out), out);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.network.close();
  }

  /** Runs after everything asked for before; resolves with `result`. */
  private enqueue<T>(operation: () => Promise<void>, result?: T): Promise<T> {
    this.pending++;
    const start = this.pending === 1 ? this.run(operation) : this.tail.then(() => this.run(operation));
    const done = start.finally(() => this.pending--);
    this.tail = done.catch(() => undefined);
    return done.then(() => result as T);
  }

  private async run(operation: () => Promise<void>): Promise<void> {
    if (this.closed) throw new ClosedError('the policy engine');
    try {
      await operation();
    } catch (error) {
      throw this.closed ? new ClosedError('the policy engine') : error;
    }
  }

  private handle(data: LoadedObservations): ObservationsHandle {
    if (!(data instanceof NativeObservations) || data.owner !== this) {
      throw new ArgumentError('observations of another engine', { expected: 'what load() of this engine returned' });
    }
    if (data.released) throw new ClosedError('the set of observations');
    return data.handle;
  }

  private checkObservations(observations: ObservationArray, count: number): void {
    const bytes = this.spec.network.inputType === 'uint8';
    if (!(bytes ? observations instanceof Uint8Array : observations instanceof Float32Array)) {
      throw new ArgumentError('observations', { expected: bytes ? 'a Uint8Array' : 'a Float32Array' });
    }
    if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 31 - 1) {
      throw new ArgumentError('count', { value: count, expected: 'a number of observations' });
    }
    this.check(observations, count * this.layout.inputSize, 'observations');
  }

  private check(array: ObservationArray, length: number, what: string): void {
    if (this.closed) throw new ClosedError('the policy engine');
    if (array.length < length) {
      throw new ArgumentError(`${what}: too short`, { value: array.length, expected: `${length} elements` });
    }
  }
}

function describe(spec: PolicySpec, layout: PolicyLayout): NetworkDescription {
  const { inputShape, inputType, inputScaling } = spec.network;
  const [channels, height, width] = inputShape.length === 3 ? inputShape : [...inputShape, 1, 1];
  const spread = (values: Float32Array | number) =>
    typeof values === 'number' ? new Float32Array(layout.inputSize).fill(values) : values;
  const layers = spec.network.layers.flatMap((layer) => {
    const [height, width] = layer.kind === 'conv2d' ? layer.kernel : [0, 0];
    const [rows, columns] = layer.kind === 'conv2d' ? layer.stride : [1, 1];
    const units = layer.kind === 'conv2d' ? layer.filters : layer.units;
    return [units, height, width, rows, columns, nativeActivations[layer.activation]];
  });
  return {
    channels: channels!,
    height: height!,
    width: width!,
    bytes: inputType === 'uint8',
    layers: Int32Array.from(layers),
    offset: inputScaling === null ? new Float32Array(0) : spread(inputScaling.offset),
    factor: inputScaling === null ? new Float32Array(0) : spread(inputScaling.scale).map((x) => 1 / x),
    clip: inputScaling !== null && Number.isFinite(inputScaling.clip) ? inputScaling.clip : 0,
    sizes: Int32Array.from(spec.distribution.kind === 'categorical' ? spec.distribution.sizes : []),
  };
}
