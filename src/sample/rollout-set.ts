import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKey, uniform } from '../base/random.js';

/**
 * Draws the rollout set: `size` of `total` trunk steps, uniformly without replacement, ascending (Floyd's algorithm, so
 * that the work is that of the set, not of the trunks).
 * @throws ArgumentError if there are fewer trunk steps than wanted
 */
export function drawRolloutSet(seed: number, iteration: number, size: number, total: number): Int32Array {
  if (size > total) {
    throw new ArgumentError(`a rollout set of ${size} states from ${total} trunk steps`, {
      value: size,
      expected: `at most ${total}`,
      hint: 'Lower sampling.rolloutStates or raise sampling.trunkSteps',
    });
  }
  const [k0, k1] = streamKey(seed, Purpose.rolloutSet, iteration);
  const chosen = new Set<number>();
  for (let i = total - size; i < total; i++) {
    const candidate = Math.floor(uniform(k0, k1, i, 0) * (i + 1));
    chosen.add(chosen.has(candidate) ? i : candidate);
  }
  return Int32Array.from(chosen).sort();
}
