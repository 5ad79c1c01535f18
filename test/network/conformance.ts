import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReferenceEngine } from '../../src/network/engines/reference.js';
import { networkLayout } from '../../src/network/layout.js';
import type { LoadedObservations, Metric, NetworkEngine, NetworkSpec } from '../../src/network/types.js';
import { draws } from './draws.js';
import { atari, atariSizes, type Sample, samples } from './specs.js';

/** Relative error (Euclidean norm) at most 1e-4 and cosine at least 0.99999: what single precision leaves. */
export function assertClose(actual: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let difference = 0;
  let dot = 0;
  let squareA = 0;
  let squareE = 0;
  for (let i = 0; i < actual.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    dot += actual[i] * expected[i];
    squareA += actual[i] ** 2;
    squareE += expected[i] ** 2;
  }
  const error = Math.sqrt(difference / squareE);
  assert.ok(error <= 1e-4, `${what}: relative error ${error}`);
  const cosine = dot / Math.sqrt(squareA * squareE);
  assert.ok(cosine >= 0.99999, `${what}: cosine ${cosine}`);
}

/** θ with weights that keep activations in their interesting range. */
export function trialParameters(spec: NetworkSpec, stream: number): Float32Array {
  const layout = networkLayout(spec);
  const theta = draws(layout.parameterCount, stream).map((x) => 0.3 * x);
  for (const layer of layout.layers) {
    if (layer.biasCount === 0) continue;
    const scale = 3 / Math.sqrt(layer.weightCount / layer.biasCount);
    for (let i = layer.weightOffset; i < layer.biasOffset; i++) theta[i] *= scale;
  }
  return theta;
}

export function trialObservations(spec: NetworkSpec, count: number, stream: number): Float32Array | Uint8Array {
  const values = draws(count * networkLayout(spec).inputSize, stream);
  return spec.inputType === 'uint8' ? Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x))) : values;
}

interface Trial {
  engine: NetworkEngine;
  data: LoadedObservations;
}

async function prepare(
  engine: NetworkEngine,
  theta: Float32Array,
  observations: Float32Array | Uint8Array,
  n: number,
): Promise<Trial> {
  await engine.setTheta(theta);
  return { engine, data: await engine.load(observations, n) };
}

