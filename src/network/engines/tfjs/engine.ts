import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { ClosedError, DependencyError } from '../../../base/errors.js';
import { isInstance } from '../../../base/kinds.js';
import type { ObservationArray } from '../../../env/types.js';
import { copyArray } from '../../../native/arrays.js';
import { type NetworkLayout, networkLayout } from '../../layout.js';
import type { LoadedObservations, Metric, NetworkEngine, NetworkSpec } from '../../types.js';
import { deliver, EngineArguments, newResult, ownObservations } from '../arguments.js';
import { loadTensorFlow, type TensorFlow } from './backend.js';
import { metricProduct } from './metric.js';
import { type LayerTensors, TfjsNetwork, type Value } from './network.js';
import { TfjsObservations } from './observations.js';

const OTHER_ENGINES = 'Use the engine native, tfjs:tfjs-node or tfjs:cpu';

/** Activations of one chunk may take about this many numbers. */
const CHUNK_NUMBERS = 2 ** 25;

/**
 * The network engine on TensorFlow.js: J v in forward mode, J' c by its gradients, so no second-order differentiation.
 * Work is cut into chunks of observations; results are read without blocking. Exempt from bit-for-bit determinism.
 */
export class TfjsEngine implements NetworkEngine {
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly network: TfjsNetwork;
  private theta: Float32Array;
  private parameters: LayerTensors;
  /** Calls wait for the one before. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly check: EngineArguments;
  readonly spec: NetworkSpec;

  private constructor(
    readonly name: string,
    private readonly tf: TensorFlow,
    private readonly layout: NetworkLayout,
  ) {
    const { spec } = layout;
    this.spec = spec;
    this.check = new EngineArguments(layout);
    this.parameterCount = layout.parameterCount;
    this.outputSize = layout.outputSize;
    this.network = new TfjsNetwork(tf, layout);
    this.theta = new Float32Array(this.parameterCount);
    this.parameters = this.network.parameters(this.theta);
  }

  /** @param backend one of `tfjsBackendNames`; default: the best installed */
  static async create(spec: NetworkSpec, backend?: string): Promise<TfjsEngine> {
    const layout = networkLayout(spec);
    const loaded = await loadTensorFlow(backend);
    if (layout.spec.layers.some((layer) => layer.kind === 'conv2d')) needKernels(loaded.tf, loaded.backend);
    return new TfjsEngine(`tfjs:${loaded.backend}`, loaded.tf, layout);
  }

  async setTheta(theta: Float32Array): Promise<void> {
    const copy = copyArray(this.check.theta(theta), 'Float32Array', this.layout.parameterCount);
    await this.enqueue(async () => {
      this.tf.dispose(this.parameters);
      this.theta = copy;
      this.parameters = this.network.parameters(copy);
    });
  }

  async forward(observations: ObservationArray, count: number, out?: Float32Array): Promise<Float32Array> {
    const data = await this.load(observations, count);
    try {
      return await this.evaluate(data, out);
    } finally {
      data.release();
    }
  }

