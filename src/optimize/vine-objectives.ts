import { eachChunk } from '../base/chunks.js';
import { ArgumentError } from '../base/errors.js';
import { exp } from '../base/math.js';
import type { Distribution } from '../policy/types.js';
import type { ActionSet } from './action-set.js';
import type { Objective } from './objectives.js';

/** A vine batch's actions: K consecutive ones for each state, in the order of the states. */
export interface BranchSet extends ActionSet {
  /** [A] log of the density (or probability) each action was drawn from */
  readonly logQ: Float32Array;
}

/**
 * The self-normalised estimator of Eq. 17: mean over states of Σ_k w_k Q_k / Σ_k w_k with w_k = π_θ(a_k|s) / q(a_k|s).
 * Its gradient does not change when a constant is added to a state's Q values.
 * @param q estimated Q of each action [A], as rewards: to be maximised
 */
export function selfNormalizedSurrogate(distribution: Distribution, set: BranchSet, q: Float64Array): Objective {
  return perState(distribution, set, (logProb, first, weights) => {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < weights.length; k++) top = Math.max(top, logProb[k] - set.logQ[first + k]);
    let total = 0;
    let sum = 0;
    for (let k = 0; k < weights.length; k++) {
      weights[k] = exp(logProb[k] - set.logQ[first + k] - top);
      total += weights[k];
      sum += weights[k] * q[first + k];
    }
    const value = sum / total;
    for (let k = 0; k < weights.length; k++) weights[k] *= (q[first + k] - value) / total;
    return value;
  });
}

/**
 * The full sum over a small finite action set, Eq. 16: mean over states of Σ_a π_θ(a|s) Q(s, a), where every state's
 * actions are all actions once each.
 */
export function fullActionSurrogate(distribution: Distribution, set: BranchSet, q: Float64Array): Objective {
  return perState(distribution, set, (logProb, first, weights) => {
    let value = 0;
    for (let k = 0; k < weights.length; k++) {
      weights[k] = exp(logProb[k]) * q[first + k];
      value += weights[k];
    }
    return value;
  });
}

/**
 * Builds an objective that is a mean over states.
 * @param evaluate given the log probabilities of a state's K actions and the number of the first, returns the state's
 * value and writes its derivative in each log probability
 */
function perState(
  distribution: Distribution,
  set: BranchSet,
  evaluate: (logProb: Float64Array, first: number, weights: Float64Array) => number,
): Objective {
  const { actionSize: d } = distribution;
  const statesOf = (distParams: Float32Array) => distParams.length / distribution.distParamSize;
  const branches = (distParams: Float32Array) => {
    const count = set.actions.length / d;
    const k = count / statesOf(distParams);
    if (!Number.isInteger(k) || k < 1) {
      throw new ArgumentError(`${count} actions for ${statesOf(distParams)} states`, {
        expected: 'the same number of actions for every state',
      });
    }
    return k;
  };
  /** Rows of distParams for actions from … to: action i belongs to state floor(i / K). */
  const logProbs = (distParams: Float32Array, k: number, from: number, to: number) => {
    const rows = Int32Array.from({ length: (to - from) * k }, (_, i) => from + Math.floor(i / k));
    const actions = set.actions.subarray(from * k * d, to * k * d);
    return { rows, actions, logProb: distribution.logProb(distParams, actions, rows) };
  };
  return {
    async value(distParams, signal) {
      const states = statesOf(distParams);
      const k = branches(distParams);
      const weights = new Float64Array(k);
      let total = 0;
      await eachChunk(states, signal, (from, to) => {
        const { logProb } = logProbs(distParams, k, from, to);
        for (let s = from; s < to; s++) {
          total += evaluate(logProb.subarray((s - from) * k, (s - from + 1) * k), s * k, weights);
        }
      });
      return total / states;
    },
    async cotangents(distParams, signal) {
      const states = statesOf(distParams);
      const k = branches(distParams);
      const out = new Float32Array(distParams.length);
      await eachChunk(states, signal, (from, to) => {
        const { rows, actions, logProb } = logProbs(distParams, k, from, to);
        const weights = new Float64Array(logProb.length);
        for (let s = from; s < to; s++) {
          const at = (s - from) * k;
          evaluate(logProb.subarray(at, at + k), s * k, weights.subarray(at, at + k));
        }
        for (let i = 0; i < weights.length; i++) weights[i] /= states;
        distribution.addLogProbGradient(distParams, actions, weights, out, rows);
      });
      return out;
    },
  };
}
