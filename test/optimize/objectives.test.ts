import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  importanceSampledSurrogate,
  klDivergence,
  logLikelihood,
  meanEntropy,
  negativeMeanKl,
  type Objective,
} from '../../src/optimize/objectives.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import type { DistributionSpec } from '../../src/policy/types.js';
import { testDraws } from '../helpers/training.js';

const specs: DistributionSpec[] = [
  { kind: 'gaussian', dimensions: 2 },
  { kind: 'categorical', sizes: [3, 2] },
];

/** States, actions of some of them, densities and weights, all random. */
function randomSet(spec: DistributionSpec, states: number, stateOfAction: Int32Array | null) {
  const draw = testDraws(states);
  const distribution = makeDistribution(spec);
  const actionsCount = stateOfAction?.length ?? states;
  const actions = distribution.makeActions(actionsCount);
  for (let i = 0; i < actions.length; i++) {
    const { choices } = distribution;
    actions[i] = choices === undefined ? draw() : Math.floor(((draw() + 1) / 2) * choices[i % choices.length]);
  }
  const parameters = Float32Array.from({ length: states * distribution.distParamSize }, draw);
  const logQ = Float32Array.from({ length: actionsCount }, () => -1 + draw());
  const weights = Float64Array.from({ length: actionsCount }, draw);
  return { distribution, parameters, weights, set: { actions, stateOfAction: stateOfAction ?? undefined, logQ } };
}

async function checkGradient(objective: Objective, parameters: Float32Array): Promise<void> {
  const cotangents = await objective.cotangents(parameters);
  const h = 2 ** -7;
  for (let i = 0; i < parameters.length; i++) {
    const moved = parameters.slice();
    moved[i] = parameters[i] + h;
    const above = await objective.value(moved);
    moved[i] = parameters[i] - h;
    const below = await objective.value(moved);
    // Central differences are off by h²/6 times the third derivative, some 1e-4 of the values here.
    assert.ok(
      Math.abs((above - below) / (2 * h) - cotangents[i]) < 1e-3,
      `${i}: ${(above - below) / (2 * h)} ${cotangents[i]}`,
    );
  }
}

for (const spec of specs) {
  const rows = [null, Int32Array.of(0, 0, 2, 2, 2, 1)] as const;
  for (const stateOfAction of rows) {
    const label = `${spec.kind}, ${stateOfAction === null ? 'an action per state' : 'several actions per state'}`;
    test(`gradients against finite differences: ${label}`, async () => {
      const { distribution, parameters, weights, set } = randomSet(spec, 4, stateOfAction);
      await checkGradient(importanceSampledSurrogate(distribution, set, weights), parameters);
      await checkGradient(logLikelihood(distribution, set, weights), parameters);
      await checkGradient(logLikelihood(distribution, set), parameters);
    });
  }

  test(`${spec.kind}: the KL objective's gradient, and its maximum at the old policy`, async () => {
    const { distribution, parameters } = randomSet(spec, 4, null);
    const old = randomSet(spec, 4, null).parameters.map((x, i) => x + 0.3 * Math.sin(i));
    const objective = negativeMeanKl(distribution, old);
    await checkGradient(objective, parameters);
    assert.ok((await objective.value(parameters)) < 0);
    assert.equal(await objective.value(old), -0);
  });
}

test('values by hand: one gaussian dimension', async () => {
  const distribution = makeDistribution({ kind: 'gaussian', dimensions: 1 });
  const parameters = Float32Array.of(0, 0, 1, 0);
  const logDensity = (z: number) => -0.5 * z * z - 0.5 * Math.log(2 * Math.PI);
  const set = {
    actions: Float32Array.of(1, 1),
    logQ: Float32Array.of(logDensity(1), logDensity(1)),
  };
  const surrogate = importanceSampledSurrogate(distribution, set, Float64Array.of(2, 3));
  const expected = (2 + 3 * Math.exp(0.5)) / 2;
  assert.ok(Math.abs((await surrogate.value(parameters)) - expected) < 1e-6);
  const likelihood = await logLikelihood(distribution, set).value(parameters);
  assert.ok(Math.abs(likelihood - (logDensity(1) + logDensity(0)) / 2) < 1e-12);
  const kl = await klDivergence(distribution, Float32Array.of(0, 0, 0, 0), parameters);
  assert.deepEqual([kl.mean, kl.max], [0.25, 0.5]);
  const entropy = await meanEntropy(distribution, parameters);
  assert.ok(Math.abs(entropy - 0.5 * Math.log(2 * Math.PI * Math.E)) < 1e-12);
});

test('a long batch is handled in chunks that add up', async () => {
  const { distribution, parameters, weights, set } = randomSet(specs[0], 20_000, null);
  const whole = importanceSampledSurrogate(distribution, set, weights);
  const logProb = distribution.logProb(parameters, set.actions);
  let expected = 0;
  for (let i = 0; i < 20_000; i++) expected += (Math.exp(logProb[i] - set.logQ[i]) * weights[i]) / 20_000;
  assert.ok(Math.abs((await whole.value(parameters)) - expected) < 1e-9);
  const cotangents = await whole.cotangents(parameters);
  assert.ok(cotangents.subarray(-8).some((value) => value !== 0));
});
