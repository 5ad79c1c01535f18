import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getEnv } from '../../src/env/registry.js';
import { listStatistics } from '../../src/env/wrappers/wrap-factory.js';
import { networkLayout } from '../../src/network/layout.js';
import { policySpecFor } from '../../src/policy/settings.js';
import { resolveConfig } from '../../src/train/config.js';
import { experimentConfig, getExperiment } from '../../src/train/experiments.js';
import { registerZoo, ZOO_IDS, ZOO_MAIN, ZOO_METHODS, zooCells } from '../../zoo/index.js';

registerZoo();
registerZoo(); // once is enough, twice no harm

for (const id of ZOO_IDS) {
  for (const method of ZOO_METHODS) {
    test(`${id} by ${method} resolves; rewards are scaled by the method’s own discount`, () => {
      const config = resolveConfig(experimentConfig(getExperiment(id.toLowerCase()), { method }));
      const { sampling, gae } = config.options as { sampling: { slots: number }; gae: { discount: number } };
      assert.deepEqual([config.track, config.simulatorSteps], ['modern', 1_000_000]);
      assert.equal(config.environment.settings['discount'], gae.discount);
      const env = getEnv(config.environment.id, config.environment.settings);
      assert.deepEqual([...listStatistics(env).keys()], ['normalizeObservations1', 'normalizeRewards2']);
      assert.ok(sampling.slots <= 4, 'few paths in progress: all are finished');
    });
  }
}

for (const [method, shape, parameters] of [
  ['ppo', [4, 84, 84], 1_687_206],
  ['ppo/paper-network', [4, 52, 40], 33_458],
] as const) {
  test(`pong-v5 by ${method}: what the policy sees, and its size`, () => {
    const config = resolveConfig(experimentConfig(getExperiment('pong-v5'), { method }));
    assert.deepEqual([config.track, config.simulatorSteps], ['modern', 3_000_000]);
    const { sampling, decay } = config.options as { sampling: { steps: number }; decay: { iterations: number } };
    assert.equal(decay.iterations, Math.ceil(3_000_000 / sampling.steps));
    const { spec } = getEnv(config.environment.id, config.environment.settings);
    assert.deepEqual(spec.observationSpace.shape, shape);
    assert.equal(networkLayout(policySpecFor(spec, config.policy).network).parameterCount, parameters);
  });
}

test('TRPO starts, steps and fits its value function as sb3-contrib’s; PPO’s wide networks start as PyTorch’s', () => {
  for (const id of ZOO_IDS) {
    const config = (method: string) => resolveConfig(experimentConfig(getExperiment(id.toLowerCase()), { method }));
    const { policy, options } = config('trpo-gae');
    const { trustRegion, critic } = options as {
      trustRegion: Record<string, unknown>;
      critic: Record<string, unknown>;
    };
    const { klTarget, klLimit, damping, lineSearch } = trustRegion as {
      klTarget: number;
      klLimit: number;
      damping: number;
      lineSearch: Record<string, unknown>;
    };
    // Their KL divergence is the mean over the numbers of an action.
    const { actionSpace } = getEnv(id).spec;
    assert.ok(actionSpace.kind === 'box');
    const actions = actionSpace.shape[0];
    assert.ok(Math.abs(klLimit / actions - (id === 'HalfCheetah-v5' ? 0.04 : 0.01)) < 1e-12);
    assert.ok(Math.abs(damping / actions - 0.1) < 1e-12);
    const { factor, ratioTest, tries, klLimitMultiple } = lineSearch;
    assert.deepEqual([klTarget, factor, ratioTest, tries, klLimitMultiple], [1, 0.8, false, 10, 1]);
    assert.deepEqual([policy.initialWeights, critic['initialWeights']], ['orthogonal', 'orthogonal']);
    assert.deepEqual([critic['maxGradientNorm'], critic['epochs']], [undefined, 20]);
    const ppo = config('ppo');
    const weights = ppo.policy.hidden[0] === 256 ? 'uniform' : 'orthogonal';
    assert.deepEqual(
      [ppo.policy.initialWeights, (ppo.options as typeof options)['critic']],
      [weights, { ...(ppo.options['critic'] as object), initialWeights: weights }],
    );
  }
});

test('a recipe’s environment takes the settings of its task, and refuses others', () => {
  const env = getEnv('zoo/Hopper-v5', { discount: 0.9, resetNoiseScale: 0.1 });
  assert.notEqual(env.spec.modelHash, getEnv('zoo/Hopper-v5').spec.modelHash);
  assert.throws(() => getEnv('zoo/Hopper-v5', { resetNoise: 0.1 }), /resetNoiseScale/);
  assert.throws(() => getEnv('zoo/Hopper-v5', { discount: 2 }), /discount/);
});

test('the cells: three seeds of the main tasks first, twenty in all; five of the others', () => {
  const cells = zooCells();
  assert.equal(new Set(cells.map(({ name }) => name)).size, cells.length);
  const first = cells.slice(0, 3 * ZOO_MAIN.length * ZOO_METHODS.length);
  assert.ok(first.every(({ task, seed }) => ZOO_MAIN.includes(task) && seed <= 3));
  assert.ok(first.slice(0, 10).every(({ seed }) => seed === 1));
  for (const id of ZOO_IDS) {
    const task = id.toLowerCase();
    for (const method of ZOO_METHODS) {
      const seeds = cells.filter((cell) => cell.task === task && cell.method === method).map(({ seed }) => seed);
      const count = ZOO_MAIN.includes(task) ? 20 : 5;
      assert.deepEqual(
        seeds,
        Array.from({ length: count }, (_, i) => i + 1),
      );
    }
  }
});
