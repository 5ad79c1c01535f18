import { uniform } from '../../../src/base/random.js';
import { defineEnv } from '../../../src/env/define-env.js';
import { box, discrete } from '../../../src/env/spaces.js';
import type { EnvFactory } from '../../../src/env/types.js';

export interface ToySettings {
  maxEpisodeSteps?: number;
  gain?: number;
  /** Where the first number ends an episode. */
  end?: number;
  bytes?: boolean;
}

/** Two numbers that a drawn start, actions and noise move; the reward is the first, times 3. */
export function toy({ maxEpisodeSteps = 1000, gain = 1, end = Infinity, bytes = false }: ToySettings = {}): EnvFactory {
  return defineEnv<Float32Array>({
    id: 'toy',
    parameters: { gain, end, bytes },
    stateSize: 2,
    observation: bytes ? box([2], 0, 255, 'uint8') : 2,
    action: box([1], -1, 1),
    maxEpisodeSteps,
    secondsPerStep: 1,
    start(state, at, draw) {
      state[at] = 4 * draw(0) - 2;
      state[at + 1] = 10 * draw(1);
    },
    step({ state, actions, rewards, terminated, elapsed, keys }, first, last) {
      for (let slot = first; slot < last; slot++) {
        const noise = uniform(keys[2 * slot], keys[2 * slot + 1], elapsed[slot] + 1, 0) - 0.5;
        state[2 * slot] += gain * actions[slot] + noise;
        state[2 * slot + 1] = 0.9 * state[2 * slot + 1] + state[2 * slot];
        rewards[slot] = 3 * state[2 * slot];
        terminated[slot] = state[2 * slot] >= end ? 1 : 0;
      }
    },
    observe(state, observations, first, last) {
      for (let i = 2 * first; i < 2 * last; i++) {
        observations[i] = bytes ? Math.max(0, Math.min(255, 128 + 8 * state[i])) : state[i];
      }
    },
  });
}

/**
 * Counts: an episode begins at 0, action a adds a, the reward is the count, and the count 3 ends it. The observation is
 * the count and, so that slots can be told apart, the episode's length so far.
 */
export function counter(maxEpisodeSteps = 5): EnvFactory {
  return defineEnv<Int32Array>({
    id: 'counter',
    parameters: {},
    stateSize: 2,
    observation: 2,
    action: discrete(3),
    maxEpisodeSteps,
    secondsPerStep: 1,
    start() {},
    step({ state, actions, rewards, terminated }, first, last) {
      for (let slot = first; slot < last; slot++) {
        state[2 * slot] += actions[slot];
        state[2 * slot + 1] += 1;
        rewards[slot] = state[2 * slot];
        terminated[slot] = state[2 * slot] >= 3 ? 1 : 0;
      }
    },
  });
}
