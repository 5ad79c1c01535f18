/**
 * Stateless randomness: every draw is a pure function of a key and a counter (Threefry-2x32, 20 rounds; Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A key names who draws (seed, purpose, iteration, item), the
 * counter says when and which (time, dimension). Results therefore do not depend on slots, batch sizes or threads, and
 * a checkpoint stores no generator. native/random computes the same bits.
 */

import { describeValue } from './describe.js';
import { ArgumentError } from './errors.js';

/** Two unsigned 32-bit words. Arrays of keys are flat Uint32Arrays, two words a key. */
export type Key = readonly [number, number];

/** Who draws. The numbers are part of the reproducibility contract: never renumber, only append. */
export const Purpose = {
  /** Start state of a path. */
  reset: 1,
  /** Action noise of the policy along a path (vine: along all branches of a state). */
  policy: 2,
  /** Noise of the environment itself (sticky actions). */
  environment: 3,
  /** First actions of a vine state's branches. */
  branchAction: 4,
  /** Choice of the rollout set. */
  rolloutSet: 5,
  /** Initial parameters. */
  parameters: 6,
  /** Population methods: candidate parameters. */
  candidates: 7,
  /** Subsampling of a batch. */
  subsample: 8,
  /** Evaluation episodes: reset and policy noise, never shared with training. */
  evaluationReset: 9,
  evaluationPolicy: 10,
  evaluationEnvironment: 11,
  /** Noise of the policy and of the environment along the branches of a vine state: common to its K branches. */
  branchPolicy: 12,
  branchEnvironment: 13,
  /** What only one method knows of: exploration, minibatches … */
  method: 14,
  /** Evaluation while training: reset and policy noise, shared with neither training nor `eval`. */
  periodicReset: 15,
  periodicPolicy: 16,
  /** Minibatches of a value function's fit. */
  valueFit: 17,
  /** Free for tests, benchmarks and examples. */
  scratch: 100,
} as const;
export type PurposeName = keyof typeof Purpose;

const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Threefry-2x32-20 of counter (c0, c1) under key (k0, k1), written to out[at], out[at + 1] as unsigned words. */
export function threefry(k0: number, k1: number, c0: number, c1: number, out: Uint32Array, at = 0): void {
  const k2 = PARITY ^ k0 ^ k1;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let block = 0; block < 5; block++) {
    const shift = (block & 1) * 4;
    for (let i = 0; i < 4; i++) {
      const rotation = ROTATIONS[shift + i];
      x0 = (x0 + x1) | 0;
      x1 = (x1 << rotation) | (x1 >>> (32 - rotation));
      x1 ^= x0;
    }
    const step = block + 1;
    const a = step % 3 === 0 ? k0 : step % 3 === 1 ? k1 : k2;
    const b = (step + 1) % 3 === 0 ? k0 : (step + 1) % 3 === 1 ? k1 : k2;
    x0 = (x0 + a) | 0;
    x1 = (x1 + b + step) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
}

const scratch = new Uint32Array(2);

/** A key derived from another: fold two words of data into it. */
export function foldKey(key: Key, word0: number, word1 = 0): Key {
  threefry(key[0], key[1], word0, word1, scratch);
  return [scratch[0], scratch[1]];
}

/**
 * A seed, or an error: beyond 2^53 neighbouring integers are one number, and two seeds would be the same.
 * @throws ArgumentError
 */
export function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new ArgumentError(`seed = ${describeValue(seed)}`, { value: seed, expected: 'an integer, 0 … 2^53 - 1' });
}

/**
 * The key of one item's stream.
 * @param seed any safe integer >= 0
 * @param purpose who draws
 * @param iteration training iteration, 0 where there is none
 * @param item path number, rollout-state number, candidate …
 */
export function streamKey(seed: number, purpose: number, iteration = 0, item = 0): Key {
  checkSeed(seed);
  const root: Key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  return foldKey(foldKey(root, purpose, iteration), item, Math.floor(item / 2 ** 32));
}

/** Keys of items first … first + count - 1, flat (two words each), for VectorEnv.reset and the samplers. */
export function streamKeys(
  seed: number,
  purpose: number,
  iteration: number,
  first: number,
  count: number,
): Uint32Array {
  const keys = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) keys.set(streamKey(seed, purpose, iteration, first + i), 2 * i);
  return keys;
}

/** Uniform in (0, 1), never 0 or 1: (word + 0.5) / 2^32. */
export function uniform(k0: number, k1: number, time: number, dimension: number): number {
  threefry(k0, k1, time, dimension, scratch);
  return (scratch[0] + 0.5) / 4294967296;
}