/** What every network engine must do; `make` builds the engine under test. */
export function engineConformance(name: string, make: (spec: NetworkSpec) => Promise<NetworkEngine>): void {
  const large: Sample = { spec: atari, metric: () => ({ kind: 'categorical', sizes: atariSizes }) };
  for (const [title, { spec, metric }] of Object.entries({ ...samples, 'the Atari network': large })) {
    describe(`${name}: ${title}`, () => {
      const n = spec === atari ? 5 : 37;
      const theta = trialParameters(spec, 1);
      const observations = trialObservations(spec, n, 2);

      async function compare(
        what: string,
        compute: (trial: Trial) => Promise<Float32Array>,
        parameters = theta,
      ): Promise<void> {
        const reference = await prepare(new ReferenceEngine(spec), parameters, observations, n);
        const tested = await prepare(await make(spec), parameters, observations, n);
        try {
          assertClose(await compute(tested), await compute(reference), what);
        } finally {
          tested.data.release();
          tested.engine.close();
        }
      }

      test('outputs', async () => {
        await compare('evaluate', ({ engine, data }) => engine.evaluate(data));
        await compare('forward', ({ engine }) => engine.forward(observations, n));
      });
      test('forward with parameters of their own', async () => {
        const thetas = Float32Array.from(
          Array.from({ length: n }, (_, i) => [...trialParameters(spec, 50 + i)]).flat(),
        );
        await compare('forwardEach', ({ engine }) => engine.forwardEach(thetas, observations, n));
      });
      test('tangents and pullbacks', async () => {
        const v = draws(theta.length, 3);
        await compare('jvp', ({ engine, data }) => engine.jvp(data, v));
        const cotangents = draws(n * networkLayout(spec).outputSize, 4);
        await compare('vjp', ({ engine, data }) => engine.vjp(data, cotangents));
      });
      test('gradients in the inputs', async () => {
        const cotangents = draws(n * networkLayout(spec).outputSize, 11);
        await compare('inputGradient', ({ engine, data }) => engine.inputGradient(data, cotangents));
      });
      test('Fisher-vector product, weighted too', async () => {
        const v = draws(theta.length, 5);
        const weights = draws(n, 6).map(Math.abs);
        const third = Math.ceil(n / 3);
        await compare('product', ({ engine, data }) => engine.fisherVectorProduct(data, v, metric(n)));
        await compare('weighted', ({ engine, data }) => engine.fisherVectorProduct(data, v, metric(n), weights));
        await compare('subset', ({ engine, data }) => engine.fisherVectorProduct(data.subset(3), v, metric(third)));
      });
      test('observations by number, any number of times', async () => {
        const numbers = Int32Array.from({ length: 2 * n }, (_, i) => (i * 7 + Math.floor(i / n)) % n);
        const m = networkLayout(spec).outputSize;
        const cotangents = draws(numbers.length * m, 12);
        await compare('evaluate', ({ engine, data }) => engine.evaluate(data.gather(numbers)));
        await compare('vjp', ({ engine, data }) => engine.vjp(data.gather(numbers), cotangents));
        await compare('of a subset', ({ engine, data }) => {
          return engine.evaluate(
            data
              .subset(2)
              .gather(Int32Array.of(1, 0, 1))
              .subset(2),
          );
        });
        const engine = await make(spec);
        await engine.setTheta(theta);
        const data = await engine.load(observations, n);
        const all = await engine.evaluate(data);
        const some = await engine.evaluate(data.gather(Int32Array.of(3, 1, 3)));
        assertClose(some, Float32Array.from([3, 1, 3].flatMap((i) => [...all.subarray(i * m, (i + 1) * m)])), 'rows');
        engine.close();
      });
      test('results follow the parameters', async () => {
        const v = draws(theta.length, 7);
        await compare('after a change', async ({ engine, data }) => {
          await engine.fisherVectorProduct(data, v, metric(n));
          await engine.setTheta(trialParameters(spec, 8));
          return engine.fisherVectorProduct(data, v, metric(n));
        });
      });
      if (spec !== atari) {
        test('Jacobian', async () => {
          await compare('jacobian', ({ engine, data }) => engine.jacobian(data.subset(9)));
        });
        test('finite differences and the dense Fisher matrix', () =>
          againstDefinitions(make, spec, metric(n), theta, observations, n));
      }
    });
  }
}

