import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvFactory } from '../../src/env/types.js';
import { SinglePathSampler, singlePathSchema } from '../../src/rollout/paths.js';
import type { PathBatch } from '../../src/rollout/types.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

async function sample(env: EnvFactory, options: object, iterations = [0], signal?: AbortSignal): Promise<PathBatch[]> {
  const [inputs] = env.spec.observationSpace.shape;
  const policy = await referencePolicy(gaussianPolicy(inputs!, [4], 1));
  const sampler = new SinglePathSampler(env, policy, singlePathSchema.parse(options));
  const batches: PathBatch[] = [];
  try {
    for (const iteration of iterations) {
      const batch = await sampler.sample({ seed: 5, iteration, signal });
      batches.push(structuredClone(batch));
    }
  } finally {
    sampler.close();
    policy.engine.close();
  }
  return batches;
}

/** Everything of path p, for comparisons. */
function path(batch: PathBatch, p: number) {
  const from = batch.episodes.offsets[p];
  const to = batch.episodes.offsets[p + 1];
  const rows = (array: Float32Array, width: number) => [...array.subarray(from * width, to * width)];
  return {
    length: batch.episodes.lengths[p],
    return: batch.episodes.returns[p],
    observations: rows(batch.observations as Float32Array, 2),
    actions: rows(batch.actions as Float32Array, 1),
    distParams: rows(batch.distParams, 2),
    logQ: rows(batch.logQ, 1),
    rewards: rows(batch.rewards, 1),
    final: [...batch.finalObservations.subarray(2 * p, 2 * p + 2)],
  };
}

test('a batch is whole paths, in start order, states of a path consecutive in time', async () => {
  const [batch] = await sample(countingEnv(20), { steps: 300, slots: 7 });
  const { episodes, states } = batch;
  assert.equal(episodes.offsets[episodes.count], states);
  assert.equal(batch.simulatorSteps, states);
  for (let p = 0; p < episodes.count; p++) {
    const { length, observations, rewards, actions } = path(batch, p);
    const left = observations.filter((_, k) => k % 2 === 1);
    assert.deepEqual(
      left,
      Array.from({ length }, (_, t) => length - t),
    );
    assert.equal(new Set(observations.filter((_, k) => k % 2 === 0)).size, 1);
    assert.deepEqual(
      rewards,
      actions.map((a, t) => Math.fround(a + left[t])),
    );
    assert.equal(episodes.terminated[p], 1);
  }
  for (let i = 0; i < states; i++) {
    const p = episodes.offsets.findLastIndex((offset, index) => index < episodes.count && offset <= i);
    assert.equal(batch.timeIndex[i], i - episodes.offsets[p]);
  }
});

test('budget rule: paths start while fewer steps than the budget were taken, and every begun path is finished', async () => {
  for (const slots of [1, 3, 16]) {
    const [batch] = await sample(countingEnv(20), { steps: 100, slots });
    // Replay of the rule on the lengths alone.
    const lengths = [...batch.episodes.lengths];
    const left: number[] = [];
    let started = 0;
    let taken = 0;
    while (left.length < slots) left.push(lengths[started++]);
    while (left.length > 0) {
      taken += left.length;
      for (let place = 0; place < left.length; place++) left[place]--;
      for (let place = left.length - 1; place >= 0; place--) {
        if (left[place] > 0) continue;
        left.splice(place, 1, ...(taken < 100 ? [lengths[started++]] : []));
      }
    }
    assert.equal(started, batch.episodes.count);
    assert.equal(taken, batch.states);
  }
});

test('equal lengths: 50 paths of 100 in 50 slots, in 10, in 7', async () => {
  const constant = countingEnv(1e9, 100);
  const counts = [];
  for (const slots of [50, 10, 7]) {
    const [batch] = await sample(constant, { steps: 5000, slots });
    counts.push(batch.episodes.count);
    assert.ok(batch.episodes.terminated.every((flag) => flag === 0));
    assert.ok(batch.episodes.lengths.every((length) => length === 100));
  }
  assert.deepEqual(counts, [50, 50, 56]);
});

test('path k is the same for any number of slots', async () => {
  const [one] = await sample(countingEnv(20), { steps: 400, slots: 1 });
  for (const slots of [2, 5, 32]) {
    const [many] = await sample(countingEnv(20), { steps: 400, slots });
    const common = Math.min(one.episodes.count, many.episodes.count);
    assert.ok(common >= 32);
    for (let p = 0; p < common; p++) assert.deepEqual(path(many, p), path(one, p));
  }
});

test('iterations and seeds draw different paths; the same iteration again draws the same bytes', async () => {
  const batches = await sample(countingEnv(20), { steps: 200, slots: 4 }, [0, 1, 0]);
  assert.notDeepEqual(path(batches[0], 0).observations, path(batches[1], 0).observations);
  assert.deepEqual(batches[2], batches[0]);
});

