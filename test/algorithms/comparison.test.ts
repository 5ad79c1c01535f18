import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { cartpole } from '../../envs/classic/cartpole.js';
import { getAlgorithm } from '../../src/algorithms/index.js';
import { adaptiveWeights } from '../../src/algorithms/rwr.js';
import type { AlgorithmContext } from '../../src/algorithms/types.js';
import { streamKeys } from '../../src/base/random.js';
import { defineEnv } from '../../src/env/define-env.js';
import { box } from '../../src/env/spaces.js';
import type { EnvFactory } from '../../src/env/types.js';
import { normalNoise } from '../../src/native/noise.js';
import { createEngine } from '../../src/network/engines/index.js';
import { covarianceMatrix, covarianceProduct } from '../../src/optimize/empirical-fisher.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import type { PolicySpec } from '../../src/policy/types.js';
import { episodeMeans } from '../helpers/training.js';

/** One decision, paid -(a - 0.7)²: the best mean action is 0.7 and the best spread is none. */
const bandit = defineEnv<Float32Array>({
  id: 'test-bandit',
  parameters: {},
  stateSize: 1,
  observation: 1,
  action: box([1], -1, 1),
  maxEpisodeSteps: 1,
  secondsPerStep: 1,
  start(state, at) {
    state[at] = 1;
  },
  step({ rewards, actions }, first, end) {
    for (let i = first; i < end; i++) rewards[i] = -((actions[i] - 0.7) ** 2);
  },
});

function policyFor(inputs: number, units = 0): PolicySpec {
  return {
    network: {
      inputShape: [inputs],
      inputType: 'float32',
      inputScaling: null,
      layers: [
        ...(units > 0 ? [{ kind: 'dense', units, activation: 'tanh' } as const] : []),
        { kind: 'dense', units: 1, activation: 'linear' },
      ],
      stateIndependentOutputs: 1,
    },
    distribution: { kind: 'gaussian', dimensions: 1 },
  };
}

async function contextFor(env: EnvFactory, policy: PolicySpec): Promise<AlgorithmContext> {
  const engine = await createEngine(policy.network, 'reference');
  const initialTheta = new Float32Array(engine.parameterCount);
  initialTheta[engine.parameterCount - 1] = Math.log(0.5);
  const distribution = makeDistribution(policy.distribution);
  return { env, policy, engine, distribution, initialTheta, seed: 3, threads: 1 };
}

async function train(method: string, options: object, iterations: number, env = bandit, policy = policyFor(1)) {
  const definition = getAlgorithm(method);
  const algorithm = await definition.create(await contextFor(env, policy), definition.parseOptions(options));
  const costs: number[] = [];
  for (let i = 0; i < iterations; i++) {
    costs.push(episodeMeans(await algorithm.iterate(i), env.spec.maxEpisodeSteps).meanCostPerStep);
  }
  return { algorithm, costs };
}

describe('comparison methods on a bandit with a known optimum', () => {
  const sampling = { steps: 500, slots: 50 };
  for (const [method, options, iterations] of [
    ['rwr', { sampling }, 15],
    ['rwr', { sampling, weighting: 'exponential', temperature: 2 }, 25],
    ['rwr', { sampling, weighting: 'adaptive' }, 25],
    ['reps', { sampling }, 20],
    ['cem', { population: 100, extraStd: 0.05, initialVariance: 0.2 }, 40],
    ['cma-es', { population: 40 }, 60],
    ['single-path', { sampling, trustRegion: { klLimit: 0.05, fisherEvery: 1 } }, 60],
    ['natural-gradient', { sampling, penalty: 3, metric: { fisherEvery: 1 } }, 40],
    ['empirical-fim', { sampling, trustRegion: { klLimit: 0.05, fisherEvery: 1 } }, 60],
    ['max-kl', { sampling, klLimit: 0.05, constraintEvery: 50 }, 60],
  ] as const) {
    it(`${method} ${JSON.stringify(options)}`, async () => {
      const { algorithm, costs } = await train(method, options, iterations);
      const [weight, bias] = algorithm.theta();
      assert.ok(Math.abs(weight + bias - 0.7) < 0.1, `mean action ${weight + bias}, costs ${costs.slice(-3)}`);
      assert.ok(costs.at(-1)! < 0.5 * costs[0], `cost ${costs[0]} -> ${costs.at(-1)}`);
      algorithm.close();
    });
  }
});

describe('checkpoints of comparison methods', () => {
  for (const [method, options] of [
    ['cem', { population: 20 }],
    ['cma-es', { population: 10 }],
    ['rwr', { sampling: { steps: 300, slots: 10 } }],
    ['rwr', { sampling: { steps: 300, slots: 10 }, weighting: 'adaptive' }],
    ['vine', { sampling: { trunks: 4, trunkSteps: 200, rolloutStates: 20, rolloutLength: 10 } }],
  ] as const) {
    it(`${method} goes on from its saved state exactly`, async () => {
      const whole = await train(method, options, 4, cartpole(), policyFor(4));
      const first = await train(method, options, 2, cartpole(), policyFor(4));
      const resumed = await train(method, options, 0, cartpole(), policyFor(4));
      await resumed.algorithm.loadState(structuredClone(first.algorithm.saveState()));
      for (let i = 2; i < 4; i++) {
        const report = await resumed.algorithm.iterate(i);
        assert.equal(episodeMeans(report, cartpole().spec.maxEpisodeSteps).meanCostPerStep, whole.costs[i]);
      }
      assert.deepEqual(resumed.algorithm.theta(), whole.algorithm.theta());
    });
  }
});

