import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normal } from '../../src/base/normal.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { ReferenceEngine } from '../../src/policy/engines/reference.js';
import { policyLayout } from '../../src/policy/network.js';
import type { LoadedObservations, PolicyEngine, PolicySpec } from '../../src/policy/types.js';
import { atari, samples } from './specs.js';

/** Relative error (Euclidean norm) at most 1e-4 and cosine at least 0.99999: what single precision leaves. */
export function assertClose(actual: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let difference = 0;
  let dot = 0;
  let squareA = 0;
  let squareE = 0;
  for (let i = 0; i < actual.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    dot += actual[i]! * expected[i]!;
    squareA += actual[i]! ** 2;
    squareE += expected[i]! ** 2;
  }
  const error = Math.sqrt(difference / squareE);
  assert.ok(error <= 1e-4, `${what}: relative error ${error}`);
  const cosine = dot / Math.sqrt(squareA * squareE);
  assert.ok(cosine >= 0.99999, `${what}: cosine ${cosine}`);
}

/** Normal draws, the same in every run. */
export function draws(count: number, stream: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => normal(stream, 0, 0, i));
}

/** θ with weights that keep activations in their interesting range. */
export function trialParameters(spec: PolicySpec, stream: number): Float32Array {
  const layout = policyLayout(spec);
  const theta = draws(layout.parameterCount, stream).map((x) => 0.3 * x);
  for (const layer of layout.layers) {
    const scale = 3 / Math.sqrt(layer.weightCount / layer.biasCount);
    for (let i = layer.weightOffset; i < layer.biasOffset; i++) theta[i]! *= scale;
  }
  return theta;
}

export function trialObservations(spec: PolicySpec, count: number, stream: number): Float32Array | Uint8Array {
  const values = draws(count * policyLayout(spec).inputSize, stream);
  return spec.network.inputType === 'uint8'
    ? Uint8Array.from(values, (x) => Math.max(0, Math.min(255, 128 + 60 * x)))
    : values;
}

interface Trial {
  engine: PolicyEngine;
  data: LoadedObservations;
}

async function prepare(
  engine: PolicyEngine,
  theta: Float32Array,
  observations: Float32Array | Uint8Array,
  n: number,
): Promise<Trial> {
  await engine.setParameters(theta);
  return { engine, data: await engine.load(observations, n) };
}

/** What every policy engine must do; `make` builds the engine under test. */
export function engineConformance(name: string, make: (spec: PolicySpec) => Promise<PolicyEngine>): void {
  const cases = { ...samples, 'the Atari network': atari };
  for (const [title, spec] of Object.entries(cases)) {
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
        const cotangents = draws(n * policyLayout(spec).outputSize, 4);
        await compare('vjp', ({ engine, data }) => engine.vjp(data, cotangents));
      });
      test('Fisher-vector product, weighted too', async () => {
        const v = draws(theta.length, 5);
        const weights = draws(n, 6).map(Math.abs);
        await compare('product', ({ engine, data }) => engine.fisherVectorProduct(data, v));
        await compare('weighted', ({ engine, data }) => engine.fisherVectorProduct(data, v, weights));
        await compare('subset', ({ engine, data }) => engine.fisherVectorProduct(data.subset(3), v));
      });
      test('results follow the parameters', async () => {
        const v = draws(theta.length, 7);
        await compare('after a change', async ({ engine, data }) => {
          await engine.fisherVectorProduct(data, v);
          await engine.setParameters(trialParameters(spec, 8));
          return engine.fisherVectorProduct(data, v);
        });
      });
      if (spec !== atari) {
        test('Jacobian', async () => {
          await compare('jacobian', ({ engine, data }) => engine.jacobian(data.subset(9)));
        });
        test('finite differences and the dense Fisher matrix', () =>
          againstDefinitions(make, spec, theta, observations, n));
      }
    });
  }
}

/** The engine against nothing but definitions: differences of outputs, and F = mean of J^T M J written out. */
async function againstDefinitions(
  make: (spec: PolicySpec) => Promise<PolicyEngine>,
  spec: PolicySpec,
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
      theta.map((x, i) => x + sign * step * v[i]!),
      observations,
      n,
    );
    return reference.evaluate(moved.data);
  };
  const [up, down] = [await shifted(1), await shifted(-1)];
  const tangent = await engine.jvp(data, v);
  const differences = up.map((x, i) => (x - down[i]!) / (2 * step));
  const scale = Math.hypot(...differences);
  const error = Math.hypot(...differences.map((x, i) => x - tangent[i]!)) / scale;
  // relu has kinks that a finite step crosses.
  assert.ok(error < (spec.network.layers.some((l) => l.activation === 'relu') ? 2e-2 : 2e-3), `jvp: error ${error}`);

  const jacobian = await engine.jacobian(data);
  const distribution = makeDistribution(spec.distribution);
  const parameters = await engine.evaluate(data);
  const dense = new Float64Array(P);
  for (let i = 0; i < n; i++) {
    const rows = jacobian.subarray(i * m * P, (i + 1) * m * P);
    const jv = Float32Array.from({ length: m }, (_, k) =>
      rows.subarray(k * P, (k + 1) * P).reduce((s, x, p) => s + x * v[p]!, 0),
    );
    const metric = distribution.fisherProduct(parameters.slice(i * m, (i + 1) * m), jv);
    for (let k = 0; k < m; k++) for (let p = 0; p < P; p++) dense[p]! += (rows[k * P + p]! * metric[k]!) / n;
  }
  assertClose(await engine.fisherVectorProduct(data, v), Float32Array.from(dense), 'dense Fisher matrix');
  const cotangents = draws(n * m, 10);
  const gradient = new Float64Array(P);
  for (let row = 0; row < n * m; row++) {
    for (let p = 0; p < P; p++) gradient[p]! += jacobian[row * P + p]! * cotangents[row]!;
  }
  assertClose(await engine.vjp(data, cotangents), Float32Array.from(gradient), 'J^T c');
  engine.close();
}
