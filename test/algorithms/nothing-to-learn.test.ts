import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineEnv, type EnvSource } from '../../src/env/define-env.js';
import { box } from '../../src/env/spaces.js';
import { train } from '../../src/train/train.js';

/** A point that is pushed about; `reward` says what for. */
function point(reward: (position: number) => number, id = 'point') {
  const source: EnvSource<Float32Array> = {
    id,
    parameters: {},
    stateSize: 2,
    observation: 2,
    action: box([1], -1, 1),
    maxEpisodeSteps: 20,
    secondsPerStep: 1,
    start(state, at, draw) {
      state[at] = 2 * draw(0) - 1;
      state[at + 1] = 2 * draw(1) - 1;
    },
    step({ state, actions, rewards }, first, end) {
      for (let slot = first; slot < end; slot++) {
        state[2 * slot] += 0.1 * actions[slot];
        rewards[slot] = reward(state[2 * slot]);
      }
    },
  };
  return defineEnv(source);
}

const sampling = { steps: 400, slots: 10 };
const run = (method: string, options: Record<string, unknown>, reward: (position: number) => number, iterations = 2) =>
  train(
    {
      experiment: 'point',
      track: 'custom',
      method,
      seed: 0,
      iterations,
      engine: 'reference',
      environment: { id: 'point' },
      policy: { hidden: [4], activation: 'tanh' },
      options,
    },
    { env: point(reward), threads: 1 },
  );

const vine = { trunkSteps: 200, trunks: 7, rolloutStates: 20, actionsPerState: 3, rolloutLength: 7 };
const onPolicy: [string, Record<string, unknown>][] = [
  ['single-path', { sampling }],
  ['single-path', { sampling, estimator: { scaling: 'none' } }],
  ['single-path', { sampling, estimator: { scaling: 'standardize', baseline: 'constant', discount: 0 } }],
  ['single-path', { sampling, trustRegion: { dampingKind: 'fancy' } }],
  ['vine', { sampling: vine }],
  ['vine', { sampling: vine, estimator: { scaling: 'none' } }],
  ['natural-gradient', { sampling }],
  ['empirical-fim', { sampling }],
  ['max-kl', { sampling }],
  ['policy-gradient', { sampling }],
  ['policy-gradient', { sampling, form: 'penalty' }],
  ['rwr', { sampling }],
  ['rwr', { sampling, weighting: 'exponential' }],
  ['rwr', { sampling, weighting: 'adaptive' }],
  ['reps', { sampling }],
];

for (const [method, options] of onPolicy) {
  test(`${method} ${JSON.stringify(options)}: equal returns leave the policy as it is`, async () => {
    // 0.1 is no sum of powers of two: the returns differ from their means by rounding.
    const { rows, theta } = await run(method, options, () => 0.1);
    for (const row of rows) assert.deepEqual([row.step_fraction, row.mean_kl, row.max_kl], [0, 0, 0]);
    const { theta: learned, rows: moved } = await run(method, options, (position) => -Math.abs(position));
    assert.ok(moved.every((row) => row.step_fraction > 0 && row.mean_kl > 0));
    assert.notDeepEqual(learned, theta);
  });
}

for (const [method, options] of [
  ['cem', { population: 16 }],
  ['cma-es', { population: 16 }],
] as const) {
  test(`${method}: equal returns leave the search where it is`, async () => {
    const one = await run(method, options, () => 0.1, 1);
    const three = await run(method, options, () => 0.1, 3);
    assert.deepEqual(three.theta, one.theta);
    const { theta } = await run(method, options, (position) => -Math.abs(position), 1);
    assert.notDeepEqual(theta, one.theta);
  });
}

for (const [method, options] of [
  ['single-path', { sampling, estimator: { scaling: 'none' } }],
  ['single-path', { sampling, estimator: { scaling: 'none' }, trustRegion: { dampingKind: 'fancy' } }],
  ['empirical-fim', { sampling, estimator: { scaling: 'none' } }],
  ['vine', { sampling: vine, estimator: { scaling: 'none' } }],
] as const) {
  test(`${method} ${JSON.stringify(options)}: a step does not depend on the unit of the rewards`, async () => {
    const whole = await run(method, options, (position) => -Math.abs(position), 3);
    // A power of two: not even rounding changes.
    const tiny = await run(method, options, (position) => -Math.abs(position) * 2 ** -20, 3);
    assert.ok(whole.rows.every((row) => row.step_fraction > 0));
    assert.deepEqual(tiny.theta, whole.theta);
  });
}
