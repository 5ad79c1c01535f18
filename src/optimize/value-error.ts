import { eachChunk } from '../base/chunks.js';
import { ArgumentError } from '../base/errors.js';
import type { Objective } from './objectives.js';

/** How far values may move in one fit: beyond `range` from `old` nothing is gained (PPO's clipped value loss). */
export interface ValueClip {
  /** Values before the fit [n] */
  readonly old: ArrayLike<number>;
  /** In the values' unit, > 0 */
  readonly range: number;
}

/**
 * Minus half the mean squared error of values [n] to targets [n]: the objective of a value function's fit, in a network's
 * only output. With `clip`, the error counted is the larger of the value's and of the value's held to the range.
 * @throws ArgumentError for another number of values
 */
export function negativeValueError(targets: ArrayLike<number>, clip?: ValueClip): Objective {
  const count = targets.length;
  /** Distance to the target of what counts, and whether it still moves with the value. */
  const distance = (value: number, i: number) => {
    const plain = targets[i] - value;
    if (clip === undefined) return { left: plain, moves: true };
    const { old, range } = clip;
    const held = targets[i] - Math.max(old[i] - range, Math.min(old[i] + range, value));
    return held * held > plain * plain ? { left: held, moves: false } : { left: plain, moves: true };
  };
  return {
    async value(values, signal) {
      check(values, count);
      let sum = 0;
      await eachChunk(count, signal, (from, to) => {
        for (let i = from; i < to; i++) sum += distance(values[i], i).left ** 2;
      });
      return -sum / (2 * count);
    },
    async cotangents(values, signal) {
      check(values, count);
      const out = new Float32Array(count);
      await eachChunk(count, signal, (from, to) => {
        for (let i = from; i < to; i++) {
          const { left, moves } = distance(values[i], i);
          if (moves) out[i] = left / count;
        }
      });
      return out;
    },
  };
}

function check(values: Float32Array, count: number): void {
  if (values.length === count) return;
  throw new ArgumentError(`${values.length} values for ${count} targets`, {
    value: values.length,
    expected: `${count}`,
  });
}
