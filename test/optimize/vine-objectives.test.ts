import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { uniform } from '../../src/base/random.js';
import type { Objective } from '../../src/optimize/objectives.js';
import { fullActionSurrogate, selfNormalizedSurrogate } from '../../src/optimize/vine-objectives.js';
import { type Distribution, makeDistribution } from '../../src/policy/distribution.js';

const states = 5;
const draw = (i: number, stream: number) => 2 * uniform(3, stream, i, 0) - 1;

async function checkGradient(distribution: Distribution, objective: Objective, parameters: Float32Array) {
  const gradient = await objective.cotangents(parameters);
  for (let i = 0; i < parameters.length; i++) {
    const h = 2 ** -9;
    const at = async (delta: number) => {
      const shifted = parameters.slice();
      shifted[i] += delta;
      return objective.value(shifted);
    };
    const numeric = ((await at(h)) - (await at(-h))) / (2 * h);
    assert.ok(
      Math.abs(numeric - gradient[i]) < 2e-5,
      `${distribution.spec.kind} ${i}: ${numeric} against ${gradient[i]}`,
    );
  }
}

function gaussianCase() {
  const distribution = makeDistribution({ kind: 'gaussian', dimensions: 2 });
  const k = 4;
  const parameters = Float32Array.from({ length: states * 4 }, (_, i) => 0.5 * draw(i, 1));
  const set = {
    actions: Float32Array.from({ length: states * k * 2 }, (_, i) => draw(i, 2)),
    logQ: Float32Array.from({ length: states * k }, (_, i) => draw(i, 3)),
  };
  const q = Float64Array.from({ length: states * k }, (_, i) => 3 * draw(i, 4));
  return { distribution, parameters, set, q };
}

describe('self-normalised surrogate (Eq. 17)', () => {
  it('has the gradient of its value', async () => {
    const { distribution, parameters, set, q } = gaussianCase();
    await checkGradient(distribution, selfNormalizedSurrogate(distribution, set, q), parameters);
  });

  it('has a gradient that ignores a constant added to a state', async () => {
    const { distribution, parameters, set, q } = gaussianCase();
    const shifted = q.map((value, i) => value + 7 * Math.floor(i / 4));
    const a = await selfNormalizedSurrogate(distribution, set, q).cotangents(parameters);
    const b = await selfNormalizedSurrogate(distribution, set, shifted).cotangents(parameters);
    for (let i = 0; i < a.length; i++) assert.ok(Math.abs(a[i] - b[i]) < 1e-5);
  });

  it('is the plain mean of Q where the policy is what drew the actions', async () => {
    const { distribution, parameters, set, q } = gaussianCase();
    const rows = Int32Array.from({ length: set.logQ.length }, (_, i) => Math.floor(i / 4));
    const logQ = Float32Array.from(distribution.logProb(parameters, set.actions, rows));
    const value = await selfNormalizedSurrogate(distribution, { ...set, logQ }, q).value(parameters);
    assert.ok(Math.abs(value - q.reduce((a, b) => a + b, 0) / q.length) < 1e-6);
  });
});

describe('full-action surrogate (Eq. 16)', () => {
  it('is the expected Q and has the gradient of its value', async () => {
    const distribution = makeDistribution({ kind: 'categorical', sizes: [3, 2] });
    const k = 6;
    const parameters = Float32Array.from({ length: states * 5 }, (_, i) => draw(i, 5));
    const actions = Int32Array.from({ length: states * k * 2 }, (_, i) => {
      const action = Math.floor(i / 2) % k;
      return i % 2 === 0 ? Math.floor(action / 2) : action % 2;
    });
    const q = Float64Array.from({ length: states * k }, (_, i) => draw(i, 6));
    const set = { actions, logQ: new Float32Array(states * k) };
    const objective = fullActionSurrogate(distribution, set, q);
    const constant = await fullActionSurrogate(
      distribution,
      set,
      q.map(() => 2),
    ).value(parameters);
    assert.ok(Math.abs(constant - 2) < 1e-6, 'probabilities sum to one');
    await checkGradient(distribution, objective, parameters);
  });
});
