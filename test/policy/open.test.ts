// A distribution, and an engine, of somebody else's.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { registerEnvs } from '../../envs/index.js';
import {
  type ActionArray,
  ArgumentError,
  createEngine,
  type Distribution,
  type DistributionSpec,
  initialPolicyParameters,
  listDistributions,
  listEngines,
  loadPolicy,
  type Metric,
  makeDistribution,
  NotFoundError,
  type PolicySpec,
  registerDistribution,
  registerEngine,
  train,
  uniform,
} from '../../src/index.js';
import { assertClose, trialObservations, trialParameters } from '../network/conformance.js';
import { draws } from '../network/draws.js';

registerEnvs();

const folder = await mkdtemp(join(tmpdir(), 'trellis-open-'));
after(() => rm(folder, { recursive: true }));

/** Laplace: a parameter row is [location, log scale] of one action. Its Fisher matrix is diag(1 / b², 1). */
class Laplace implements Distribution {
  readonly spec: DistributionSpec;
  readonly distParamSize = 2;
  readonly actionSize = 1;
  readonly outputs = { emitted: 2, stateIndependent: 0 };

  constructor(spec: DistributionSpec) {
    if (spec['dimensions'] !== 1) throw new ArgumentError('laplace', { value: spec, expected: 'one dimension' });
    this.spec = { kind: 'laplace', dimensions: 1 };
  }

  makeActions = (count: number) => new Float32Array(count);

  logProb(
    p: Float32Array,
    actions: ActionArray,
    rows: Int32Array | null = null,
    out = new Float64Array(actions.length),
  ) {
    return out.map((_, i) => {
      const at = 2 * (rows?.[i] ?? i);
      return -Math.abs(actions[i] - p[at]) * Math.exp(-p[at + 1]) - p[at + 1] - Math.LN2;
    });
  }

  kl(old: Float32Array, current: Float32Array, out = new Float64Array(old.length / 2)) {
    return out.map((_, i) => {
      const distance = Math.abs(old[2 * i] - current[2 * i]);
      const [b, c] = [Math.exp(old[2 * i + 1]), Math.exp(current[2 * i + 1])];
      return Math.log(c / b) + (b * Math.exp(-distance / b) + distance) / c - 1;
    });
  }

  entropy = (p: Float32Array, out = new Float64Array(p.length / 2)) => out.map((_, i) => 1 + Math.LN2 + p[2 * i + 1]);
  mode = (p: Float32Array, out: ActionArray = new Float32Array(p.length / 2)) => {
    for (let i = 0; i < out.length; i++) out[i] = p[2 * i];
    return out;
  };

  sample(p: Float32Array, keys: Uint32Array, times: Int32Array, actions: ActionArray, logQ: Float32Array) {
    for (let i = 0; i < logQ.length; i++) {
      const u = uniform(keys[2 * i], keys[2 * i + 1], times[i], 0) - 0.5;
      actions[i] = p[2 * i] - Math.exp(p[2 * i + 1]) * Math.sign(u) * Math.log1p(-2 * Math.abs(u));
    }
    logQ.set(this.logProb(p, actions.subarray(0, logQ.length)));
  }

  addLogProbGradient(
    p: Float32Array,
    actions: ActionArray,
    weights: ArrayLike<number>,
    out: Float32Array,
    rows: Int32Array | null = null,
  ) {
    for (let i = 0; i < weights.length; i++) {
      const at = 2 * (rows?.[i] ?? i);
      const z = (actions[i] - p[at]) * Math.exp(-p[at + 1]);
      out[at] += weights[i] * Math.sign(z) * Math.exp(-p[at + 1]);
      out[at + 1] += weights[i] * (Math.abs(z) - 1);
    }
  }

  addKlGradient(): void {
    throw new Error('not needed here');
  }

  addEntropyGradient(_: Float32Array, weights: ArrayLike<number> | number, out: Float32Array) {
    for (let i = 0; 2 * i < out.length; i++) out[2 * i + 1] += typeof weights === 'number' ? weights : weights[i];
  }

  fisherProduct(p: Float32Array, v: Float32Array, out = new Float32Array(v.length)) {
    return out.map((_, i) => v[i] * (i % 2 === 0 ? Math.exp(-2 * p[i + 1]) : 1));
  }

  metric(p: Float32Array): Metric {
    return { kind: 'diagonal', weights: p.map((_, i) => (i % 2 === 0 ? Math.exp(-2 * p[i + 1]) : 1)) };
  }
}
registerDistribution('laplace', (spec) => new Laplace(spec));

