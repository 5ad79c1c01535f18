import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerGymnasium } from '../../envs/index.js';
import type { EnvFactory } from '../../src/env/types.js';
import { getEnv, normalizeObservations, normalizeRewards } from '../../src/index.js';
import { type SegmentBatch, SegmentSampler } from '../../src/rollout/segments.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

registerGymnasium();

async function withSampler<T>(env: EnvFactory, steps: number, slots: number, body: (s: SegmentSampler) => Promise<T>) {
  const [inputs] = env.spec.observationSpace.shape;
  const { shape } = env.spec.actionSpace as { shape: readonly number[] };
  const policy = await referencePolicy(gaussianPolicy(inputs!, [4], shape[0]!));
  const sampler = new SegmentSampler(env, policy, { steps, slots });
  try {
    return await body(sampler);
  } finally {
    sampler.close();
    policy.engine.close();
  }
}

async function take(sampler: SegmentSampler, count: number): Promise<SegmentBatch[]> {
  const batches: SegmentBatch[] = [];
  for (let i = 0; i < count; i++) batches.push(structuredClone(await sampler.sample({ seed: 5, iteration: i })));
  return batches;
}

const lengths = (batch: SegmentBatch) => [...batch.episodes.lengths];

test('every batch has the same number of steps of every slot; episodes go on where the last batch left them', async () => {
  // Episodes of 7 steps and less, in batches of 5 steps a slot.
  const env = countingEnv(7);
  const batches = await withSampler(env, 15, 3, (sampler) => take(sampler, 40));
  for (const batch of batches) {
    assert.equal(batch.states, 15);
    assert.equal(batch.simulatorSteps, 15);
    assert.equal(
      lengths(batch).reduce((a, b) => a + b),
      15,
    );
  }
  // The second number of an observation is how many steps are left.
  const left = ({ observations }: SegmentBatch, row: number) => observations[2 * row + 1];
  const finals = (batch: SegmentBatch) => {
    const { count, terminated } = batch.episodes;
    const numbers = Array.from(
      { length: count },
      (_, p) => [terminated[p]!, batch.finalObservations[2 * p + 1]!] as const,
    );
    return numbers.filter(([ended]) => ended === 0).map(([, number]) => number);
  };
  const starts = (batch: SegmentBatch) => [0, 1, 2].map((p) => left(batch, batch.episodes.offsets[p]!));
  for (let i = 1; i < batches.length; i++) {
    const cut = finals(batches[i - 1]!);
    const begun = starts(batches[i]!);
    // What was cut is gone on with; what ended at the end of a batch begins anew.
    for (const number of cut) assert.ok(begun.includes(number), `batch ${i}: ${cut} then ${begun}`);
  }
  const ended = batches.flatMap(({ whole }) => (whole.ended > 0 ? [...whole.lengths] : []));
  assert.ok(ended.length > 60 && Math.max(...ended) === 7, 'whole lengths are counted from the beginning');
});

test('two batches are one of twice the size, cut in two', async () => {
  const env = normalizeRewards(normalizeObservations(getEnv('Hopper-v5')));
  const parts = await withSampler(env, 120, 2, (sampler) => take(sampler, 2));
  const fresh = normalizeRewards(normalizeObservations(getEnv('Hopper-v5')));
  const [whole] = await withSampler(fresh, 240, 2, (sampler) => take(sampler, 1));
  const sum = (batches: SegmentBatch[]) => batches.flatMap(({ rewards }) => [...rewards]).sort((a, b) => a - b);
  assert.deepEqual(sum(parts), sum([whole!]));
  assert.deepEqual(
    parts.flatMap(({ whole }) => (whole.ended > 0 ? [...whole.returns] : [])),
    [...whole!.whole.returns],
  );
});

test('a saved state goes on to the same bytes', async () => {
  const env = getEnv('Hopper-v5');
  await withSampler(env, 64, 2, async (first) => {
    const start = first.saveState();
    const [begun] = await take(first, 1);
    const state = first.saveState();
    const next = await take(first, 2);
    first.loadState(structuredClone(start));
    assert.deepEqual(await take(first, 1), [begun]);
    await withSampler(env, 64, 2, async (second) => {
      second.loadState(structuredClone(state));
      assert.deepEqual(second.saveState(), state);
      assert.deepEqual(await take(second, 2), next);
      assert.throws(() => second.loadState({ ...state, begun: new Int32Array(3) }), /does not fit/);
      assert.throws(() => second.loadState({ ...state, env: Uint8Array.of(1, 2, 3) }), { code: 'ERR_SNAPSHOT' });
    });
  });
});

test('before an episode has ended, those in progress are told of', async () => {
  const [batch] = await withSampler(countingEnv(1000), 30, 3, (sampler) => take(sampler, 1));
  assert.deepEqual([batch!.whole.returns.length, batch!.whole.ended], [3, 0]);
  assert.ok(batch!.whole.lengths.every((length) => length > 0));
});
