import { eachChunk } from '../base/chunks.js';
import { ArgumentError } from '../base/errors.js';
import { exp } from '../base/math.js';
import type { Distribution } from '../policy/types.js';
import { type ActionSet, slices } from './action-set.js';
import { checkActionSet } from './arguments.js';
import type { Objective } from './objectives.js';

/** An objective that tells how much of it is clipped. */
export interface ClippedSurrogate extends Objective {
  /** Share of the actions whose ratio gains nothing any more, 0 … 1. @param distParams [S × m] */
  clipFraction(distParams: Float32Array): number;
}

/**
 * PPO's clipped surrogate (Schulman et al. 2017, Eq. 7): 1/A Σ min(r a, clamp(r, 1 - clip, 1 + clip) a), where r is
 * π_θ(action) over the density that the action was drawn from and a its advantage.
 * @param logQ [A]
 * @param advantages [A]
 * @param clip how far the ratio may leave 1 before nothing is gained by it, > 0
 * @throws ArgumentError
 */
export function clippedSurrogate(
  distribution: Distribution,
  set: ActionSet & { readonly logQ: Float32Array },
  advantages: Float64Array,
  clip: number,
): ClippedSurrogate {
  const { logQ } = set ?? {};
  const count = checkActionSet(distribution, set, [
    ['logQ', 'Float32Array', logQ],
    ['advantages', 'Float64Array', advantages],
  ]);
  if (!(clip > 0)) throw new ArgumentError(`clip ${clip}`, { value: clip, expected: 'a positive number' });
  const ratios = (distParams: Float32Array, from: number, to: number) => {
    const slice = slices(distribution, set, distParams, from, to);
    const values = distribution.logProb(slice.distParams, slice.actions, slice.rows);
    for (let i = from; i < to; i++) values[i - from] = exp(values[i - from] - logQ[i]);
    return { slice, values };
  };
  const isClipped = (ratio: number, advantage: number) => (advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip);
  return {
    async value(distParams, signal) {
      let total = 0;
      await eachChunk(count, signal, (from, to) => {
        const { values } = ratios(distParams, from, to);
        for (let i = from; i < to; i++) {
          const ratio = values[i - from];
          const held = Math.max(1 - clip, Math.min(1 + clip, ratio));
          total += Math.min(ratio * advantages[i], held * advantages[i]);
        }
      });
      return total / count;
    },
    async cotangents(distParams, signal) {
      const out = new Float32Array(distParams.length);
      await eachChunk(count, signal, (from, to) => {
        const { slice, values } = ratios(distParams, from, to);
        for (let i = from; i < to; i++) {
          const ratio = values[i - from];
          values[i - from] = isClipped(ratio, advantages[i]) ? 0 : (ratio * advantages[i]) / count;
        }
        distribution.addLogProbGradient(slice.distParams, slice.actions, values, slice.window(out), slice.rows);
      });
      return out;
    },
    clipFraction(distParams) {
      const { values } = ratios(distParams, 0, count);
      return values.reduce((sum, ratio, i) => sum + Number(isClipped(ratio, advantages[i])), 0) / count;
    },
  };
}
