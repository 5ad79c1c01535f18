import { pacerOf } from '../base/scheduling.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Distribution } from '../policy/types.js';
import type { PathBatch } from '../rollout/types.js';
import type { Vector } from './vectors.js';

type Product = (v: Float32Array) => Promise<Vector>;

/** Observations whose Jacobians are held at the same time. */
const BLOCK = 256;

/** d log π(a|s) / d distribution parameters at every k-th sample of a batch of paths [n × m]. */
export function scoreGradients(distribution: Distribution, batch: PathBatch, every: number): Float32Array {
  const { distParamSize: m, actionSize: d } = distribution;
  const count = Math.ceil(batch.states / every);
  const distParams = new Float32Array(count * m);
  const actions = distribution.makeActions(count);
  for (let i = 0; i < count; i++) {
    distParams.set(batch.distParams.subarray(i * every * m, (i * every + 1) * m), i * m);
    actions.set(batch.actions.subarray(i * every * d, (i * every + 1) * d), i * d);
  }
  const out = new Float32Array(count * m);
  distribution.addLogProbGradient(distParams, actions, new Float64Array(count).fill(1), out);
  return out;
}

/**
 * The covariance of per-sample score gradients g_i = J_i' score_i as a matrix-free product:
 * C v = 1/n Σ g_i (g_i · v) - ḡ (ḡ · v), one forward and one backward pass.
 */
export async function covarianceProduct(
  engine: NetworkEngine,
  data: LoadedObservations,
  scores: Float32Array,
  _signal?: AbortSignal,
): Promise<Product> {
  const n = data.count;
  const m = scores.length / n;
  const mean = await engine.vjp(
    data,
    scores.map((score) => score / n),
  );
  return async (v) => {
    const tangents = await engine.jvp(data, v);
    const cotangents = new Float32Array(scores.length);
    for (let i = 0; i < n; i++) {
      let along = 0;
      for (let j = i * m; j < (i + 1) * m; j++) along += scores[j] * tangents[j];
      for (let j = i * m; j < (i + 1) * m; j++) cotangents[j] = (scores[j] * along) / n;
    }
    const product = Float64Array.from(await engine.vjp(data, cotangents));
    let along = 0;
    for (let i = 0; i < v.length; i++) along += mean[i] * v[i];
    for (let i = 0; i < v.length; i++) product[i] -= mean[i] * along;
    return product;
  };
}

/** The same covariance as a dense P × P matrix in double precision, built from the network's Jacobian. */
export async function covarianceMatrix(
  engine: NetworkEngine,
  data: LoadedObservations,
  scores: Float32Array,
  signal?: AbortSignal,
): Promise<Product> {
  const pacer = pacerOf(signal);
  const n = data.count;
  const m = scores.length / n;
  const size = engine.parameterCount;
  const jacobian = await engine.jacobian(data);
  const matrix = new Float64Array(size * size);
  const mean = new Float64Array(size);
  const gradient = new Float64Array(size);
  for (let i = 0; i < n; i++) {
    gradient.fill(0);
    for (let k = 0; k < m; k++) {
      const score = scores[i * m + k];
      const at = (i * m + k) * size;
      for (let p = 0; p < size; p++) gradient[p] += score * jacobian[at + p];
    }
    for (let p = 0; p < size; p++) {
      const scaled = gradient[p] / n;
      mean[p] += scaled;
      if (scaled !== 0) for (let q = 0; q <= p; q++) matrix[p * size + q] += scaled * gradient[q];
    }
    if (i % BLOCK === 0 && pacer.due()) await pacer.pause();
  }
  for (let p = 0; p < size; p++) {
    for (let q = 0; q <= p; q++) {
      matrix[p * size + q] -= mean[p] * mean[q];
      matrix[q * size + p] = matrix[p * size + q];
    }
  }
  return async (v) => {
    const product = new Float64Array(size);
    for (let p = 0; p < size; p++) for (let q = 0; q < size; q++) product[p] += matrix[p * size + q] * v[q];
    return product;
  };
}