describe('natural gradient', () => {
  it('goes where the trust region goes, whatever the penalty', async () => {
    const sampling = { steps: 600, slots: 20 };
    const policy = policyFor(4, 6);
    const shared = { damping: 0.01, fisherEvery: 1 };
    const start = (await contextFor(cartpole(), policy)).initialTheta;
    const step = async (method: string, options: object) => {
      const { algorithm } = await train(method, { sampling, ...options }, 1, cartpole(), policy);
      return algorithm.theta().map((value, i) => value - start[i]);
    };
    const trust = await step('single-path', { trustRegion: shared });
    const natural = await step('natural-gradient', { metric: shared, penalty: 0.3 });
    let [product, a, b] = [0, 0, 0];
    for (let i = 0; i < trust.length; i++) {
      product += trust[i] * natural[i];
      a += trust[i] ** 2;
      b += natural[i] ** 2;
    }
    assert.ok(product / Math.sqrt(a * b) > 0.9999, `cosine ${product / Math.sqrt(a * b)}`);
  });
});

describe('empirical Fisher matrix', () => {
  it('gives the same product matrix-free and dense, near the analytic one for many samples', async () => {
    const policy = policyFor(3, 4);
    const { engine } = await contextFor(bandit, policy);
    const size = engine.parameterCount;
    const n = 20_000;
    const draw = (count: number, item: number) =>
      Float32Array.from(normalNoise(streamKeys(1, 100, item, 0, 1), new Int32Array(1), count, new Float64Array(count)));
    const theta = draw(size, 0).map((value) => 0.5 * value);
    await engine.setTheta(theta);
    const data = await engine.load(draw(3 * n, 1), n);
    const parameters = await engine.evaluate(data);
    const distribution = makeDistribution(policy.distribution);
    const actions = distribution.makeActions(n);
    const keys = streamKeys(1, 100, 2, 0, n);
    distribution.sample(parameters, keys, new Int32Array(n), actions, new Float32Array(n));
    const scores = new Float32Array(parameters.length);
    distribution.addLogProbGradient(parameters, actions, new Float64Array(n).fill(1), scores);
    const v = draw(size, 3);
    const free = await (await covarianceProduct(engine, data, scores))(v);
    const dense = await (await covarianceMatrix(engine, data, scores))(v);
    const analytic = await engine.fisherVectorProduct(data, v, distribution.metric(parameters));
    const norm = Math.hypot(...analytic);
    for (let i = 0; i < size; i++) {
      assert.ok(Math.abs(free[i] - dense[i]) < 1e-4 * norm, `${i}: ${free[i]} ${dense[i]}`);
      assert.ok(Math.abs(free[i] - analytic[i]) < 0.05 * norm, `${i}: ${free[i]} ${analytic[i]}`);
    }
  });

  it('refuses a dense matrix that does not fit', async () => {
    const large = policyFor(1, 20_000);
    await assert.rejects(train('empirical-fim', { matrix: 'dense' }, 0, bandit, large), {
      code: 'ERR_MEMORY',
      message: /GiB.*matrix=product/,
    });
  });
});

describe('max-KL', () => {
  it('improves cart-pole and keeps every state within the limit', async () => {
    const definition = getAlgorithm('max-kl');
    const options = definition.parseOptions({ sampling: { steps: 2000, slots: 20 }, klLimit: 0.03 });
    const algorithm = await definition.create(await contextFor(cartpole(), policyFor(4)), options);
    const reports = [];
    for (let i = 0; i < 8; i++) reports.push(await algorithm.iterate(i));
    for (const { diagnostics } of reports) assert.ok(diagnostics['max_kl'] <= 0.03, `max KL ${diagnostics['max_kl']}`);
    const lengths = reports.map((report) => episodeMeans(report, 1000).meanLength);
    assert.ok(lengths[7] > 1.3 * lengths[0], `${lengths}`);
  });
});

describe('adaptive weights of reward-weighted regression', () => {
  it('fall with the distance from the best return; the rate becomes that of the weighted distances', () => {
    const memory = new Float64Array(1);
    const returns = Float64Array.of(5, 2, 4, 1);
    const weights = adaptiveWeights(returns, memory);
    const first = 4 / (0 + 3 + 1 + 4);
    [0, 3, 1, 4].forEach((cost, i) => {
      assert.ok(Math.abs(weights[i] - Math.exp(-first * cost)) < 1e-15);
    });
    const next = weights.reduce((a, b) => a + b) / (3 * weights[1] + weights[2] + 4 * weights[3]);
    assert.ok(Math.abs(memory[0] - next) < 1e-15);
    assert.ok(next > first, 'what is weighted is nearer to the best');
    adaptiveWeights(returns, memory);
    assert.ok(memory[0] > next);
    const alone = Float64Array.of(1e6);
    assert.deepEqual([...adaptiveWeights(Float64Array.of(0, -1e9), alone)], [1, 0]);
    assert.equal(alone[0], 1e6, 'one path with a weight says nothing about the rate');
  });
});