/** The engine against nothing but definitions: differences of outputs, and F = mean of J^T M J written out. */
async function againstDefinitions(
  make: (spec: NetworkSpec) => Promise<NetworkEngine>,
  spec: NetworkSpec,
  metric: Metric,
  theta: Float32Array,
  observations: Float32Array | Uint8Array,
  n: number,
): Promise<void> {
  const reference = new ReferenceEngine(spec);
  const { engine, data } = await prepare(await make(spec), theta, observations, n);
  const P = theta.length;
  const m = engine.outputSize;
  const v = draws(P, 9).map((x) => x / Math.sqrt(P));
  // Central differences of the double-precision engine; a step of 2^-9 keeps what float32 outputs round below 1e-3.
  const step = 2 ** -9;
  const shifted = async (sign: number) => {
    const moved = await prepare(
      reference,
      theta.map((x, i) => x + sign * step * v[i]),
      observations,
      n,
    );
    return reference.evaluate(moved.data);
  };
  const [up, down] = [await shifted(1), await shifted(-1)];
  const tangent = await engine.jvp(data, v);
  const differences = up.map((x, i) => (x - down[i]) / (2 * step));
  const scale = Math.hypot(...differences);
  const error = Math.hypot(...differences.map((x, i) => x - tangent[i])) / scale;
  // relu has kinks that a finite step crosses.
  assert.ok(error < (spec.layers.some((l) => l.activation === 'relu') ? 2e-2 : 2e-3), `jvp: error ${error}`);

  const jacobian = await engine.jacobian(data);
  const outputs = await engine.evaluate(data);
  const dense = new Float64Array(P);
  for (let i = 0; i < n; i++) {
    const rows = jacobian.subarray(i * m * P, (i + 1) * m * P);
    const jv = Float32Array.from({ length: m }, (_, k) =>
      rows.subarray(k * P, (k + 1) * P).reduce((s, x, p) => s + x * v[p], 0),
    );
    const matrix = metricMatrix(metric, i, outputs.subarray(i * m, (i + 1) * m));
    for (let k = 0; k < m; k++) {
      const product = jv.reduce((sum, x, j) => sum + matrix[k * m + j] * x, 0);
      for (let p = 0; p < P; p++) dense[p] += (rows[k * P + p] * product) / n;
    }
  }
  assertClose(await engine.fisherVectorProduct(data, v, metric), Float32Array.from(dense), 'dense Fisher matrix');
  const cotangents = draws(n * m, 10);
  const gradient = new Float64Array(P);
  for (let row = 0; row < n * m; row++) {
    for (let p = 0; p < P; p++) gradient[p] += jacobian[row * P + p] * cotangents[row];
  }
  assertClose(await engine.vjp(data, cotangents), Float32Array.from(gradient), 'J^T c');
  if (observations instanceof Float32Array) {
    const inputs = await engine.inputGradient(data, cotangents);
    const differences = await inputDifferences(reference, theta, observations, n, cotangents);
    const error = Math.hypot(...differences.map((x, i) => x - inputs[i])) / Math.hypot(...differences);
    // Kinks of relu and of clipped inputs.
    const kinks = spec.inputScaling !== null || spec.layers.some((l) => l.activation === 'relu');
    assert.ok(error < (kinks ? 5e-2 : 2e-3), `gradient in the inputs: error ${error}`);
  }
  engine.close();
}

/** M of one observation, written out [m × m]. */
function metricMatrix(metric: Metric, row: number, outputs: Float32Array): Float64Array {
  const m = outputs.length;
  const out = new Float64Array(m * m);
  const diagonal = (value: (i: number) => number) => {
    for (let i = 0; i < m; i++) out[i * m + i] = value(i);
  };
  if (metric.kind === 'identity') diagonal(() => 1);
  if (metric.kind === 'gaussian') diagonal((i) => (i < m / 2 ? Math.exp(-2 * outputs[i + m / 2]) : 2));
  if (metric.kind === 'diagonal') {
    diagonal((i) => metric.weights[(metric.weights.length === m ? 0 : row * m) + i]);
  }
  if (metric.kind === 'dense') out.set(metric.weights.subarray(row * m * m, (row + 1) * m * m));
  if (metric.kind === 'categorical') {
    let at = 0;
    for (const size of metric.sizes) {
      const exponentials = Array.from(outputs.subarray(at, at + size), Math.exp);
      const total = exponentials.reduce((a, b) => a + b, 0);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const [p, q] = [exponentials[i] / total, exponentials[j] / total];
          out[(at + i) * m + at + j] = (i === j ? p : 0) - p * q;
        }
      }
      at += size;
    }
  }
  return out;
}

/** Central differences of cotangents · outputs in each number of each observation. */
async function inputDifferences(
  reference: ReferenceEngine,
  theta: Float32Array,
  observations: Float32Array,
  n: number,
  cotangents: Float32Array,
): Promise<Float64Array> {
  await reference.setTheta(theta);
  const size = observations.length / n;
  const m = cotangents.length / n;
  const step = 2 ** -9;
  const out = new Float64Array(observations.length);
  for (let j = 0; j < size; j++) {
    const moved = (sign: number) => observations.map((x, i) => (i % size === j ? x + sign * step : x));
    const up = await reference.forward(moved(1), n);
    const down = await reference.forward(moved(-1), n);
    for (let i = 0; i < n; i++) {
      for (let k = i * m; k < (i + 1) * m; k++) out[i * size + j] += ((up[k] - down[k]) * cotangents[k]) / (2 * step);
    }
  }
  return out;
}
