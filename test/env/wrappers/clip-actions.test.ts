import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerEnvs } from '../../../envs/index.js';
import { clipActions } from '../../../src/env/wrappers/clip-actions.js';
import { listStatistics } from '../../../src/env/wrappers/wrap-factory.js';
import { getEnv, normalizeObservations } from '../../../src/index.js';
import { environmentConformance } from '../conformance.js';
import { counter, toy } from './toy.js';

registerEnvs();

const wrap = (settings: Parameters<typeof toy>[0] = {}) => clipActions(toy(settings));
environmentConformance('clipActions', wrap(), { short: wrap({ maxEpisodeSteps: 5 }), other: wrap({ gain: 2 }) });

/** Rewards of one step with all elements of the actions at this value. */
function rewardOf(action: number, clip: boolean): number {
  const env = (clip ? clipActions(getEnv('Ant-v5')) : getEnv('Ant-v5')).make(1);
  env.reset([0], Uint32Array.of(1, 2));
  env.step(new Float32Array(8).fill(action));
  const [reward] = env.rewards;
  env.close();
  return reward;
}

test('an action outside costs and does what the bound would; without the wrapper it costs more', () => {
  assert.equal(rewardOf(3, true), rewardOf(1, false));
  assert.equal(rewardOf(-1.5, true), rewardOf(-1, false));
  assert.equal(rewardOf(0.25, true), rewardOf(0.25, false));
  // 0.5 · 8 · (9 - 1): the price of an action that the simulator clips by itself.
  assert.ok(Math.abs(rewardOf(1, false) - rewardOf(3, false) - 32) < 1e-4);
});

test('the actions given are not touched, and what is none is refused as without the wrapper', () => {
  const env = wrap().make(2);
  env.reset();
  const actions = Float32Array.of(5, -5);
  env.step(actions);
  assert.deepEqual([...actions], [5, -5]);
  for (const wrong of [Float32Array.of(Number.NaN, 0), new Float32Array(3), [0, 0]]) {
    assert.throws(() => env.step(wrong as Float32Array), { code: 'ERR_ARGUMENT' });
  }
  env.close();
});

test('discrete actions have nothing to clip; statistics of wrappers around it are found', () => {
  assert.throws(() => clipActions(counter()), { code: 'ERR_ARGUMENT', message: /discrete/ });
  assert.equal(listStatistics(normalizeObservations(wrap())).size, 1);
});
