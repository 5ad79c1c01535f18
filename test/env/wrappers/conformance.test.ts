import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { registerPaper } from '../../../paper/index.js';
import { clipRewards } from '../../../src/env/wrappers/clip-rewards.js';
import { frameStack } from '../../../src/env/wrappers/frame-stack.js';
import { normalizeObservations } from '../../../src/env/wrappers/normalize-observations.js';
import { normalizeRewards } from '../../../src/env/wrappers/normalize-rewards.js';
import type { RunningStatistics } from '../../../src/env/wrappers/running-statistics.js';
import { timeLimit } from '../../../src/env/wrappers/time-limit.js';
import { freezeStatistics } from '../../../src/env/wrappers/wrap-factory.js';
import type { EnvFactory } from '../../../src/index.js';
import { getEnv } from '../../../src/index.js';
import { environmentConformance, fillActions } from '../conformance.js';
import { toy } from './toy.js';

registerPaper();

type Wrap = (env: EnvFactory) => EnvFactory;

function conform(name: string, wrap: Wrap, bytes = false): void {
  environmentConformance(name, wrap(toy({ bytes })), {
    short: wrap(toy({ bytes, maxEpisodeSteps: 5 })),
    other: wrap(toy({ bytes, gain: 2 })),
  });
}

conform('clipRewards by sign', (env) => clipRewards(env));
conform('clipRewards by bounds', (env) => clipRewards(env, { low: -1 }));
conform('frameStack', (env) => frameStack(env, 3));
conform('frameStack of bytes, after zeros', (env) => frameStack(env, 4, { padding: 'zero' }), true);

// Statistics that have seen something, at rest.
const learnt = (() => {
  const rewards = normalizeRewards(normalizeObservations(toy()));
  const observations = normalizeObservations(toy());
  for (const factory of [rewards, observations]) {
    const env = factory.make(8);
    env.reset();
    const actions = new Float32Array(8);
    for (let t = 0; t < 40; t++) {
      fillActions(env, actions, t, [...actions.keys()]);
      env.step(actions);
    }
    env.close();
  }
  return { rewards: rewards.statistics, observations: observations.statistics };
})();
const state = (statistics: RunningStatistics) => JSON.stringify(statistics.saveState());
const before = state(learnt.observations) + state(learnt.rewards);

const observations: Wrap = (env) => normalizeObservations(env, { statistics: learnt.observations });
const rewards: Wrap = (env) => normalizeRewards(env, { statistics: learnt.rewards });
conform('normalizeObservations at rest', (env) => freezeStatistics(observations(env)));
conform('normalizeObservations of bytes at rest', (env) => freezeStatistics(observations(env)), true);
conform('normalizeRewards at rest', (env) => freezeStatistics(rewards(env)));

const limited = (env: EnvFactory, steps: number) => timeLimit(timeLimit(env, steps + 1), steps);
environmentConformance('timeLimit', limited(toy(), 500), {
  short: limited(toy(), 5),
  other: limited(toy(), 499),
});

const all = (env: EnvFactory, steps: number) =>
  freezeStatistics(
    frameStack(clipRewards(rewards(frameStack(observations(timeLimit(env, steps)), 2)), { high: 2 }), 3),
  );
environmentConformance('all wrappers', all(toy(), 400), { short: all(toy(), 5), other: all(toy({ gain: 2 }), 400) });

const rom = fileURLToPath(new URL('../../golden/atari/synthetic/cpu02.bin', import.meta.url));
const game = (changes = {}) =>
  timeLimit(frameStack(getEnv('homebrew', { rom, observation: 'ram', ...changes }), 2), 100);
environmentConformance('frameStack and timeLimit of an Atari game', game(), {
  steps: 10,
  sameStarts: true,
  short: timeLimit(game(), 5),
  other: game({ frameSkip: 3 }),
});
const robot = (steps: number) => timeLimit(frameStack(getEnv('swimmer'), 2), steps);
environmentConformance('frameStack and timeLimit of a robot', robot(400), { short: robot(5), other: robot(399) });

it('statistics at rest were not moved by any of this', () => {
  assert.equal(state(learnt.observations) + state(learnt.rewards), before);
});
