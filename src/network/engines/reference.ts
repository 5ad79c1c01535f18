import { ClosedError } from '../../base/errors.js';
import { isInstance } from '../../base/kinds.js';
import type { ObservationArray } from '../../env/types.js';
import { type NetworkLayout, networkLayout } from '../layout.js';
import type { LoadedObservations, Metric, NetworkEngine, NetworkSpec } from '../types.js';
import { checkIndices, checkStride, EngineArguments, newResult, ownObservations } from './arguments.js';
import { metricProduct } from './reference-metric.js';
import { ReferenceNetwork } from './reference-network.js';

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

  gather(indices: Int32Array): LoadedObservations {
    const rows = Array.from(checkIndices(indices, this.count), (index) => this.rows[index]);
    if (this.released) throw new ClosedError('the set of observations');
    return new ReferenceObservations(this.owner, rows);
  }

  release(): void {
    this.released = true;
  }
}

/**
 * The network engine written for reading, in double precision and TypeScript: what the fast engines are tested against.
 * One sample at a time, nothing kept between calls.
 */
export class ReferenceEngine implements NetworkEngine {
  readonly name = 'reference';
  readonly spec: NetworkSpec;
  readonly parameterCount: number;
  readonly outputSize: number;
  private readonly layout: NetworkLayout;
  private readonly check: EngineArguments;
  private readonly network: ReferenceNetwork;
  private readonly theta: Float64Array;

  constructor(spec: NetworkSpec) {
    this.layout = networkLayout(spec);
    this.spec = this.layout.spec;
    this.parameterCount = this.layout.parameterCount;
    this.outputSize = this.layout.outputSize;
    this.check = new EngineArguments(this.layout);
    this.network = new ReferenceNetwork(this.layout);
    this.theta = new Float64Array(this.parameterCount);
  }

  async setTheta(theta: Float32Array): Promise<void> {
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
      const trace = this.network.forward(theta, this.network.scaled(observations, i));
      out.set(this.network.row(trace, theta), i * this.outputSize);
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
    rows.forEach((row, i) => {
      out.set(this.network.row(this.network.forward(this.theta, row), this.theta), i * this.outputSize);
    });
    return out;
  }

  async jvp(data: LoadedObservations, v: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const rows = this.rows(data);
    const direction = Float64Array.from(this.check.direction(v));
    const out = this.check.rowsOut(given, rows.length);
    rows.forEach((row, i) => {
      const trace = this.network.forward(this.theta, row);
      out.set(this.network.row(this.network.tangent(this.theta, direction, trace), direction), i * this.outputSize);
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
      const trace = this.network.forward(this.theta, row);
      this.network.pullback(this.theta, trace, cotangents.subarray(i * m, (i + 1) * m), gradient);
    });
    out.set(gradient);
    return out;
  }

  async inputGradient(data: LoadedObservations, cotangents: Float32Array, given?: Float32Array): Promise<Float32Array> {
    const m = this.outputSize;
    const { inputSize } = this.layout;
    const rows = this.rows(data);
    this.check.cotangents(cotangents, rows.length);
    const out = this.check.inputsOut(given, rows.length);
    const unused = new Float64Array(this.parameterCount);
    rows.forEach((row, i) => {
      const trace = this.network.forward(this.theta, row);
      const scaled = this.network.pullback(this.theta, trace, cotangents.subarray(i * m, (i + 1) * m), unused);
      out.set(this.network.unscaled(row, scaled), i * inputSize);
    });
    return out;
  }

  async fisherVectorProduct(
    data: LoadedObservations,
    v: Float32Array,
    metric: Metric,
    weights?: Float32Array,
  ): Promise<Float32Array> {
    const { network, theta } = this;
    const rows = this.rows(data);
    const checked = this.check.metric(metric, rows.length);
    const direction = Float64Array.from(this.check.direction(v));
    this.check.weights(weights, rows.length);
    const sum = new Float64Array(this.parameterCount);
    rows.forEach((row, i) => {
      const trace = network.forward(theta, row);
      const tangent = network.row(network.tangent(theta, direction, trace), direction);
      const weight = (weights === undefined ? 1 : weights[i]) / rows.length;
      const product = metricProduct(checked, i, network.row(trace, theta), tangent);
      network.pullback(
        theta,
        trace,
        product.map((x) => weight * x),
        sum,
      );
    });
    const out = newResult(this.parameterCount);
    out.set(sum);
    return out;
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
        this.network.pullback(this.theta, trace, unit, gradient);
        out.set(gradient, (i * m + k) * this.parameterCount);
      }
    });
    return out;
  }

  close(): void {
    this.check.close();
  }

  private rows(data: LoadedObservations): readonly Float64Array[] {
    this.check.open();
    const own = ownObservations(
      data,
      (given): given is ReferenceObservations => isInstance(given, ReferenceObservations) && given.owner === this,
    );
    if (own.released) throw new ClosedError('the set of observations');
    return own.rows;
  }
}
