import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { registerEnvs } from '../../envs/index.js';
import { mergeStatistics } from '../../src/env/wrappers/merge-statistics.js';
import { RunningStatistics } from '../../src/env/wrappers/running-statistics.js';
import { train } from '../../src/index.js';
import { SinglePathSampler } from '../../src/rollout/paths.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

// θ after two iterations, as before there were groups; that of ppo since Adam works in single precision.
const unchanged = [
  ['single-path', { sampling: { steps: 3000, slots: 16 }, trustRegion: { klTarget: 0.9 } }, 'b3370ad25e214e0c'],
  [
    'vine',
    { sampling: { trunks: 4, trunkSteps: 800, rolloutStates: 40, rolloutLength: 20 }, trustRegion: { klTarget: 0.9 } },
    'b83368ec6ae429a4',
  ],
  ['ppo', { sampling: { steps: 1000, slots: 4 } }, '28c2a56b07ecf178'],
] as const;

registerEnvs();
for (const [method, options, expected] of unchanged) {
  test(`${method} in one group gives the bytes it always gave`, async () => {
    const environment = { id: 'cartpole' };
    const policy = { hidden: [8] };
    const run = { experiment: 'golden', environment, method, iterations: 2, seed: 1, policy, options };
    const { theta } = await train(run, {});
    const hash = createHash('sha256').update(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength));
    assert.equal(hash.digest('hex').slice(0, 16), expected);
  });
}

test('a batch of groups is that of each group alone, one after the other, each path drawn once', async () => {
  const policy = await referencePolicy(gaussianPolicy(2, [4], 1));
  const sampler = new SinglePathSampler(countingEnv(20), policy, { steps: 301, slots: 7, groups: 3 }, 1);
  const request = { seed: 5, iteration: 1 };
  const batch = structuredClone(await sampler.sample(request));
  const { whole, own, firstStates } = await sampler.sampleGroups(request);
  assert.equal(own.length, 3);
  assert.deepEqual(
    own.map(({ episodes }) => episodes.count > 0),
    [true, true, true],
  );
  own.forEach((part, i) => {
    const rows = batch.observations.subarray(2 * firstStates[i], 2 * (firstStates[i] + part.states));
    assert.deepEqual(rows, part.observations);
    assert.ok(part.states >= 100, 'each has its share of the budget');
  });
  assert.deepEqual(whole.episodes, batch.episodes);
  const starts = batch.episodes.offsets.subarray(0, -1);
  assert.equal(new Set(Array.from(starts, (row) => batch.observations[2 * row])).size, batch.episodes.count);
  sampler.close();
  policy.engine.close();
});

test('shares of nothing are refused', async () => {
  const policy = await referencePolicy(gaussianPolicy(2, [4], 1));
  const make = () => new SinglePathSampler(countingEnv(20), policy, { steps: 300, slots: 2, groups: 3 }, 1);
  assert.throws(make, { code: 'ERR_ARGUMENT', message: /sampling\.slots = 2 in 3 groups/ });
  policy.engine.close();
});

test('statistics of groups that each started from the same ones are those of all rows', () => {
  const size = 2;
  const rows = (from: number, to: number) =>
    Float64Array.from(
      { length: size * (to - from) },
      (_, i) => Math.sin(size * from + i) * (1 + (i % size) * 1e3) + 50,
    );
  const all = (n: number) => new Uint8Array(n).fill(1);
  const saved = (statistics: RunningStatistics) => {
    const { mean, variance, count } = statistics.saveState();
    return { 'a.mean': mean, 'a.variance': variance, 'a.count': count };
  };
  const begun = new RunningStatistics(size);
  begun.add(rows(0, 40), all(40));
  const groups = [
    [40, 55],
    [55, 55],
    [55, 90],
  ].map(([from, to]) => {
    const own = new RunningStatistics(size);
    own.loadState(begun.saveState());
    own.add(rows(from, to), all(to - from));
    return saved(own);
  });
  const merged = mergeStatistics(saved(begun), groups);
  const whole = new RunningStatistics(size);
  whole.add(rows(0, 90), all(90));
  assert.equal(merged['a.count'][0], whole.count);
  for (const name of ['mean', 'variance'] as const) {
    // Rounding of some dozen sums, in units of the numbers themselves.
    whole[name].forEach((value, i) => {
      assert.ok(Math.abs(merged[`a.${name}`][i] - value) < 1e-9 * Math.abs(value), `${name} ${i}`);
    });
  }
});