const spec: PolicySpec = {
  network: {
    inputShape: [3],
    inputType: 'float32',
    inputScaling: null,
    layers: [
      { kind: 'dense', units: 7, activation: 'tanh' },
      { kind: 'dense', units: 2, activation: 'linear' },
    ],
  },
  distribution: { kind: 'laplace', dimensions: 1 },
};

describe('a distribution of one’s own', () => {
  test('its metric is used by every engine', async () => {
    const observations = trialObservations(spec.network, 20, 1);
    const theta = trialParameters(spec.network, 2);
    const v = draws(theta.length, 3);
    const products: Float32Array[] = [];
    for (const name of ['reference', 'native', 'tfjs:cpu']) {
      const engine = await createEngine(spec.network, name);
      await engine.setTheta(theta);
      const data = await engine.load(observations, 20);
      const metric = makeDistribution(spec.distribution).metric(await engine.evaluate(data));
      products.push(await engine.fisherVectorProduct(data, v, metric));
      engine.close();
    }
    assertClose(products[1], products[0], 'native');
    assertClose(products[2], products[0], 'tfjs');
  });

  for (const kind of ['laplace', 'squashed-gaussian']) {
    test(`${kind} trains, and its stored policy acts again`, async () => {
      const directory = join(folder, kind);
      const result = await train(
        {
          experiment: kind,
          environment: { id: 'cartpole', settings: {} },
          method: 'single-path',
          policy: { distribution: kind, hidden: [8] },
          options: { sampling: { steps: 4000, slots: 16 }, trustRegion: { fisherEvery: 3 } },
          iterations: 6,
          seed: 1,
        },
        { directory, threads: 1 },
      );
      const returns = result.rows.map((row) => row.mean_return);
      assert.ok(returns.at(-1)! > 2 * returns[0], `${returns}`);
      for (const row of result.rows) {
        assert.ok(row.mean_kl > 0 && row.mean_kl <= 0.01, `${row.mean_kl}`);
        // Of the whole step, by the quadratic model, 0.009: no metric, or a wrong one, would miss it by far.
        const whole = row.mean_kl / row.step_fraction ** 2;
        assert.ok(whole > 0.006 && whole < 0.014, `${whole}`);
      }
      const policy = await loadPolicy(directory);
      assert.equal(policy.distribution.spec.kind, kind);
      assert.equal((await policy.act(new Float32Array(4))).length, 1);
      policy.close();
    });
  }

  test('initial state-independent outputs are 0 where it does not say', () => {
    const given = { ...spec, network: { ...spec.network, stateIndependentOutputs: 1 } };
    const layers = [spec.network.layers[0], { kind: 'dense', units: 1, activation: 'linear' } as const];
    const theta = initialPolicyParameters({ ...given, network: { ...given.network, layers } }, 1);
    assert.equal(theta.at(-1), 0);
  });

  test('names taken and unknown', () => {
    assert.ok(listDistributions().includes('laplace') && listDistributions().includes('gaussian'));
    assert.throws(() => registerDistribution('gaussian', (given) => new Laplace(given)), ArgumentError);
    assert.throws(() => registerDistribution('', (given) => new Laplace(given)), ArgumentError);
    assert.throws(() => makeDistribution({ kind: 'laplac' }), NotFoundError);
    for (const wrong of [null, undefined, 3, [], {}]) {
      assert.throws(() => makeDistribution(wrong as unknown as DistributionSpec), /distribution/);
    }
    assert.throws(() => makeDistribution({ kind: 'gaussian', dimension: 2 }), /"dimension".*Did you mean "dimensions"/);
  });
});

test('an engine of one’s own, with variants', async () => {
  registerEngine('twin', async (network, options, variant) => createEngine(network, variant ?? 'reference', options));
  assert.ok(listEngines().includes('twin'));
  const engine = await createEngine(spec.network, 'twin:native', { threads: 1 });
  assert.equal(engine.name, 'native');
  engine.close();
  assert.throws(() => registerEngine('native', async () => engine), ArgumentError);
  assert.throws(() => registerEngine('a:b', async () => engine), ArgumentError);
  await assert.rejects(createEngine(spec.network, 'native:fast'), NotFoundError);
  await assert.rejects(createEngine(spec.network, 'nativ'), /Did you mean "native"/);
  await assert.rejects(createEngine(spec.network, 3 as unknown as string), NotFoundError);
});
