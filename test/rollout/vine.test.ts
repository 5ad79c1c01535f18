import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { cartpole } from '../../envs/classic/cartpole.js';
import { uniform } from '../../src/base/random.js';
import { defineEnv } from '../../src/env/define-env.js';
import { box, discrete } from '../../src/env/spaces.js';
import type { EnvFactory } from '../../src/env/types.js';
import { discountedQ } from '../../src/estimate/discounted-q.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { Policy } from '../../src/policy/policy.js';
import type { PolicySpec } from '../../src/policy/types.js';
import { SinglePathSampler } from '../../src/rollout/paths.js';
import { RolloutSet } from '../../src/rollout/rollout-set.js';
import type { BranchBatch } from '../../src/rollout/types.js';
import { VineSampler } from '../../src/rollout/vine.js';
import { rolloutSizes, type VineOptions, vineSchema } from '../../src/rollout/vine-options.js';

const DISCOUNT = 0.9;

function linearPolicy(inputs: number, distribution: PolicySpec['distribution']): PolicySpec {
  const { emitted, stateIndependent } = makeDistribution(distribution).outputs;
  return {
    network: {
      inputShape: [inputs],
      inputType: 'float32',
      inputScaling: null,
      layers: [{ kind: 'dense', units: emitted, activation: 'linear' }],
      stateIndependentOutputs: stateIndependent,
    },
    distribution,
  };
}

async function sampleVine(
  env: EnvFactory,
  policy: PolicySpec,
  theta: number[],
  options: Partial<VineOptions>,
  threads = 1,
): Promise<BranchBatch> {
  const acting = await Policy.create({ spec: policy, theta: Float32Array.from(theta) }, 'reference');
  const full = vineSchema.parse({ rolloutStates: 50, rolloutLength: 10, ...options });
  const sampler = new VineSampler(env, acting, full, discountedQ(DISCOUNT), threads);
  const batch = await sampler.sample({ seed: 5, iteration: 2 });
  sampler.close();
  return batch;
}

/** Three states in a ring; action 1 moves on with probability 0.8, action 0 with 0.3; being in state 2 pays 1. */
const ring = defineEnv<Int32Array>({
  id: 'test-ring',
  parameters: {},
  stateSize: 1,
  observation: 3,
  action: discrete(2),
  maxEpisodeSteps: 50,
  secondsPerStep: 1,
  start(state, at, draw) {
    state[at] = Math.floor(3 * draw(0));
  },
  observe(state, observations, first, end) {
    for (let i = first; i < end; i++) for (let s = 0; s < 3; s++) observations[3 * i + s] = state[i] === s ? 1 : 0;
  },
  step({ state, actions, rewards, elapsed, keys }, first, end) {
    for (let i = first; i < end; i++) {
      rewards[i] = state[i] === 2 ? 1 : 0;
      const moves = uniform(keys[2 * i], keys[2 * i + 1], elapsed[i] + 1, 0) < (actions[i] === 1 ? 0.8 : 0.3);
      if (moves) state[i] = (state[i] + 1) % 3;
    }
  },
});
/** Logits of action 1 less those of action 0, per state. */
const preference = [0.5, -1, 1.5];
const ringTheta = [0, 0, 0, ...preference, 0, 0];

/** Q of `length` steps in the ring, by dynamic programming. */
function exactRingQ(length: number): number[][] {
  let value = [0, 0, 0];
  let q: number[][] = [];
  for (let step = 0; step < length; step++) {
    q = [0, 1, 2].map((s) =>
      [0.3, 0.8].map((p) => (s === 2 ? 1 : 0) + DISCOUNT * (p * value[(s + 1) % 3] + (1 - p) * value[s])),
    );
    value = q.map((row, s) => {
      const one = 1 / (1 + Math.exp(-preference[s]));
      return (1 - one) * row[0] + one * row[1];
    });
  }
  return q;
}

/** Linear dynamics x' = 0.9 x + 0.5 u with reward -(x² + 0.1 u²). */
const linearQuadratic = defineEnv<Float32Array>({
  id: 'test-linear-quadratic',
  parameters: {},
  stateSize: 1,
  observation: 1,
  action: box([1], -1, 1),
  maxEpisodeSteps: 50,
  secondsPerStep: 1,
  start(state, at, draw) {
    state[at] = 4 * draw(0) - 2;
  },
  step({ state, actions, rewards }, first, end) {
    for (let i = first; i < end; i++) {
      rewards[i] = -(state[i] ** 2 + 0.1 * actions[i] ** 2);
      state[i] = 0.9 * state[i] + 0.5 * actions[i];
    }
  },
});
const GAIN = -0.7;
const LOG_STD = -1;

