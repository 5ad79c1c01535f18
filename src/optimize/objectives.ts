import { eachChunk } from '../base/chunks.js';
import { ArgumentError } from '../base/errors.js';
import { exp } from '../base/math.js';
import type { Distribution } from '../policy/types.js';
import { type ActionSet, slices } from './action-set.js';
import { checkActionSet, checkRows } from './arguments.js';

/**
 * A scalar function of the policy's distribution parameters at a batch's states, to be **maximised**: its value and its
 * gradient in those. The engine's vjp carries the gradient on to θ. New objectives (Eq. 16, Eq. 17, value
 * loss) are further implementations of this interface.
 */
export interface Objective {
  /** @param distParams [S × m] */
  value(distParams: Float32Array, signal?: AbortSignal): Promise<number>;
  /** d value / d distParams [S × m], freshly allocated. @param distParams [S × m] */
  cotangents(distParams: Float32Array, signal?: AbortSignal): Promise<Float32Array>;
}

/**
 * The importance-sampled surrogate of Eq. 14 with q the density the actions were drawn from:
 * L(θ) = 1/A Σ exp(log π_θ(a|s) - log q(a|s)) · advantage.
 * @param logQ [A]
 * @param advantages [A]
 * @throws ArgumentError
 */
export function importanceSampledSurrogate(
  distribution: Distribution,
  set: ActionSet & { readonly logQ: Float32Array },
  advantages: Float64Array,
): Objective {
  const { logQ } = set ?? {};
  const count = checkActionSet(distribution, set, [
    ['logQ', 'Float32Array', logQ],
    ['advantages', 'Float64Array', advantages],
  ]);
  const weighted = (distParams: Float32Array, from: number, to: number) => {
    const slice = slices(distribution, set, distParams, from, to);
    const weights = distribution.logProb(slice.distParams, slice.actions, slice.rows);
    for (let i = from; i < to; i++) {
      weights[i - from] = (exp(weights[i - from] - set.logQ[i]) * advantages[i]) / count;
    }
    return { slice, weights };
  };
  return {
    async value(distParams, signal) {
      let total = 0;
      await eachChunk(count, signal, (from, to) => {
        const { weights } = weighted(distParams, from, to);
        for (let i = 0; i < weights.length; i++) total += weights[i];
      });
      return total;
    },
    async cotangents(distParams, signal) {
      const out = new Float32Array(distParams.length);
      await eachChunk(count, signal, (from, to) => {
        const { slice, weights } = weighted(distParams, from, to);
        distribution.addLogProbGradient(slice.distParams, slice.actions, weights, slice.window(out), slice.rows);
      });
      return out;
    },
  };
}

/**
 * Weighted log-likelihood of the actions, 1/A Σ w log π_θ(a|s): maximum likelihood for w = 1, the policy gradient's
 * objective for w = advantage, reward-weighted regression for exponential weights.
 * @param weights [A]; default 1
 */
export function logLikelihood(distribution: Distribution, set: ActionSet, weights?: Float64Array): Objective {
  const count = checkActionSet(distribution, set, weights === undefined ? [] : [['weights', 'Float64Array', weights]]);
  const weight = (i: number) => (weights === undefined ? 1 : weights[i]) / count;
  return {
    async value(distParams, signal) {
      let total = 0;
      await eachChunk(count, signal, (from, to) => {
        const slice = slices(distribution, set, distParams, from, to);
        const logProb = distribution.logProb(slice.distParams, slice.actions, slice.rows);
        for (let i = from; i < to; i++) total += weight(i) * logProb[i - from];
      });
      return total;
    },
    async cotangents(distParams, signal) {
      const out = new Float32Array(distParams.length);
      await eachChunk(count, signal, (from, to) => {
        const slice = slices(distribution, set, distParams, from, to);
        const scaled = Float64Array.from({ length: to - from }, (_, i) => weight(from + i));
        distribution.addLogProbGradient(slice.distParams, slice.actions, scaled, slice.window(out), slice.rows);
      });
      return out;
    },
  };
}

/** Minus the mean over states of KL(old || π_θ): an objective whose maximum is the old policy. @param old [S × m] */
export function negativeMeanKl(distribution: Distribution, old: Float32Array): Objective {
  const count = old.length / distribution.distParamSize;
  return {
    async value(distParams, signal) {
      return -(await klDivergence(distribution, old, distParams, signal)).mean;
    },
    async cotangents(distParams, signal) {
      const out = new Float32Array(distParams.length);
      const m = distribution.distParamSize;
      await eachChunk(count, signal, (from, to) => {
        const window = (array: Float32Array) => array.subarray(from * m, to * m);
        distribution.addKlGradient(window(old), window(distParams), -1 / count, window(out));
      });
      return out;
    },
  };
}

/** Mean and maximum over states of KL(old || current). @param old [S × m] @param current [S × m] */
export async function klDivergence(
  distribution: Distribution,
  old: Float32Array,
  current: Float32Array,
  signal?: AbortSignal,
): Promise<{ mean: number; max: number }> {
  const count = checkRows(distribution, old, 'old');
  const others = checkRows(distribution, current, 'current');
  if (others !== count) {
    throw new ArgumentError(`current has ${others} rows`, { value: others, expected: `${count}, as old` });
  }
  const m = distribution.distParamSize;
  let total = 0;
  let max = 0;
  await eachChunk(count, signal, (from, to) => {
    const kl = distribution.kl(old.subarray(from * m, to * m), current.subarray(from * m, to * m));
    for (let i = 0; i < kl.length; i++) {
      total += kl[i];
      // Not Math.max: NaN must show.
      if (!(kl[i] <= max)) max = kl[i];
    }
  });
  return { mean: total / count, max };
}

/** Mean over states of the entropy in nats. @param distParams [S × m] */
export async function meanEntropy(
  distribution: Distribution,
  distParams: Float32Array,
  signal?: AbortSignal,
): Promise<number> {
  const count = checkRows(distribution, distParams, 'distParams');
  const m = distribution.distParamSize;
  let total = 0;
  await eachChunk(count, signal, (from, to) => {
    const entropy = distribution.entropy(distParams.subarray(from * m, to * m));
    for (let i = 0; i < entropy.length; i++) total += entropy[i];
  });
  return total / count;
}
