import { ArgumentError } from '../base/errors.js';
import { box, checkSpace, spaceSize } from './spaces.js';
import type { ActionArray, ActionSpace } from './types.js';

/**
 * From the actions of policies, which are normalised, to those that a definition declared. An element with two finite
 * bounds is mapped, -1 to `low` and 1 to `high`, and clipped there; one with a single bound is clipped; one without is
 * taken as it is. Where the bounds are -1 and 1 nothing is done at all: the definition sees what was drawn, perhaps
 * outside, and clips (and may price) that itself.
 */
export interface ActionMap {
  /** What the environment is stepped with: ±1 where the definition's elements have two bounds. */
  readonly space: ActionSpace;
  /** Rows first … end - 1 as the definition declared them: the same array where there is nothing to do. */
  readonly map: (actions: ActionArray, runs: Int32Array) => ActionArray;
}

/** @throws ArgumentError for a box of bytes or without width */
export function actionMap(id: string, declared: ActionSpace, slots = 0): ActionMap {
  const space = checkSpace(`the action of "${id}"`, declared);
  if (space.kind === 'discrete') return { space, map: (actions) => actions };
  if (space.dtype !== 'float32') {
    throw new ArgumentError(`actions of "${id}" are ${space.dtype}`, {
      value: space.dtype,
      expected: 'float32, or a discrete space',
    });
  }
  const size = spaceSize(space);
  const low = Float64Array.from(space.low);
  const high = Float64Array.from(space.high);
  const middle = new Float64Array(size);
  const half = new Float64Array(size).fill(1);
  const outside = [new Float32Array(space.low), new Float32Array(space.high)] as const;
  let plain = true;
  for (let i = 0; i < size; i++) {
    if (low[i] === -Infinity && high[i] === Infinity) continue;
    if (low[i] === -1 && high[i] === 1) {
      [low[i], high[i]] = [-Infinity, Infinity];
      continue;
    }
    plain = false;
    if (low[i] === -Infinity || high[i] === Infinity) continue;
    middle[i] = (low[i] + high[i]) / 2;
    half[i] = (high[i] - low[i]) / 2;
    [outside[0][i], outside[1][i]] = [-1, 1];
  }
  const normalised = box(space.shape, outside[0], outside[1]);
  if (plain) return { space: normalised, map: (actions) => actions };
  const mapped = new Float32Array(slots * size);
  return {
    space: normalised,
    map(actions, runs) {
      for (let run = 0; run < runs.length; run += 2) {
        for (let slot = runs[run]; slot < runs[run + 1]; slot++) {
          for (let i = 0, at = slot * size; i < size; i++, at++) {
            const value = middle[i] + half[i] * actions[at];
            mapped[at] = Math.max(low[i], Math.min(high[i], value));
          }
        }
      }
      return mapped;
    },
  };
}