  async forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    given?: Float32Array,
  ): Promise<Float32Array> {
    const size = this.parameterCount;
    const width = this.layout.inputSize;
    const rows = this.copied(observations, count);
    const copies = copyArray(this.check.thetas(thetas, count), 'Float32Array', count * size);
    return this.rowsInto(given, count, async (out) => {
      for (let i = 0; i < count; i++) {
        const theta = copies.subarray(i * size, (i + 1) * size);
        const result = this.tf.tidy(() => {
          const inputs = this.network.inputs(rows.subarray(i * width, (i + 1) * width), 1);
          return this.network.forward(this.network.parameters(theta), inputs);
        });
        await this.emit(result, theta, out, i);
      }
    });
  }

  async load(observations: ObservationArray, count: number): Promise<LoadedObservations> {
    return new TfjsObservations(this.network, this.copied(observations, count), count, this.layout.inputSize);
  }

  async evaluate(data: LoadedObservations, given?: Float32Array): Promise<Float32Array> {
    const own = this.own(data);
    return this.rowsInto(given, own.count, (out) =>
      this.eachChunk(own, async (inputs, from) => {
        const outputs = this.tf.tidy(() => this.network.forward(this.parameters, inputs));
        await this.emit(outputs, this.theta, out, from);
      }),
    );
  }

  async jvp(data: LoadedObservations, v: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const own = this.own(data);
    const along = this.direction(v);
    return this.rowsInto(given, own.count, async (out) => {
      const direction = this.network.parameters(along);
      try {
        await this.eachChunk(own, async (inputs, from) => {
          const tangents = this.tf.tidy(() => {
            return this.network.tangent(this.parameters, direction, this.network.trace(this.parameters, inputs));
          });
          await this.emit(tangents, along, out, from);
        });
      } finally {
        this.tf.dispose(direction);
      }
    });
  }

  async vjp(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const m = this.outputSize;
    const own = this.own(data);
    const rows = copyArray(this.check.cotangents(cotangents, own.count), 'Float32Array', own.count * m);
    if (given !== undefined) this.check.parametersOut(given);
    return this.enqueue(async () => {
      const out = newResult(this.parameterCount);
      await this.sumGradients(own, out, (inputs, from, count) => {
        const part = this.tf.tensor2d(rows.slice(from * m, (from + count) * m), [count, m]);
        return this.gradient(this.network.trace(this.parameters, inputs), part);
      });
      return deliver(out, given);
    });
  }

  async inputGradient(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const { outputSize: m, inputSize, emittedSize } = this.layout;
    const own = this.own(data);
    const rows = copyArray(this.check.cotangents(cotangents, own.count), 'Float32Array', own.count * m);
    if (given !== undefined) this.check.inputsOut(given, own.count);
    return this.enqueue(async () => {
      const out = newResult(own.count * inputSize);
      await this.eachChunk(own, async (inputs, from, count) => {
        const gradient = this.tf.tidy(() => {
          const part = this.tf.tensor2d(rows.slice(from * m, (from + count) * m), [count, m]);
          const trace = this.network.trace(this.parameters, inputs);
          const heads = this.tf.slice(part, [0, 0], [-1, emittedSize]);
          return this.network.pullback(this.parameters, trace, heads, 'inputs');
        });
        out.set(await gradient.data<'float32'>(), from * inputSize);
        gradient.dispose();
      });
      return deliver(out, given);
    });
  }

  async fisherVectorProduct(
    data: LoadedObservations,
    v: Float32Array,
    metric: Metric,
    weights?: Float32Array,
  ): Promise<Float32Array> {
    const own = this.own(data);
    const n = own.count;
    const checked = this.check.metric(metric, n);
    const copied = {
      ...checked,
      weights: checked.weights && copyArray(checked.weights, 'Float32Array', checked.weights.length),
    };
    const along = this.direction(v);
    const given = this.check.weights(weights, n);
    const factors = given && copyArray(given, 'Float32Array', n);
    return this.enqueue(async () => {
      const direction = this.network.parameters(along);
      const out = newResult(this.parameterCount);
      try {
        await this.sumGradients(own, out, (inputs, from, count) => {
          const trace = this.network.trace(this.parameters, inputs);
          const outputs = this.whole(this.network.outputs(trace), this.theta);
          const tangents = this.whole(this.network.tangent(this.parameters, direction, trace), along);
          let rows = this.tf.div(metricProduct(this.tf, copied, from, outputs, tangents), n) as Tensor2D;
          if (factors !== null) {
            rows = this.tf.mul(rows, this.tf.tensor2d(factors.slice(from, from + count), [count, 1]));
          }
          return this.gradient(trace, rows);
        });
      } finally {
        this.tf.dispose(direction);
      }
      return out;
    });
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const size = this.parameterCount;
    const out = newResult(this.own(data).count * this.outputSize * size);
    const unit = new Float32Array(size);
    for (let p = 0; p < size; p++) {
      unit[p] = 1;
      const column = await this.jvp(data, unit);
      for (let row = 0; row < column.length; row++) out[row * size + p] = column[row];
      unit[p] = 0;
    }
    return out;
  }

  close(): void {
    if (this.check.closed) return;
    this.check.close();
    void this.queue.then(() => this.tf.dispose(this.parameters));
  }

  /** Rows [n × m] of what the heads give beside the state-independent numbers of `theta`. */
  private whole(heads: Tensor2D, theta: Float32Array): Tensor2D {
    const { tf } = this;
    const own = theta.slice(this.layout.stateIndependentOffset);
    if (own.length === 0) return heads;
    return tf.concat([heads, tf.tile(tf.tensor2d(own, [1, own.length]), [heads.shape[0], 1])], 1);
  }

  /** Gradient [P] of rows [n × m] of cotangents. */
  private gradient(trace: readonly Value[], cotangents: Tensor2D): Tensor {
    const { tf } = this;
    const { emittedSize } = this.layout;
    const heads = tf.slice(cotangents, [0, 0], [-1, emittedSize]);
    const layers = this.network.pullback(this.parameters, trace, heads, 'gradient');
    if (emittedSize === this.outputSize) return layers;
    return tf.concat([layers, tf.sum(tf.slice(cotangents, [0, emittedSize], [-1, -1]), 0)]);
  }

  /** Adds up gradients [P] over chunks and reads them into `out`. */
  private async sumGradients(
    data: TfjsObservations,
    out: Float32Array,
    gradient: (inputs: Tensor, from: number, count: number) => Tensor,
  ): Promise<void> {
    const { tf } = this;
    let sum: Tensor = tf.zeros([this.parameterCount]);
    await this.eachChunk(data, async (inputs, from, count) => {
      const next = tf.tidy(() => tf.add(sum, gradient(inputs, from, count)));
      sum.dispose();
      sum = next;
    });
    out.set(await sum.data<'float32'>());
    sum.dispose();
  }

  private async eachChunk(
    data: TfjsObservations,
    body: (inputs: Tensor, from: number, count: number) => Promise<void>,
  ): Promise<void> {
    const perRow = this.layout.layers.reduce((sum, layer) => sum + 2 * layer.outputSize, this.layout.inputSize);
    await data.eachChunk(Math.max(32, Math.floor(CHUNK_NUMBERS / perRow)), body);
  }

  /** Reads what the heads gave into rows of `out`, with the state-independent numbers of `theta` beside it; disposes. */
  private async emit(values: Tensor, theta: Float32Array, out: Float32Array, row: number): Promise<void> {
    const read = await values.data();
    values.dispose();
    const { emittedSize: emitted, outputSize: m } = this.layout;
    const own = theta.subarray(this.layout.stateIndependentOffset);
    for (let i = 0; i < read.length / emitted; i++) {
      for (let k = 0; k < emitted; k++) out[(row + i) * m + k] = read[i * emitted + k];
      out.set(own, (row + i) * m + emitted);
    }
  }

  /** A set of observations of this engine's. */
  private own(data: LoadedObservations): TfjsObservations {
    this.check.open();
    const own = ownObservations(
      data,
      (given): given is TfjsObservations => isInstance(given, TfjsObservations) && given.network === this.network,
    );
    if (own.released) throw new ClosedError('the set of observations');
    return own;
  }

  /** v and observations as they are when the call is made: they may be changed or detached while it waits. */
  private direction(v: Float32Array): Float32Array {
    return copyArray(this.check.direction(v), 'Float32Array', this.layout.parameterCount);
  }

  private copied(observations: ObservationArray, count: number): ObservationArray {
    this.check.observations(observations, count);
    const type = this.layout.spec.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
    return copyArray(observations, type, count * this.layout.inputSize);
  }

  /** Rows of outputs that `work` fills in. */
  private rowsInto(
    given: Float32Array | undefined,
    count: number,
    work: (out: Float32Array) => Promise<void>,
  ): Promise<Float32Array> {
    if (given !== undefined) this.check.rowsOut(given, count);
    const out = newResult(count * this.outputSize);
    return this.enqueue(async () => {
      await work(out);
      return deliver(out, given);
    });
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.check.closed) return Promise.reject(new ClosedError('the network engine'));
    const result = this.queue.then(work).catch((error: unknown) => {
      throw lackingKernel(error, this.name) ?? error;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }
}

/** The typed error for what tfjs says when a backend has no kernel for an operation; null for other errors. */
function lackingKernel(error: unknown, engine: string): DependencyError | null {
  const kernel = /Kernel '(\w+)' not registered/.exec(error instanceof Error ? error.message : '')?.[1];
  if (kernel === undefined) return null;
  return new DependencyError(`engine "${engine}" has no kernel ${kernel}, which this network needs`, {
    value: kernel,
    hint: OTHER_ENGINES,
    cause: error,
  });
}

/** Convolutions need kernels that not every backend has. @throws DependencyError naming those that lack */
function needKernels(tf: TensorFlow, backend: string): void {
  const present = new Set(tf.getKernelsForBackend(tf.getBackend()).map(({ kernelName }) => kernelName));
  const lacking = ['Conv2D', 'Conv2DBackpropInput'].filter((kernel) => !present.has(kernel));
  if (lacking.length === 0) return;
  throw new DependencyError(`tfjs backend "${backend}" cannot train convolutions: it has no ${lacking.join(', ')}`, {
    value: backend,
    hint: OTHER_ENGINES,
  });
}
