/**
 * Drawing and most likely actions without native code, one row at a time: for policies that act outside Node. The draws
 * are those of `Distribution.sample`, bit for bit.
 */
import { tanh } from '../base/math.js';
import { normal, portableExp } from '../base/normal.js';
import { type Key, uniform } from '../base/random.js';
import type { ActionArray } from '../env/types.js';
import { LARGEST_SQUASHED, plainCategorical, plainDimensions } from './distribution-spec.js';
import type { DistributionSpec } from './types.js';

/** A distribution as far as acting needs it. Rows of parameters [m] in, actions [action size] out. */
export interface ActingDistribution {
  /** m */
  readonly distParamSize: number;
  readonly actionSize: number;
  /** Choices are integers (Int32Array), others Float32Array. */
  makeActions(count: number): ActionArray;
  mode(parameters: Float32Array, action: ActionArray): void;
  /** Draws number `time` under a key. */
  sample(parameters: Float32Array, key: Key, time: number, action: ActionArray): void;
}

/** Makes one from a specification, which it must check. */
export type ActingDistributionMaker = (spec: DistributionSpec) => ActingDistribution;

/** The distributions that the library itself has, by kind. */
export const actingDistributions: Readonly<Record<string, ActingDistributionMaker>> = {
  gaussian: (spec) => gaussian(plainDimensions(spec), (x) => x),
  'squashed-gaussian': (spec) =>
    gaussian(plainDimensions(spec), (x) => Math.max(-LARGEST_SQUASHED, Math.min(LARGEST_SQUASHED, tanh(x)))),
  categorical: (spec) => categorical(plainCategorical(spec).sizes),
};

/** Parameters are d means and d log standard deviations. @param squash applied to what was drawn, rounded to float32 */
function gaussian(d: number, squash: (x: number) => number): ActingDistribution {
  return {
    distParamSize: 2 * d,
    actionSize: d,
    makeActions: (count) => new Float32Array(count * d),
    mode(parameters, action) {
      for (let j = 0; j < d; j++) action[j] = squash(parameters[j]);
    },
    sample(parameters, [k0, k1], time, action) {
      for (let j = 0; j < d; j++) {
        const deviation = portableExp(parameters[d + j]);
        action[j] = squash(Math.fround(parameters[j] + deviation * normal(k0, k1, time, j)));
      }
    },
  };
}

/** Parameters are the logits of all factors, one after the other. */
function categorical(sizes: readonly number[]): ActingDistribution {
  const firsts = sizes.map((_, factor) => sizes.slice(0, factor).reduce((a, b) => a + b, 0));
  return {
    distParamSize: sizes.reduce((a, b) => a + b, 0),
    actionSize: sizes.length,
    makeActions: (count) => new Int32Array(count * sizes.length),
    mode(parameters, action) {
      for (const [f, at] of firsts.entries()) action[f] = highest(parameters.subarray(at, at + sizes[f]));
    },
    sample(parameters, [k0, k1], time, action) {
      for (const [f, at] of firsts.entries()) {
        action[f] = choose(parameters.subarray(at, at + sizes[f]), uniform(k0, k1, time, f));
      }
    },
  };
}

/** The first of the largest. */
function highest(logits: Float32Array): number {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
  return best;
}

/** The last k whose predecessors' probabilities sum to no more than `draw`. */
function choose(logits: Float32Array, draw: number): number {
  const top = logits[highest(logits)];
  let total = 0;
  for (const logit of logits) total += portableExp(logit - top);
  let cumulated = 0;
  let choice = 0;
  for (let k = 0; k < logits.length; k++) {
    if (k === 0 || cumulated <= draw * total) choice = k;
    cumulated += portableExp(logits[k] - top);
  }
  return choice;
}
