import { exp, log } from '../base/math.js';
import { pacerOf } from '../base/scheduling.js';
import type { PathBatch } from '../rollout/types.js';
import { minimizeLbfgs } from './lbfgs.js';

export interface RepsDualOptions {
  /** ε, in nats */
  readonly epsilon: number;
  /** First η */
  readonly initialTemperature: number;
  readonly evaluations: number;
}

/** A `PathBatch`, as far as REPS reads it. */
export type RepsSamples = Pick<PathBatch, 'states' | 'observations' | 'rewards' | 'timeIndex'> & {
  readonly episodes: { readonly offsets: Int32Array };
};

/** η is kept above this. */
const LOWEST_TEMPERATURE = 1e-6;

/**
 * Weights exp(δ_i / η - max) of REPS, whose relative entropy to even ones is at most ε, δ = r + v · (φ(s') - φ(s)), with η and v the minimum of the dual
 * g(η, v) = η ε + η log mean exp(δ / η). Features φ: observations clipped to ±10, their squares, time / 100 to the powers
 * 1 to 3, and 1; zero after a path's end.
 * @returns null if there are no such weights
 */
export async function repsWeights(
  batch: RepsSamples,
  options: RepsDualOptions,
  signal?: AbortSignal,
): Promise<Float64Array | null> {
  const pacer = pacerOf(signal);
  const { states, rewards } = batch;
  const { differences, size } = featureDifferences(batch);
  const bellman = new Float64Array(states);
  /** Fills `bellman` and returns its largest value. */
  const errors = (v: Float64Array) => {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < states; i++) {
      let sum = rewards[i];
      for (let j = 0; j < size; j++) sum += differences[i * size + j] * v[j];
      bellman[i] = sum;
      if (sum > top) top = sum;
    }
    return top;
  };
  const dual = async (x: Float64Array) => {
    const temperature = Math.max(x[0], LOWEST_TEMPERATURE);
    const top = errors(x.subarray(1));
    let total = 0;
    let weightedError = 0;
    const gradient = new Float64Array(size + 1);
    for (let i = 0; i < states; i++) {
      const weight = exp((bellman[i] - top) / temperature);
      total += weight;
      weightedError += weight * bellman[i];
      for (let j = 0; j < size; j++) gradient[j + 1] += weight * differences[i * size + j];
    }
    for (let j = 1; j <= size; j++) gradient[j] /= total;
    const logMean = top / temperature + log(total / states);
    gradient[0] = options.epsilon + logMean - weightedError / total / temperature;
    if (pacer.due()) await pacer.pause();
    return { value: temperature * (options.epsilon + logMean), gradient };
  };
  const start = new Float64Array(size + 1);
  start[0] = log(options.initialTemperature);
  // The dual is searched over log η, which keeps η positive without a bound.
  const result = await minimizeLbfgs(
    async (x) => {
      const point = Float64Array.from(x);
      point[0] = exp(x[0]);
      const { value, gradient } = await dual(point);
      gradient[0] *= point[0];
      return { value, gradient };
    },
    start,
    { maxEvaluations: options.evaluations },
  );
  const top = errors(result.x.subarray(1));
  const weightsAt = (temperature: number) => bellman.map((error) => exp((error - top) / temperature));
  return weightsWithin(options.epsilon, Math.max(exp(result.x[0]), LOWEST_TEMPERATURE), weightsAt);
}

/** Halvings of the interval in which the temperature is looked for. */
const HALVINGS = 60;

/**
 * Weights whose relative entropy to even ones is at most ε. At the dual's minimum it is; a search that ended elsewhere is
 * put right by a higher temperature, at which weights are always more even.
 * @returns null if no temperature makes it so: the errors are not finite
 */
function weightsWithin(
  epsilon: number,
  lowest: number,
  weightsAt: (temperature: number) => Float64Array,
): Float64Array | null {
  const weights = weightsAt(lowest);
  if (relativeEntropy(weights) <= epsilon) return weights;
  let [low, high] = [lowest, lowest];
  do high *= 16;
  while (relativeEntropy(weightsAt(high)) > epsilon);
  if (!(relativeEntropy(weightsAt(high)) <= epsilon)) return null;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low) * Math.sqrt(high);
    if (relativeEntropy(weightsAt(middle)) <= epsilon) high = middle;
    else low = middle;
  }
  return weightsAt(high);
}

/** Of weights to even ones, in nats. */
export function relativeEntropy(weights: Float64Array): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (const weight of weights) if (weight > 0) sum += weight * log((weight / total) * weights.length);
  return sum / total;
}

/** φ(s') - φ(s) of every step [S × size]; φ of what follows a path's last step is zero. */
function featureDifferences({ states, observations, timeIndex, episodes }: RepsSamples) {
  const width = observations.length / states;
  const size = 2 * width + 4;
  const features = new Float64Array((states + 1) * size);
  for (let i = 0; i < states; i++) {
    const at = i * size;
    for (let j = 0; j < width; j++) {
      const clipped = Math.max(-10, Math.min(10, observations[i * width + j]));
      features[at + j] = clipped;
      features[at + width + j] = clipped * clipped;
    }
    const time = timeIndex[i] / 100;
    features.set([time, time ** 2, time ** 3, 1], at + 2 * width);
  }
  const last = new Set(Array.from(episodes.offsets.subarray(1), (end) => end - 1));
  const differences = new Float64Array(states * size);
  for (let i = 0; i < states; i++) {
    const next = last.has(i) ? states : i + 1;
    for (let j = 0; j < size; j++) differences[i * size + j] = features[next * size + j] - features[i * size + j];
  }
  return { differences, size };
}
