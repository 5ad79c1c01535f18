import { ClosedError } from '../../base/errors.js';
import type { ObservationArray } from '../../env/types.js';
import { type Distribution, makeDistribution } from '../distribution.js';
import { type PolicyLayout, policyLayout } from '../network.js';
import type { LoadedObservations, PolicyEngine, PolicySpec } from '../types.js';
import { checkStride, EngineArguments, newResult, ownObservations } from './arguments.js';
import { ReferenceNetwork, type Trace } from './reference-network.js';

/** Keeps scaled observations; a subset shares them. */
class ReferenceObservations implements LoadedObservations {
  released = false;

  constructor(
    readonly owner: ReferenceEngine,
    readonly rows: readonly Float64Array[],
    readonly count = rows.length,
  ) {}

  subset(every: number): LoadedObservations {
    checkStride(every);
    if (this.released) throw new ClosedError('the set of observations');
    return new ReferenceObservations(
      this.owner,
      this.rows.filter((_, i) => i % every === 0),
    );
  }

  release(): void {
    this.released = true;
  }
}

/**
 * The policy engine written for reading, in double precision and TypeScript: what the fast engines are tested against.
 * One sample at a time, nothing kept between calls.
 */
export class ReferenceEngine implements PolicyEngine {
  readonly name = 'reference';
  readonly spec: PolicySpec;
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly layout: PolicyLayout;
  private readonly check: EngineArguments;
  private readonly network: ReferenceNetwork;
  private readonly distribution: Distribution;
  private readonly theta: Float64Array;

  constructor(spec: PolicySpec) {
    this.layout = policyLayout(spec);
    this.spec = this.layout.spec;
    this.parameterCount = this.layout.parameterCount;
    this.outputSize = this.layout.outputSize;
    this.check = new EngineArguments(this.layout);
    this.network = new ReferenceNetwork(this.spec, this.layout);
    this.distribution = makeDistribution(this.spec.distribution);
    this.theta = new Float64Array(this.parameterCount);
  }

  async setParameters(theta: Float32Array): Promise<void> {
    this.theta.set(this.check.theta(theta));
  }

  async forward(observations: ObservationArray, count: number, out?: Float32Array): Promise<Float32Array> {
    return this.evaluate(await this.load(observations, count), out);
  }

  async forwardEach(
    thetas: Float32Array,
    observations: ObservationArray,
    count: number,
    given?: Float32Array,
  ): Promise<Float32Array> {
    const P = this.parameterCount;
    this.check.observations(observations, count);
    this.check.thetas(thetas, count);
    const out = this.check.rowsOut(given, count);
    for (let i = 0; i < count; i++) {
      const theta = Float64Array.from(thetas.subarray(i * P, (i + 1) * P));
      this.emit(theta, this.network.forward(theta, this.network.scaled(observations, i)).output, out, i);
    }
    return out;
  }

  async load(observations: ObservationArray, count: number): Promise<LoadedObservations> {
    this.check.observations(observations, count);
    const rows = Array.from({ length: count }, (_, i) => this.network.scaled(observations, i));
    return new ReferenceObservations(this, rows);
  }

  async evaluate(data: LoadedObservations, given?: Float32Array): Promise<Float32Array> {
    const rows = this.rows(data);
    const out = this.check.rowsOut(given, rows.length);
    for (const [i, row] of rows.entries()) this.emit(this.theta, this.network.forward(this.theta, row).output, out, i);
    return out;
  }

  async jvp(data: LoadedObservations, v: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const rows = this.rows(data);
    const direction = Float64Array.from(this.check.direction(v));
    const out = this.check.rowsOut(given, rows.length);
    rows.forEach((row, i) => {
      const trace = this.network.forward(this.theta, row);
      this.emit(direction, this.network.tangent(this.theta, direction, trace), out, i);
    });
    return out;
  }

  async vjp(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const m = this.outputSize;
    const rows = this.rows(data);
    this.check.cotangents(cotangents, rows.length);
    const out = this.check.parametersOut(given);
    const gradient = new Float64Array(this.parameterCount);
    rows.forEach((row, i) => {
      this.pull(this.network.forward(this.theta, row), cotangents.subarray(i * m, (i + 1) * m), gradient);
    });
    out.set(gradient);
    return out;
  }

  async fisherVectorProduct(data: LoadedObservations, v: Float32Array, weights?: Float32Array): Promise<Float32Array> {
    const m = this.outputSize;
    this.rows(data);
    this.check.direction(v);
    this.check.weights(weights, data.count);
    const parameters = await this.evaluate(data);
    const cotangents = this.distribution.fisherProduct(parameters, await this.jvp(data, v));
    for (let i = 0; i < cotangents.length; i++) {
      cotangents[i]! *= (weights === undefined ? 1 : weights[Math.floor(i / m)]!) / data.count;
    }
    return this.vjp(data, cotangents);
  }

  async jacobian(data: LoadedObservations): Promise<Float32Array> {
    const m = this.outputSize;
    const rows = this.rows(data);
    const out = newResult(rows.length * m * this.parameterCount);
    rows.forEach((row, i) => {
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
    this.check.close();
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
    this.check.open();
    const own = ownObservations(
      data,
      (given): given is ReferenceObservations => given instanceof ReferenceObservations && given.owner === this,
    );
    if (own.released) throw new ClosedError('the set of observations');
    return own.rows;
  }
}