/** Q of `length` steps from state x with first action u, under u = GAIN x + e^LOG_STD ε: moments in closed form. */
function exactLinearQ(x: number, u: number, length: number): number {
  let total = -(x ** 2 + 0.1 * u ** 2);
  let mean = 0.9 * x + 0.5 * u;
  let variance = 0;
  const noise = Math.exp(2 * LOG_STD);
  for (let t = 1; t < length; t++) {
    const square = mean ** 2 + variance;
    total -= DISCOUNT ** t * (square + 0.1 * (GAIN ** 2 * square + noise));
    mean *= 0.9 + 0.5 * GAIN;
    variance = (0.9 + 0.5 * GAIN) ** 2 * variance + 0.25 * noise;
  }
  return total;
}

/** Mean of errors of estimates that share noise within a state, in standard errors over states. */
function standardScore(errors: Float64Array, k: number): number {
  const states = errors.length / k;
  const means = Array.from(
    { length: states },
    (_, s) => errors.subarray(s * k, (s + 1) * k).reduce((a, b) => a + b) / k,
  );
  const mean = means.reduce((a, b) => a + b) / states;
  const variance = means.reduce((a, m) => a + (m - mean) ** 2, 0) / (states - 1);
  return mean / Math.sqrt(variance / states);
}

describe('vine sampling', () => {
  it('estimates Q of a tabular MDP without bias', async () => {
    const options = { rolloutStates: 2000, rolloutLength: 12, trunkSteps: 4000, actionsPerState: 2 };
    for (const firstActions of ['policy', 'uniform', 'all'] as const) {
      const policy = linearPolicy(3, { kind: 'categorical', sizes: [2] });
      const batch = await sampleVine(ring, policy, ringTheta, { ...options, firstActions });
      const exact = exactRingQ(12);
      // States late in an episode are cut by its length; the others run their whole branch.
      const sums = [0, 1, 2].map(() => [0, 0]);
      const counts = [0, 1, 2].map(() => [0, 0]);
      for (let i = 0; i < batch.q.length; i++) {
        const row = batch.stateOfAction[i];
        if (batch.timeIndex[row] > 50 - 12) continue;
        const s = [0, 1, 2].find((j) => batch.observations[3 * row + j] === 1) ?? 0;
        sums[s][batch.actions[i]] += batch.q[i];
        counts[s][batch.actions[i]]++;
      }
      for (let s = 0; s < 3; s++) {
        for (let a = 0; a < 2; a++) {
          const error = sums[s][a] / counts[s][a] - exact[s][a];
          // Q's of one branch spread by about 1.
          assert.ok(Math.abs(error) < 4 / Math.sqrt(counts[s][a]), `${firstActions} state ${s} action ${a}: ${error}`);
        }
      }
    }
  });

  it('estimates Q of a linear-quadratic problem without bias', async () => {
    const policy = linearPolicy(1, { kind: 'gaussian', dimensions: 1 });
    const options = { rolloutStates: 1500, rolloutLength: 10, trunkSteps: 3000, actionsPerState: 4 };
    const batch = await sampleVine(linearQuadratic, policy, [GAIN, 0, LOG_STD], options);
    const errors: number[] = [];
    for (let i = 0; i < batch.q.length; i++) {
      const row = Math.floor(i / 4);
      if (batch.timeIndex[row] > 50 - 10) continue;
      errors.push(batch.q[i] - exactLinearQ(batch.observations[row], batch.actions[i], 10));
    }
    assert.ok(errors.length > 3000);
    assert.ok(Math.abs(standardScore(Float64Array.from(errors), 4)) < 4);
    assert.ok(
      errors.some((error) => Math.abs(error) > 1e-3),
      'noise is there',
    );
  });

  it('gives the branches of a state the same noise and other states other noise', async () => {
    // With no spread in the first action (all = the policy's mean would need σ = 0), use an environment that ignores
    // actions but draws noise: branches of a state must then agree exactly.
    const noisy = defineEnv<Float32Array>({
      id: 'test-noise',
      parameters: {},
      stateSize: 1,
      observation: 1,
      action: box([1], -1, 1),
      maxEpisodeSteps: 100,
      secondsPerStep: 1,
      start(state, at) {
        state[at] = 0;
      },
      step({ rewards, elapsed, keys }, first, end) {
        for (let i = first; i < end; i++) rewards[i] = uniform(keys[2 * i], keys[2 * i + 1], elapsed[i] + 1, 0);
      },
    });
    const policy = linearPolicy(1, { kind: 'gaussian', dimensions: 1 });
    const run = (commonNoise: boolean) =>
      sampleVine(noisy, policy, [0, 0, 0], { rolloutStates: 40, trunkSteps: 1600, commonNoise });
    const common = await run(true);
    const values = new Set<number>();
    for (let s = 0; s < 40; s++) {
      for (let k = 1; k < 4; k++) assert.equal(common.q[4 * s + k], common.q[4 * s]);
      values.add(common.q[4 * s]);
    }
    assert.equal(values.size, 40, 'states differ');
    const independent = await run(false);
    assert.equal(new Set(independent.q).size, 160, 'every branch differs without common noise');
  });

  it('leaves the trunks as single path would sample them, and repeats itself exactly', async () => {
    const policy = linearPolicy(4, { kind: 'gaussian', dimensions: 1 });
    const theta = [-1, -0.5, 3, 1, 0, -1];
    const options = { rolloutStates: 60, trunks: 8, trunkSteps: 500, rolloutLength: 20 };
    const [one, two] = [
      await sampleVine(cartpole(), policy, theta, options, 1),
      await sampleVine(cartpole(), policy, theta, options, 2),
    ];
    assert.deepEqual(one, two);
    const acting = await Policy.create({ spec: policy, theta: Float32Array.from(theta) }, 'reference');
    const trunks = new SinglePathSampler(cartpole(), acting, { steps: 500, slots: 8, cutAtBudget: false }, 1);
    const plain = await trunks.sample({ seed: 5, iteration: 2 });
    assert.deepEqual(one.episodes, plain.episodes);
    assert.equal(one.trunkSteps, plain.states);
    assert.equal(one.simulatorSteps, one.trunkSteps + one.branchSteps);
    assert.ok(one.branchSteps <= 60 * 4 * 20);
    const rows = new Set(
      Array.from({ length: plain.states }, (_, i) => `${plain.observations.slice(4 * i, 4 * i + 4)}`),
    );
    const chosen = new Set(Array.from({ length: 60 }, (_, s) => `${one.observations.slice(4 * s, 4 * s + 4)}`));
    assert.equal(chosen.size, 60, 'no state twice');
    for (const state of chosen) assert.ok(rows.has(state), 'every state is one of the trunks');
  });

  it('replays the trunk: a branch with the trunk action and noiseless policy continues as the trunk did', async () => {
    const policy = linearPolicy(4, { kind: 'gaussian', dimensions: 1 });
    const theta = [-1, -0.5, 3, 1, 0, -30];
    const options = { rolloutStates: 30, trunks: 4, trunkSteps: 300, rolloutLength: 15 };
    const batch = await sampleVine(cartpole(), policy, theta, options);
    for (let s = 0; s < 30; s++) {
      for (let k = 1; k < 4; k++) assert.ok(Math.abs(batch.q[4 * s + k] - batch.q[4 * s]) < 1e-9);
    }
  });

  it('grows its branches over the iterations it is told to, of fewer states each', async () => {
    const growth = { length: 200, from: 50, to: 100 };
    const options = vineSchema.parse({ rolloutStates: 30, rolloutLength: 100, growth });
    const sizes = [0, 50, 51, 75, 99, 100, 5000].map((iteration) => Object.values(rolloutSizes(options, iteration)));
    const expected = [
      [30, 100],
      [30, 100],
      [29, 102],
      [20, 150],
      [15, 198],
      [15, 200],
      [15, 200],
    ];
    assert.deepEqual(sizes, expected);
    const fixed = vineSchema.parse({ rolloutStates: 5, rolloutLength: 7 });
    assert.deepEqual(rolloutSizes(fixed, 80), { states: 5, length: 7 });

    const policy = linearPolicy(4, { kind: 'gaussian', dimensions: 1 });
    const theta = [-1, -0.5, 3, 1, 0, -1];
    const trunks = { trunks: 4, trunkSteps: 300 };
    // sampleVine is at iteration 2.
    const halfway = { ...trunks, rolloutStates: 30, rolloutLength: 10, growth: { length: 20, from: 0, to: 4 } };
    assert.deepEqual(
      await sampleVine(cartpole(), policy, theta, halfway),
      await sampleVine(cartpole(), policy, theta, { ...trunks, rolloutStates: 20, rolloutLength: 15 }),
    );
  });

  it('refuses what cannot work', async () => {
    const policy = linearPolicy(4, { kind: 'gaussian', dimensions: 1 });
    const theta = [0, 0, 0, 0, 0, -1];
    await assert.rejects(sampleVine(cartpole(), policy, theta, { rolloutLength: 2000 }), { code: 'ERR_ARGUMENT' });
    const growth = { length: 2000, from: 0, to: 10 };
    await assert.rejects(sampleVine(cartpole(), policy, theta, { growth }), {
      code: 'ERR_ARGUMENT',
      message: /rollouts of 2000 steps in episodes of 1000.*11 <= sampling\.growth\.length <= 1000/,
    });
    await assert.rejects(sampleVine(cartpole(), policy, theta, { firstActions: 'all' }), { code: 'ERR_ARGUMENT' });
    await assert.rejects(sampleVine(cartpole(), policy, theta, { rolloutStates: 1e7, actionsPerState: 1000 }), {
      code: 'ERR_MEMORY',
      message:
        /1000 from each of 10000000 states: \d+\.\d GiB; expected .* Lower sampling\.rolloutStates or sampling\.act/,
    });
    await assert.rejects(sampleVine(cartpole(), policy, theta, { rolloutStates: 5e6 }), {
      code: 'ERR_ARGUMENT',
      message: /20000000 branches.*at most 16777216.*sampling\.rolloutStates/,
    });
    await assert.rejects(sampleVine(cartpole(), policy, theta, { trunkSteps: 10, trunks: 1, rolloutStates: 5000 }), {
      code: 'ERR_ARGUMENT',
      message: /5000 states from \d+ trunk steps/,
    });
    assert.throws(() => vineSchema.parse({ rolloutStates: 5, rolloutLength: 5, actionsPerState: 0 }));
    const backwards = { length: 9, from: 5, to: 5 };
    assert.throws(() => vineSchema.parse({ rolloutStates: 5, rolloutLength: 5, growth: backwards }), /from < to/);
  });
});