test('cutAtBudget ends all paths at once, not as terminal states', async () => {
  const [batch] = await sample(countingEnv(1e9, 1000), { steps: 90, slots: 8, cutAtBudget: true });
  assert.equal(batch.states, 96);
  assert.deepEqual([...batch.episodes.lengths], Array(8).fill(12));
  assert.ok(batch.episodes.terminated.every((flag) => flag === 0));
  const [mixed] = await sample(countingEnv(20), { steps: 90, slots: 8, cutAtBudget: true });
  assert.ok(mixed.states >= 90 && mixed.states < 98);
  assert.ok(mixed.episodes.lengths.every((length) => length > 0));
});

test('logQ is the log density of the action drawn', async () => {
  const [batch] = await sample(countingEnv(20), { steps: 100, slots: 4 });
  for (let i = 0; i < batch.states; i++) {
    const [mean, logStd] = batch.distParams.subarray(2 * i, 2 * i + 2);
    const z = ((batch.actions[i] as number) - mean) * Math.exp(-logStd);
    const density = -0.5 * z * z - logStd - 0.5 * Math.log(2 * Math.PI);
    assert.ok(Math.abs(density - batch.logQ[i]) < 1e-5);
  }
});

test('final observations are those after the last step of each path, whatever ended it', async () => {
  const cases = [
    [countingEnv(20), { steps: 300, slots: 7 }, 'terminated'],
    [countingEnv(1e6, 20), { steps: 300, slots: 7 }, 'truncated'],
    [countingEnv(1e6, 1000), { steps: 90, slots: 8, cutAtBudget: true }, 'truncated'],
    [countingEnv(20), { steps: 90, slots: 8, cutAtBudget: true }, 'both'],
  ] as const;
  for (const [env, options, ends] of cases) {
    const [batch] = await sample(env, options);
    const { count, terminated } = batch.episodes;
    assert.equal(batch.finalObservations.length, 2 * count);
    const flags = new Set(terminated);
    assert.deepEqual([...flags].sort(), ends === 'both' ? [0, 1] : [ends === 'terminated' ? 1 : 0]);
    for (let p = 0; p < count; p++) {
      const { observations, final } = path(batch, p);
      const [draw, left] = observations.slice(-2);
      assert.deepEqual(final, [draw, left - 1]);
      assert.equal(left === 1, terminated[p] === 1);
    }
  }
});

test('paths longer than expected make the log grow without losing anything', async () => {
  const long = countingEnv(1e9, 3000);
  const [batch] = await sample(long, { steps: 10, slots: 4 });
  assert.equal(batch.states, 12_000);
  const [alone] = await sample(long, { steps: 10, slots: 1 });
  assert.deepEqual(path(batch, 0), path(alone, 0));
});

test('an abort is answered within a tenth of a second', async () => {
  const controller = new AbortController();
  const endless = sample(countingEnv(1e9, 1e8), { steps: 1e7, slots: 2 }, [0], controller.signal);
  let aborted = 0;
  setTimeout(() => {
    aborted = performance.now();
    controller.abort();
  }, 50);
  await assert.rejects(endless, { code: 'ERR_ABORTED' });
  assert.ok(performance.now() - aborted < 500);
});

test('a batch larger than the memory of the machine is refused with its size', async () => {
  const wide = countingEnv(20);
  const spec = { ...wide.spec, observationSpace: { ...wide.spec.observationSpace, shape: [100_000] } };
  const absurd = sample({ ...wide, spec }, { steps: 1e8, slots: 1 });
  await assert.rejects(absurd, { code: 'ERR_MEMORY', message: /GiB/ });
});

test('episodes without a limit are waited for by nobody, unless the budget cuts them', async () => {
  const endless = countingEnv(5);
  const factory = { ...endless, spec: { ...endless.spec, maxEpisodeSteps: Infinity } };
  const engine = await referencePolicy(gaussianPolicy(2, [], 1));
  const make = (cutAtBudget: boolean) => new SinglePathSampler(factory, engine, { steps: 10, slots: 2, cutAtBudget });
  assert.throws(() => make(false), { code: 'ERR_ARGUMENT', message: /maxEpisodeSteps.*cutAtBudget/ });
  make(true).close();
});

test('with a number of paths a batch has exactly so many, whole, and the same as by steps', async () => {
  const [byPaths] = await sample(countingEnv(20), { steps: 10, slots: 7, paths: 12 });
  assert.equal(byPaths.episodes.count, 12);
  assert.ok(byPaths.states > 10);
  assert.deepEqual([...byPaths.episodes.terminated], Array(12).fill(1));
  const [bySteps] = await sample(countingEnv(20), { steps: byPaths.states, slots: 7 });
  assert.deepEqual(path(bySteps, 11), path(byPaths, 11));
  const [few] = await sample(countingEnv(20), { steps: 300, slots: 7, paths: 3 });
  assert.equal(few.episodes.count, 3, 'fewer than slots');
});
