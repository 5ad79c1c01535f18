import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalizeObservations } from '../../../src/env/wrappers/normalize-observations.js';
import { freezeStatistics } from '../../../src/env/wrappers/wrap-factory.js';
import type { EnvFactory, PolicySpec } from '../../../src/index.js';
import { discountedQ, evaluatePolicy, frameStack, Policy, SinglePathSampler } from '../../../src/index.js';
import { VineSampler } from '../../../src/rollout/vine.js';
import { vineSchema } from '../../../src/rollout/vine-options.js';
import { toy } from './toy.js';

const spec: PolicySpec = {
  network: {
    inputShape: [4],
    inputType: 'float32',
    inputScaling: null,
    layers: [{ kind: 'dense', units: 1, activation: 'linear' }],
    stateIndependentOutputs: 1,
  },
  distribution: { kind: 'gaussian', dimensions: 1 },
};
const stored = { spec, theta: Float32Array.of(0.1, -0.2, 0.3, 0.1, 0, -0.5) };
const made = () => {
  const normalized = normalizeObservations(toy({ maxEpisodeSteps: 30 }));
  return { statistics: normalized.statistics, env: frameStack(normalized, 2) };
};

async function paths(env: EnvFactory, threads = 1) {
  const acting = await Policy.create(stored, 'reference');
  const sampler = new SinglePathSampler(env, acting, { steps: 200, slots: 4 }, threads);
  const batch = await sampler.sample({ seed: 5, iteration: 2 });
  sampler.close();
  return batch;
}

async function branches(env: EnvFactory, threads = 1) {
  const acting = await Policy.create(stored, 'reference');
  const options = vineSchema.parse({ rolloutStates: 20, rolloutLength: 5, trunks: 4, trunkSteps: 100 });
  const sampler = new VineSampler(env, acting, options, discountedQ(0.9), threads);
  const batch = await sampler.sample({ seed: 5, iteration: 2 });
  sampler.close();
  return batch;
}

describe('samplers on wrapped environments', () => {
  it('single path: the same batch whatever the threads, and statistics that have seen each step', async () => {
    const [one, two] = [made(), made()];
    const batch = await paths(one.env);
    assert.deepEqual(await paths(two.env, 2), batch);
    assert.deepEqual(two.statistics.saveState(), one.statistics.saveState());
    const seen = batch.simulatorSteps + batch.episodes.count;
    assert.ok(Math.abs(one.statistics.count - seen) < 1e-3, `${one.statistics.count} of ${seen}`);
  });

  it('vine and evaluation on statistics at rest, which they do not move', async () => {
    const { env, statistics } = made();
    await paths(env);
    const before = statistics.saveState();
    const frozen = freezeStatistics(env);
    const batch = await branches(frozen);
    assert.deepEqual(await branches(frozen, 2), batch);
    assert.ok(batch.observations.some((value) => value !== 0));
    const played = await evaluatePolicy(stored, frozen, { episodes: 3, seed: 1 });
    assert.deepEqual(await evaluatePolicy(stored, frozen, { episodes: 3, seed: 1 }), played);
    assert.deepEqual(statistics.saveState(), before);
    assert.deepEqual(await evaluatePolicy(stored, env, { episodes: 3, seed: 1 }), played, 'frozen by itself');
    assert.deepEqual(statistics.saveState(), before);
  });

  it('vine: branches do not move what the trunks have learnt', async () => {
    const { env, statistics } = made();
    const batch = await branches(env);
    const seen = batch.trunkSteps + batch.episodes.count;
    assert.ok(Math.abs(statistics.count - seen) < 1e-3, `${statistics.count} of ${seen}`);
  });
});
