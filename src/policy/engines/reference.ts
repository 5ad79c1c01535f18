import { ArgumentError, ClosedError } from '../../base/errors.js';
import type { ObservationArray } from '../../env/types.js';
import { type Distribution, makeDistribution } from '../distribution.js';
import { type PolicyLayout, policyLayout } from '../network.js';
import type { LoadedObservations, PolicyEngine, PolicySpec } from '../types.js';
import { ReferenceNetwork, type Trace } from './reference-network.js';

/** Keeps scaled observations; a subset shares them. */
class ReferenceObservations implements LoadedObservations {
  constructor(
    readonly rows: readonly Float64Array[],
    readonly count = rows.length,
  ) {}

  subset(every: number): LoadedObservations {
    if (!Number.isSafeInteger(every) || every < 1) {
      throw new ArgumentError('subset stride', { value: every, expected: 'a positive integer' });
    }
    return new ReferenceObservations(this.rows.filter((_, i) => i % every === 0));
  }

  release(): void {}
}

/**
 * The policy engine written for reading, in double precision and TypeScript: what the fast engines are tested against.
 * One sample at a time, nothing kept between calls.
 */
export class ReferenceEngine implements PolicyEngine {
  readonly name = 'reference';
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly layout: PolicyLayout;
  private readonly network: ReferenceNetwork;
  private readonly distribution: Distribution;
  private readonly theta: Float64Array;
  private closed = false;

  constructor(readonly spec: PolicySpec) {
    this.layout = policyLayout(spec);
    this.parameterCount = this.layout.parameterCount;
    this.outputSize = this.layout.outputSize;
    this.network = new ReferenceNetwork(spec, this.layout);
    this.distribution = makeDistribution(spec.distribution);
    this.theta = new Float64Array(this.parameterCount);
  }

  async setParameters(theta: Float32Array): Promise<void> {
    this.check(theta.length === this.parameterCount, 'θ', theta.length, this.parameterCount);
    this.theta.set(theta);
  }

  async forward(observations: ObservationArray, count: number, out?: Float32Array): Promise<Float32Array> {
    return this.evaluate(await this.load(observations, count), out);
  }

  async forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    out: Float32Array = new Float32Array(count * this.outputSize),
  ): Promise<Float32Array> {
    const P = this.parameterCount;
    this.check(thetas.length >= count * P, 'thetas', thetas.length, count * P);
    for (let i = 0; i < count; i++) {
      const theta = Float64Array.from(thetas.subarray(i * P, (i + 1) * P));
      this.emit(theta, this.network.forward(theta, this.network.scaled(observations, i)).output, out, i);
    }
    return out;
  }

  async load(observations: ObservationArray, count: number): Promise<ReferenceObservations> {
    this.check(
      observations.length >= count * this.layout.inputSize,
      'observations',
      observations.length,
      count * this.layout.inputSize,
    );
    return new ReferenceObservations(Array.from({ length: count }, (_, i) => this.network.scaled(observations, i)));
  }

  async evaluate(
    data: LoadedObservations,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    for (const [i, row] of this.rows(data).entries()) {
      this.emit(this.theta, this.network.forward(this.theta, row).output, out, i);
    }
    return out;
  }

  async jvp(
    data: LoadedObservations,
    v: Float32Array,
    out: Float32Array = new Float32Array(data.count * this.outputSize),
  ): Promise<Float32Array> {
    this.check(v.length === this.parameterCount, 'v', v.length, this.parameterCount);
    const direction = Float64Array.from(v);
    this.rows(data).forEach((row, i) => {
      const trace = this.network.forward(this.theta, row);
      this.emit(direction, this.network.tangent(this.theta, direction, trace), out, i);
    });
    return out;
  }

  async vjp(
    data: LoadedObservations,
    cotangents: Float32Array,
    out: Float32Array = new Float32Array(this.parameterCount),
  ): Promise<Float32Array> {
    const m = this.outputSize;
    this.check(cotangents.length === data.count * m, 'cotangents', cotangents.length, data.count * m);
    const gradient = new Float64Array(this.parameterCount);
    this.rows(data).forEach((row, i) => {
      this.pull(this.network.forward(this.theta, row), cotangents.subarray(i * m, (i + 1) * m), gradient);
    });
    out.set(gradient);
    return out;
  }

  async fisherVectorProduct(data: LoadedObservations, v: Float32Array, weights?: Float32Array): Promise<Float32Array> {
    const m = this.outputSize;
    const parameters = await this.evaluate(data);
    const cotangents = this.distribution.fisherProduct(parameters, await this.jvp(data, v));
    for (let i = 0; i < cotangents.length; i++) {
      cotangents[i]! *= (weights === undefined ? 1 : weights[Math.floor(i / m)]!) / data.count;
    }
    return this.vjp(data, cotangents);
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const m = this.outputSize;
    const out = new Float32Array(data.count * m * this.parameterCount);
    this.rows(data).forEach((row, i) => {
      const trace = this.network.forward(this.theta, row);
      for (let k = 0; k < m; k++) {
        const unit = new Float64Array(m);
        unit[k] = 1;
        const gradient = new Float64Array(this.parameterCount);
        this.pull(trace, unit, gradient);
        out.set(gradient, (i * m + k) * this.parameterCount);
      }
    });
    return out;
  }

  close(): void {
    this.closed = true;
  }

  /** A row of distribution parameters (or of their tangents): the network's outputs, then the log std of `theta`. */
  private emit(theta: Float64Array, outputs: Float64Array, out: Float32Array, row: number): void {
    out.set(outputs, row * this.outputSize);
    out.set(theta.subarray(this.layout.logStdOffset), row * this.outputSize + outputs.length);
  }

  private pull(trace: Trace, cotangents: ArrayLike<number>, gradient: Float64Array): void {
    const emitted = trace.output.length;
    this.network.pullback(
      this.theta,
      trace,
      Float64Array.from({ length: emitted }, (_, k) => cotangents[k]!),
      gradient,
    );
    for (let k = emitted; k < this.outputSize; k++) gradient[this.layout.logStdOffset + k - emitted]! += cotangents[k]!;
  }

  private rows(data: LoadedObservations): readonly Float64Array[] {
    if (this.closed) throw new ClosedError('the policy engine');
    if (!(data instanceof ReferenceObservations)) {
      throw new ArgumentError('observations of another engine', { expected: 'what load() of this engine returned' });
    }
    return data.rows;
  }

  private check(fits: boolean, what: string, value: number, expected: number): void {
    if (this.closed) throw new ClosedError('the policy engine');
    if (!fits) throw new ArgumentError(`${what}: length ${value}`, { value, expected: `${expected}` });
  }
}
