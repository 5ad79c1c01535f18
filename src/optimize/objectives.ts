import { eachChunk } from '../base/chunks.js';
import { ArgumentError } from '../base/errors.js';
import { exp } from '../base/math.js';
import type { Pacer } from '../base/scheduling.js';
import type { ActionArray } from '../env/types.js';
import type { Distribution } from '../policy/types.js';
import { checkActionSet, checkRows } from './arguments.js';

/**
 * A scalar function of the policy's distribution parameters at a batch's states, to be **maximised**: its value and its
 * gradient in those parameters. The engine's vjp carries the gradient on to θ. New objectives (Eq. 16, Eq. 17, value
 * loss) are further implementations of this interface.
 */
export interface Objective {
  /** @param parameters [S × m] */
  value(parameters: Float32Array, pacer?: Pacer): Promise<number>;
  /** d value / d parameters [S × m], freshly allocated. @param parameters [S × m] */
  cotangents(parameters: Float32Array, pacer?: Pacer): Promise<Float32Array>;
}

/** Actions taken in a batch's states: a `PathBatch` or a `BranchBatch`, as far as an objective reads it. */
export interface ActionSet {
  /** [A × act] */
  readonly actions: ActionArray;
  /** [A]; default: action i belongs to state i */
  readonly stateOfAction?: Int32Array | undefined;
}

/** Per chunk of actions: parameters (or their gradient), actions and row numbers that belong together. */
function slices(distribution: Distribution, set: ActionSet, parameters: Float32Array, from: number, to: number) {
  const { actionSize: d, parameterSize: m } = distribution;
  const rows = set.stateOfAction === undefined ? null : set.stateOfAction.subarray(from, to);
  const window = (array: Float32Array) => (rows === null ? array.subarray(from * m, to * m) : array);
  return { rows, actions: set.actions.subarray(from * d, to * d), parameters: window(parameters), window };
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
  const weighted = (parameters: Float32Array, from: number, to: number) => {
    const slice = slices(distribution, set, parameters, from, to);
    const weights = distribution.logProb(slice.parameters, slice.actions, slice.rows);
    for (let i = from; i < to; i++) {
      weights[i - from] = (exp(weights[i - from] - set.logQ[i]) * advantages[i]) / count;
    }
    return { slice, weights };
  };
  return {
    async value(parameters, pacer) {
      let total = 0;
      await eachChunk(count, pacer, (from, to) => {
        const { weights } = weighted(parameters, from, to);
        for (let i = 0; i < weights.length; i++) total += weights[i];
      });
      return total;
    },
    async cotangents(parameters, pacer) {
      const out = new Float32Array(parameters.length);
      await eachChunk(count, pacer, (from, to) => {
        const { slice, weights } = weighted(parameters, from, to);
        distribution.addLogProbGradient(slice.parameters, slice.actions, weights, slice.window(out), slice.rows);
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
    async value(parameters, pacer) {
      let total = 0;
      await eachChunk(count, pacer, (from, to) => {
        const slice = slices(distribution, set, parameters, from, to);
        const logProb = distribution.logProb(slice.parameters, slice.actions, slice.rows);
        for (let i = from; i < to; i++) total += weight(i) * logProb[i - from];
      });
      return total;
    },
    async cotangents(parameters, pacer) {
      const out = new Float32Array(parameters.length);
      await eachChunk(count, pacer, (from, to) => {
        const slice = slices(distribution, set, parameters, from, to);
        const scaled = Float64Array.from({ length: to - from }, (_, i) => weight(from + i));
        distribution.addLogProbGradient(slice.parameters, slice.actions, scaled, slice.window(out), slice.rows);
      });
      return out;
    },
  };
}

/** Minus the mean over states of KL(old || π_θ): an objective whose maximum is the old policy. @param old [S × m] */
export function negativeMeanKl(distribution: Distribution, old: Float32Array): Objective {
  const count = old.length / distribution.parameterSize;
  return {
    async value(parameters, pacer) {
      return -(await klDivergence(distribution, old, parameters, pacer)).mean;
    },
    async cotangents(parameters, pacer) {
      const out = new Float32Array(parameters.length);
      const m = distribution.parameterSize;
      await eachChunk(count, pacer, (from, to) => {
        const window = (array: Float32Array) => array.subarray(from * m, to * m);
        distribution.addKlGradient(window(old), window(parameters), -1 / count, window(out));
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
  pacer?: Pacer,
): Promise<{ mean: number; max: number }> {
  const count = checkRows(distribution, old, 'old');
  const others = checkRows(distribution, current, 'current');
  if (others !== count) {
    throw new ArgumentError(`current has ${others} rows`, { value: others, expected: `${count}, as old` });
  }
  const m = distribution.parameterSize;
  let total = 0;
  let max = 0;
  await eachChunk(count, pacer, (from, to) => {
    const kl = distribution.kl(old.subarray(from * m, to * m), current.subarray(from * m, to * m));
    for (let i = 0; i < kl.length; i++) {
      total += kl[i];
      // Not Math.max: NaN must show.
      if (!(kl[i] <= max)) max = kl[i];
    }
  });
  return { mean: total / count, max };
}

/** Mean over states of the entropy in nats. @param parameters [S × m] */
export async function meanEntropy(
  distribution: Distribution,
  parameters: Float32Array,
  pacer?: Pacer,
): Promise<number> {
  const count = checkRows(distribution, parameters, 'parameters');
  const m = distribution.parameterSize;
  let total = 0;
  await eachChunk(count, pacer, (from, to) => {
    const entropy = distribution.entropy(parameters.subarray(from * m, to * m));
    for (let i = 0; i < entropy.length; i++) total += entropy[i];
  });
  return total / count;
}
