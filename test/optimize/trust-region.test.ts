import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authors } from '../../src/network/initialise.js';
import { importanceSampledSurrogate, type Objective } from '../../src/optimize/objectives.js';
import { type Problem, trustRegionSchema, trustRegionStep } from '../../src/optimize/trust-region.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { gaussianPolicy, referenceEngine, testDraws } from '../helpers/training.js';

const options = (given: object = {}) => trustRegionSchema.parse({ fisherEvery: 1, damping: 0, klTarget: 1, ...given });

/** A policy on random observations, with actions drawn around its means and random advantages. */
async function randomProblem(hidden: readonly number[], states = 200): Promise<Problem> {
  const spec = gaussianPolicy(3, hidden, 2);
  const engine = await referenceEngine(spec);
  const theta = initialPolicyParameters(spec, 0, { output: authors(1) });
  const draw = testDraws(7);
  const observations = Float32Array.from({ length: states * 3 }, draw);
  const data = await engine.load(observations, states);
  const old = await engine.evaluate(data);
  const distribution = makeDistribution(spec.distribution);
  const actions = Float32Array.from({ length: states * 2 }, (_, i) => old[4 * (i >> 1) + (i & 1)] + draw());
  const logQ = Float32Array.from(distribution.logProb(old, actions));
  const advantages = Float64Array.from({ length: states }, (_, i) => actions[2 * i] + 0.3 * draw());
  const set = { actions, logQ };
  const objective = importanceSampledSurrogate(distribution, set, advantages);
  return { engine, distribution, theta, data, old, objective };
}

test('a step improves the objective and keeps the mean KL divergence at the bound', async () => {
  for (const hidden of [[], [5]]) {
    const problem = await randomProblem(hidden);
    const { theta, diagnostics } = await trustRegionStep(
      problem,
      options({ klLimit: 1e-3, lineSearch: { klLimitMultiple: 2 } }),
    );
    assert.ok(diagnostics.objectiveAfter > diagnostics.objectiveBefore + 0.5 * diagnostics.expectedImprovement);
    assert.equal(diagnostics.stepFraction, 1);
    // A small bound: the quadratic model of the KL divergence is good to some percent.
    assert.ok(Math.abs(diagnostics.meanKl / 1e-3 - 1) < 0.1, `${diagnostics.meanKl}`);
    assert.ok(diagnostics.maxKl >= diagnostics.meanKl);
    assert.notDeepEqual(theta, problem.theta);
    assert.deepEqual(await problem.engine.evaluate(problem.data), await evaluateFresh(problem, theta));
  }
});

async function evaluateFresh(problem: Problem, theta: Float32Array) {
  await problem.engine.setTheta(theta);
  return problem.engine.evaluate(problem.data);
}

test('on a quadratic model the step is the exact solution: along F^-1 g, at the bound', async () => {
  // One state and a linear policy without observations to speak of: KL is quadratic in the mean's bias.
  const spec = gaussianPolicy(1, [], 2);
  const engine = await referenceEngine(spec);
  const theta = Float32Array.of(0, 0, 0, 0, Math.log(0.5), Math.log(2));
  await engine.setTheta(theta);
  const data = await engine.load(new Float32Array(1), 1);
  const old = await engine.evaluate(data);
  // Linear objective in the means: gradient (1, 1), nothing in the log standard deviations.
  const objective: Objective = {
    value: async (parameters) => parameters[0] + parameters[1],
    cotangents: async () => Float32Array.of(1, 1, 0, 0),
  };
  const distribution = makeDistribution(spec.distribution);
  const step = await trustRegionStep(
    { engine, distribution, theta, data, old, objective },
    options({ klLimit: 0.02, lineSearch: { klLimitMultiple: 1.0001 } }),
  );
  // F = diag(1/σ²) = diag(4, 1/4): s = (1/4, 4), s'Fs = 4.25, β = sqrt(0.04 / 4.25).
  const beta = Math.sqrt(0.04 / 4.25);
  assert.ok(Math.abs(step.theta[2] - beta / 4) < 1e-6);
  assert.ok(Math.abs(step.theta[3] - beta * 4) < 1e-6);
  assert.ok(Math.abs(step.diagnostics.meanKl - 0.02) < 1e-7);
  assert.equal(step.diagnostics.cgIterations, 2);
});

test('damping shortens the natural direction toward the gradient; another metric can take its place', async () => {
  const problem = await randomProblem([5]);
  const euclidean = { ...problem, metricProduct: async (v: Float32Array) => v };
  const { diagnostics } = await trustRegionStep(euclidean, options({ useLineSearch: false }));
  // β s = sqrt(2 δ) g / |g|
  assert.ok(Math.abs(diagnostics.stepNorm - Math.sqrt(0.02)) < 1e-6);
  const heavy = await trustRegionStep(problem, options({ damping: 1e6, useLineSearch: false }));
  const cosine = heavy.diagnostics.expectedImprovement / (heavy.diagnostics.stepNorm * heavy.diagnostics.gradientNorm);
  assert.ok(cosine > 0.999999, `${cosine}`);
  const diagonal = { ...problem, dampingDiagonal: new Float64Array(problem.theta.length).fill(1e6) };
  const same = await trustRegionStep(diagonal, options({ useLineSearch: false }));
  assert.equal(same.diagnostics.stepNorm, heavy.diagnostics.stepNorm);
});

test('stays where the gradient is zero, or no step is good enough', async () => {
  const problem = await randomProblem([5]);
  const flat: Objective = { value: async () => 1, cotangents: async (p) => new Float32Array(p.length) };
  const still = await trustRegionStep({ ...problem, objective: flat }, options());
  assert.deepEqual(still.theta, problem.theta);
  assert.equal(still.diagnostics.stepFraction, 0);

  const deceptive: Objective = { ...problem.objective, value: async (p) => (p === problem.old ? 1 : 0) };
  const refused = await trustRegionStep({ ...problem, objective: deceptive }, options());
  assert.deepEqual(refused.theta, problem.theta);
  assert.equal(refused.diagnostics.lineSearchEvaluations, 10);
});

test('a gradient that is not finite is an error that says so', async () => {
  const problem = await randomProblem([5]);
  const broken: Objective = {
    value: async () => 0,
    cotangents: async (p) => new Float32Array(p.length).fill(Number.NaN),
  };
  await assert.rejects(trustRegionStep({ ...problem, objective: broken }, options()), { code: 'ERR_DIVERGED' });
});
