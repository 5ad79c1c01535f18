import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Purpose } from '../../src/base/random.js';
import type { Behaviour } from '../../src/rollout/behaviour.js';
import { askActor, drawActions, takeModes } from '../../src/rollout/behaviour.js';
import { CandidateSampler } from '../../src/rollout/candidates.js';
import { EpisodeRecord, playEpisodes } from '../../src/rollout/episodes.js';
import { Lockstep } from '../../src/rollout/lockstep.js';
import type { Episodes } from '../../src/rollout/types.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

const env = countingEnv(30);
const spec = gaussianPolicy(2, [4], 1);

/** Plays so many episodes in so many slots; how many rows the behaviour was asked for is counted. */
async function play(behaviour: Behaviour, episodes: number, slots: number, signal?: AbortSignal) {
  const made = env.make(slots, { threads: 1 });
  const record = new EpisodeRecord(made.observations);
  let rows = 0;
  const counted: Behaviour = {
    ...behaviour,
    async act(step, places) {
      rows += step.count;
      await behaviour.act(step, places);
    },
  };
  try {
    await playEpisodes(new Lockstep(made, { distParamSize: behaviour.distParamSize }), counted, record, {
      seed: 3,
      iteration: 1,
      purposes: { reset: Purpose.reset, policy: Purpose.policy },
      mayBegin: (begun) => begun < episodes,
      signal,
    });
    return { episodes: record.episodes(), finals: record.finalObservations(2), rows };
  } finally {
    made.close();
  }
}

test('episode k is the same in any number of slots, drawn or not', async () => {
  const policy = await referencePolicy(spec);
  for (const behaviour of [drawActions(policy), takeModes(policy), askActor(() => Float32Array.of(0.5), env.spec)]) {
    const one = await play(behaviour, 40, 1);
    assert.equal(one.episodes.count, 40);
    for (const slots of [3, 40, 64]) {
      const { episodes, finals } = await play(behaviour, 40, slots);
      assert.deepEqual(episodes, one.episodes);
      assert.deepEqual(finals, one.finals);
    }
  }
});

test('finished places are packed away: few rows are computed in vain', async () => {
  const { episodes, rows } = await play(drawActions(await referencePolicy(spec)), 64, 64);
  const steps = episodes.offsets[64];
  assert.ok(rows >= steps && rows < 1.15 * steps, `${rows} rows for ${steps} steps`);
});

test('an actor sees its slot and the time of its episode, and must answer with one action', async () => {
  const seen: number[][] = [];
  const { episodes } = await play(
    askActor((observation, time) => {
      seen.push([...observation, time]);
      return Promise.resolve(Float32Array.of(0));
    }, env.spec),
    5,
    1,
  );
  assert.equal(seen.length, episodes.offsets[5]);
  for (let k = 0; k < 5; k++) {
    seen.slice(episodes.offsets[k], episodes.offsets[k + 1]).forEach(([, left, time], t) => {
      assert.deepEqual([left, time], [episodes.lengths[k] - t, t]);
    });
  }
  for (const answer of [new Float32Array(2), Int32Array.of(0), [0], undefined]) {
    await assert.rejects(
      play(
        askActor(() => answer as never, env.spec),
        1,
        1,
      ),
      {
        code: 'ERR_ARGUMENT',
        message: /action of the actor/,
      },
    );
  }
});

test('candidates act with a θ each, packed or not', async () => {
  const policy = await referencePolicy(spec);
  const size = policy.engine.parameterCount;
  const population = 24;
  const thetas = Float32Array.from({ length: population * size }, (_, i) => Math.sin(i));
  const sampler = new CandidateSampler(env, policy, population, 1);
  const { diverged, ...together } = await sampler.run(thetas, { seed: 3, iteration: 1 });
  sampler.close();
  assert.equal(diverged, 0);
  for (let k = 0; k < population; k += 5) {
    await policy.engine.setTheta(thetas.subarray(k * size, (k + 1) * size));
    const alone: Episodes = (await play(drawActions(policy), population, 1)).episodes;
    assert.equal(together.returns[k], alone.returns[k]);
    assert.equal(together.lengths[k], alone.lengths[k]);
  }
});

test('an abort ends the loop', async () => {
  const behaviour = askActor(() => Float32Array.of(0), env.spec);
  await assert.rejects(play(behaviour, 1e9, 2, AbortSignal.timeout(50)), { code: 'ERR_ABORTED' });
});
