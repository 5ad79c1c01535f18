import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { ArgumentError, ClosedError, DependencyError } from '../../../base/errors.js';
import type { ObservationArray } from '../../../env/types.js';
import { type PolicyLayout, policyLayout } from '../../network.js';
import type { LoadedObservations, PolicyEngine, PolicySpec } from '../../types.js';
import { loadTensorFlow, type TensorFlow } from './backend.js';
import { type LayerTensors, outputsOf, TfjsNetwork } from './network.js';
import { TfjsObservations } from './observations.js';

const OTHER_ENGINES = 'Use --engine native, tfjs:tfjs-node or tfjs:cpu';

/** Activations of one chunk may take about this many numbers. */
const CHUNK_NUMBERS = 2 ** 25;

/**
 * The policy engine on TensorFlow.js: J v in forward mode, J' c by its gradients, so no second-order differentiation.
 * Work is cut into chunks of observations; results are read without blocking. Exempt from bit-for-bit determinism.
 */
export class TfjsEngine implements PolicyEngine {
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly network: TfjsNetwork;
  private theta: Float32Array;
  private parameters: LayerTensors;
  /** Calls wait for the one before. */
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  private constructor(
    readonly name: string,
    readonly spec: PolicySpec,
    private readonly tf: TensorFlow,
    private readonly layout: PolicyLayout,
  ) {
    this.parameterCount = layout.parameterCount;
    this.outputSize = layout.outputSize;
    this.network = new TfjsNetwork(tf, spec, layout);
    this.theta = new Float32Array(this.parameterCount);
    this.parameters = this.network.parameters(this.theta);
  }

  /** @param backend one of `tfjsBackendNames`; default: the best installed */
  static async create(spec: PolicySpec, backend?: string): Promise<TfjsEngine> {
    const loaded = await loadTensorFlow(backend);
    if (spec.network.layers.some((layer) => layer.kind === 'conv2d')) needKernels(loaded.tf, loaded.backend);
    return new TfjsEngine(`tfjs:${loaded.backend}`, spec, loaded.tf, policyLayout(spec));
  }