describe('rollout set', () => {
  it('is drawn without replacement, in order, every step alike', () => {
    const counts = new Int32Array(20);
    const env = cartpole().make(4);
    const slots = Int32Array.of(0, 1, 2, 3);
    for (let seed = 0; seed < 2000; seed++) {
      const set = new RolloutSet(5, 20, seed, 0);
      for (let time = 0; time < 5; time++) {
        set.offer({ env, slots, paths: slots, times: new Int32Array(4).fill(time), firstRow: 4 * time });
      }
      const { rows, timeIndex, snapshot } = set.finish();
      assert.equal(new Set(rows).size, 5);
      assert.equal(snapshot.count, 5);
      // Slot (and path) p of lockstep t is row 4 t + p.
      const chosen = [...rows].map((row) => 5 * (row % 4) + Math.floor(row / 4));
      assert.deepEqual(
        chosen,
        chosen.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        [...timeIndex],
        chosen.map((i) => i % 5),
      );
      for (const i of chosen) counts[i]++;
    }
    for (const count of counts) assert.ok(Math.abs(count - 500) < 4 * Math.sqrt(375), `${counts}`);
  });

  it('is the same however many steps are known beforehand, and saves only what stays of those', () => {
    const env = cartpole().make(3);
    const slots = Int32Array.of(0, 1, 2);
    for (let seed = 0; seed < 50; seed++) {
      const drawn = [0, 1, 6, 100, 300].map((atLeast) => {
        const set = new RolloutSet(6, atLeast, seed, 0);
        let saved = 0;
        const counting = Object.assign(Object.create(env) as typeof env, {
          snapshot(which: Int32Array) {
            saved += which.length;
            return env.snapshot(which);
          },
        });
        for (let time = 0; time < 100; time++) {
          set.offer({ env: counting, slots, paths: slots, times: new Int32Array(3).fill(time), firstRow: 3 * time });
        }
        return { saved, ...set.finish() };
      });
      for (const set of drawn) assert.deepEqual(set.rows, drawn[0].rows);
      assert.equal(drawn.at(-1)!.saved, 6);
      assert.ok(drawn[0].saved > 12, `${drawn[0].saved}`);
    }
  });
});