  setParameters(theta: Float32Array): Promise<void> {
    this.check(theta.length === this.parameterCount, 'θ', theta.length, this.parameterCount);
    const copy = theta.slice();
    return this.enqueue(async () => {
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

  forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    out: Float32Array = new Float32Array(count * this.outputSize),
  ): Promise<Float32Array> {
    const size = this.parameterCount;
    this.check(thetas.length >= count * size, 'thetas', thetas.length, count * size);
    const width = this.layout.inputSize;
    return this.enqueue(async () => {
      for (let i = 0; i < count; i++) {
        const theta = thetas.slice(i * size, (i + 1) * size);
        const result = this.tf.tidy(() => {
          const inputs = this.network.inputs(observations.slice(i * width, (i + 1) * width), 1);
          return this.network.forward(this.network.parameters(theta), inputs);
        });
        await this.emit(result, theta, out, i);
      }
      return out;
    });
  }

  async load(observations: ObservationArray, count: number): Promise<TfjsObservations> {
    const size = count * this.layout.inputSize;
    this.check(observations.length >= size, 'observations', observations.length, size);
    return new TfjsObservations(this.network, observations.slice(0, size), count, this.layout.inputSize);
  }

  evaluate(
    data: LoadedObservations,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    return this.enqueue(async () => {
      await this.eachChunk(data, async (inputs, from) => {
        const outputs = this.tf.tidy(() => this.network.forward(this.parameters, inputs));
        await this.emit(outputs, this.theta, out, from);
      });
      return out;
    });
  }

  jvp(
    data: LoadedObservations,
    v: Float32Array,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    this.check(v.length === this.parameterCount, 'v', v.length, this.parameterCount);
    return this.enqueue(async () => {
      const direction = this.network.parameters(v);
      try {
        await this.eachChunk(data, async (inputs, from) => {
          const tangents = this.tf.tidy(() => {
            return this.network.tangent(this.parameters, direction, this.network.trace(this.parameters, inputs));
          });
          await this.emit(tangents, v, out, from);
        });
      } finally {
        this.tf.dispose(direction);
      }
      return out;
    });
  }

  vjp(
    data: LoadedObservations,
    cotangents: Float32Array,
    out: Float32Array = new Float32Array(this.parameterCount),
  ): Promise<Float32Array> {
    const m = this.outputSize;
    this.check(cotangents.length === data.count * m, 'cotangents', cotangents.length, data.count * m);
    return this.enqueue(async () => {
      const emitted = this.emitted;
      const logStd = new Float64Array(m - emitted);
      for (let i = 0; i < data.count; i++) {
        for (let k = emitted; k < m; k++) logStd[k - emitted] += cotangents[i * m + k];
      }
      await this.sumGradients(data, out, (inputs, from, count) => {
        const rows = this.tf.tensor2d(cotangents.slice(from * m, (from + count) * m), [count, m]);
        const trace = this.network.trace(this.parameters, inputs);
        return this.network.pullback(this.parameters, trace, this.tf.slice(rows, [0, 0], [count, emitted]));
      });
      out.set(logStd, this.layout.logStdOffset);
      return out;
    });
  }

  fisherVectorProduct(data: LoadedObservations, v: Float32Array, weights?: Float32Array): Promise<Float32Array> {
    this.check(v.length === this.parameterCount, 'v', v.length, this.parameterCount);
    const n = data.count;
    return this.enqueue(async () => {
      const direction = this.network.parameters(v);
      const out: Float32Array = new Float32Array(this.parameterCount);
      try {
        await this.sumGradients(data, out, (inputs, from, count) => {
          const trace = this.network.trace(this.parameters, inputs);
          const tangents = this.network.tangent(this.parameters, direction, trace);
          let rows = this.tf.div(this.metric(outputsOf(trace), tangents), n);
          if (weights !== undefined) {
            rows = this.tf.mul(rows, this.tf.tensor2d(weights.slice(from, from + count), [count, 1]));
          }
          return this.network.pullback(this.parameters, trace, rows);
        });
      } finally {
        this.tf.dispose(direction);
      }
      const mean = weights === undefined ? 1 : weights.reduce((sum, weight) => sum + weight, 0) / n;
      for (let k = this.layout.logStdOffset; k < v.length; k++) out[k] = 2 * mean * v[k];
      return out;
    });
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const m = this.outputSize;
    const size = this.parameterCount;
    const out: Float32Array = new Float32Array(data.count * m * size);
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
    if (this.closed) return;
    this.closed = true;
    void this.queue.then(() => this.tf.dispose(this.parameters));
  }

  /** Outputs of the network itself; the rest of a row are log standard deviations. */
  private get emitted(): number {
    return this.outputSize - (this.parameterCount - this.layout.logStdOffset);
  }

  /** Fisher matrix of the distribution times tangents, for the network's outputs. */
  private metric(outputs: Tensor2D, tangents: Tensor2D): Tensor {
    const { tf } = this;
    const { distribution } = this.spec;
    if (distribution.kind === 'gaussian') {
      const precision = this.theta.slice(this.layout.logStdOffset).map((logStd) => Math.exp(-2 * logStd));
      return tf.mul(tangents, tf.tensor1d(precision));
    }
    let at = 0;
    const factors = distribution.sizes.map((size) => {
      const p = tf.softmax(tf.slice(outputs, [0, at], [-1, size]));
      const t = tf.slice(tangents, [0, at], [-1, size]);
      at += size;
      return tf.mul(p, tf.sub(t, tf.sum(tf.mul(p, t), 1, true)));
    });
    return tf.concat(factors, 1);
  }

  /** Adds up the layers' gradients over chunks and reads them into `out`. */
  private async sumGradients(
    data: LoadedObservations,
    out: Float32Array,
    gradients: (inputs: Tensor, from: number, count: number) => Tensor[],
  ): Promise<void> {
    const { tf } = this;
    let sum: Tensor = tf.zeros([this.layout.logStdOffset]);
    await this.eachChunk(data, async (inputs, from, count) => {
      const next = tf.tidy(() => tf.add(sum, this.network.flatten(gradients(inputs, from, count))));
      sum.dispose();
      sum = next;
    });
    out.set(await sum.data<'float32'>());
    sum.dispose();
  }

  private async eachChunk(
    data: LoadedObservations,
    body: (inputs: Tensor, from: number, count: number) => Promise<void>,
  ): Promise<void> {
    if (!(data instanceof TfjsObservations) || data.network !== this.network) {
      throw new ArgumentError('observations of another engine', { expected: 'what load() of this engine returned' });
    }
    const perRow = this.layout.layers.reduce((sum, layer) => sum + 2 * layer.outputSize, this.layout.inputSize);
    await data.eachChunk(Math.max(32, Math.floor(CHUNK_NUMBERS / perRow)), body);
  }

  /** Reads network outputs (or tangents) into rows of `out`, with the log std of `theta` beside them; disposes. */
  private async emit(values: Tensor, theta: Float32Array, out: Float32Array, row: number): Promise<void> {
    const read = await values.data();
    values.dispose();
    const emitted = this.emitted;
    const m = this.outputSize;
    const logStd = theta.subarray(this.layout.logStdOffset);
    for (let i = 0; i < read.length / emitted; i++) {
      for (let k = 0; k < emitted; k++) out[(row + i) * m + k] = read[i * emitted + k];
      out.set(logStd, (row + i) * m + emitted);
    }
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(new ClosedError('the policy engine'));
    const result = this.queue.then(work).catch((error: unknown) => {
      throw lackingKernel(error, this.name) ?? error;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  private check(fits: boolean, what: string, value: number, expected: number): void {
    if (this.closed) throw new ClosedError('the policy engine');
    if (!fits) throw new ArgumentError(`${what}: length ${value}`, { value, expected: `${expected}` });
  }
}

/** The typed error for what tfjs says when a backend has no kernel for an operation; null for other errors. */
function lackingKernel(error: unknown, engine: string): DependencyError | null {
  const kernel = /Kernel '(\w+)' not registered/.exec(error instanceof Error ? error.message : '')?.[1];
  if (kernel === undefined) return null;
  return new DependencyError(`engine "${engine}" has no kernel ${kernel}, which this policy needs`, {
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
