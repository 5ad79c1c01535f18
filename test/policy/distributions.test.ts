import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { normal } from '../../src/base/normal.js';
import { Purpose, streamKeys, uniform } from '../../src/base/random.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import type { DistributionSpec } from '../../src/policy/types.js';
import { draws } from '../network/draws.js';

const N = 40_000;
const specs: Record<string, DistributionSpec> = {
  gaussian: { kind: 'gaussian', dimensions: 3 },
  'squashed gaussian': { kind: 'squashed-gaussian', dimensions: 3 },
  categorical: { kind: 'categorical', sizes: [3, 3, 2] },
};

/** One parameter row, repeated. */
function repeated(row: Float32Array, count: number): Float32Array {
  const out = new Float32Array(row.length * count);
  for (let i = 0; i < count; i++) out.set(row, i * row.length);
  return out;
}

function meanAndError(values: Float64Array): [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return [mean, Math.sqrt(variance / values.length)];
}

for (const [name, spec] of Object.entries(specs)) {
  describe(name, () => {
    const distribution = makeDistribution(spec);
    const m = distribution.distParamSize;
    const old = draws(m, 21).map((x) => 0.5 * x);
    const current = old.map((x, i) => x + (name === 'categorical' ? 2 : 0.3) * draws(m, 22)[i]);
    const oldRows = repeated(old, N);
    const actions = distribution.makeActions(N);
    const logQ = new Float32Array(N);
    distribution.sample(oldRows, streamKeys(3, Purpose.scratch, 0, 0, N), new Int32Array(N).fill(5), actions, logQ);
    const logOld = distribution.logProb(oldRows, actions);
    const logCurrent = distribution.logProb(repeated(current, N), actions);

    test('logQ is the log probability of what was drawn', () => {
      for (let i = 0; i < N; i++) assert.ok(Math.abs(logQ[i] - logOld[i]) < 2e-6 * (1 + Math.abs(logOld[i])));
    });
    test('probabilities integrate to one: the mean of p / q under q', () => {
      const [mean, error] = meanAndError(logCurrent.map((x, i) => Math.exp(x - logOld[i])));
      assert.ok(Math.abs(mean - 1) < 5 * error, `${mean} ± ${error}`);
    });
    test('KL(old || current) against Monte Carlo under old', () => {
      const [mean, error] = meanAndError(logOld.map((x, i) => x - logCurrent[i]));
      const kl = distribution.kl(old, current)[0];
      assert.ok(kl > 0.01 && Math.abs(mean - kl) < 5 * error, `${kl} against ${mean} ± ${error}`);
      const reversed = distribution.kl(current, old)[0];
      assert.ok(Math.abs(reversed - kl) > 5 * error, 'the two directions differ here');
    });
    test('entropy against Monte Carlo', () => {
      const [mean, error] = meanAndError(logOld.map((x) => -x));
      assert.ok(Math.abs(mean - distribution.entropy(old)[0]) < 5 * error);
    });
    test('gradients are differences', () => {
      const action = actions.slice(0, distribution.actionSize) as typeof actions;
      const zeros = () => new Float32Array(m);
      const cases: [string, Float32Array, (parameters: Float32Array) => number][] = [
        ['log probability', zeros(), (p) => distribution.logProb(p, action)[0]],
        ['KL', zeros(), (p) => distribution.kl(old, p)[0]],
        ['entropy', zeros(), (p) => distribution.entropy(p)[0]],
      ];
      distribution.addLogProbGradient(current, action, [1], cases[0][1]);
      distribution.addKlGradient(old, current, 1, cases[1][1]);
      distribution.addEntropyGradient(current, [1], cases[2][1]);
      for (const [what, gradient, f] of cases) {
        for (let k = 0; k < m; k++) {
          const step = 2 ** -8;
          const moved = (sign: number) => f(current.map((x, i) => (i === k ? x + sign * step : x)));
          const difference = (moved(1) - moved(-1)) / (2 * step);
          assert.ok(Math.abs(difference - gradient[k]) < 2e-3, `${what}, parameter ${k}: ${gradient[k]} ${difference}`);
        }
      }
    });
    test('weights and shared rows accumulate', () => {
      const rows = Int32Array.of(1, 1, 0);
      const parameters = Float32Array.from([...old, ...current]);
      const three = actions.slice(0, 3 * distribution.actionSize) as typeof actions;
      const shared = new Float32Array(2 * m);
      distribution.addLogProbGradient(parameters, three, [1, -2, 0.5], shared, rows);
      const apart = new Float32Array(2 * m);
      for (const [i, weight] of [1, -2, 0.5].entries()) {
        const one = three.slice(i * distribution.actionSize, (i + 1) * distribution.actionSize) as typeof actions;
        const row = rows[i];
        distribution.addLogProbGradient(
          parameters.slice(row * m, (row + 1) * m),
          one,
          [weight],
          apart.subarray(row * m, (row + 1) * m),
        );
      }
      for (let k = 0; k < 2 * m; k++) assert.ok(Math.abs(shared[k] - apart[k]) < 1e-5);
      const logs = distribution.logProb(parameters, three, rows);
      assert.ok(Math.abs(logs[2] - logOld[2]) < 1e-9 && Math.abs(logs[0] - logCurrent[0]) < 1e-9);
    });
    test('the Fisher matrix is the covariance of the score', () => {
      const v = draws(m, 23);
      const product = distribution.fisherProduct(old, v);
      const sums = Array.from({ length: m }, () => new Float64Array(N));
      for (let i = 0; i < N; i++) {
        const score = new Float32Array(m);
        const one = actions.slice(i * distribution.actionSize, (i + 1) * distribution.actionSize) as typeof actions;
        distribution.addLogProbGradient(old, one, [1], score);
        const along = score.reduce((sum, x, k) => sum + x * v[k], 0);
        for (let k = 0; k < m; k++) sums[k][i] = score[k] * along;
      }
      for (let k = 0; k < m; k++) {
        const [mean, error] = meanAndError(sums[k]);
        assert.ok(Math.abs(mean - product[k]) < 5 * error, `row ${k}: ${product[k]} against ${mean} ± ${error}`);
      }
    });
    test('the mode is the most probable', () => {
      const mode = distribution.mode(old);
      if (spec.kind === 'squashed-gaussian') {
        // Its density may grow toward the bounds; the mode is the median.
        return assert.deepEqual(mode, old.slice(0, 3).map(Math.tanh));
      }
      const highest = distribution.logProb(old, mode)[0];
      assert.ok(logOld.every((x) => x <= highest + 1e-9));
    });
    test('KL is second order: half of v M v for a short step', () => {
      const v = draws(m, 24).map((x) => 1e-3 * x);
      const kl = distribution.kl(
        old,
        old.map((x, i) => x + v[i]),
      )[0];
      const quadratic = 0.5 * distribution.fisherProduct(old, v).reduce((sum, x, i) => sum + x * v[i], 0);
      assert.ok(Math.abs(kl / quadratic - 1) < 0.02, `${kl} against ${quadratic}`);
      assert.equal(distribution.kl(old, old)[0], 0);
    });
  });
}

test('gaussian actions are mean + std · normal of their counter', () => {
  const distribution = makeDistribution({ kind: 'gaussian', dimensions: 2 });
  const keys = streamKeys(9, Purpose.scratch, 1, 2, 10);
  const times = Int32Array.from({ length: 10 }, (_, i) => 3 * i);
  const parameters = draws(40, 25);
  const actions = distribution.makeActions(10);
  distribution.sample(parameters, keys, times, actions, new Float32Array(10));
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 2; j++) {
      const z = normal(keys[2 * i], keys[2 * i + 1], times[i], j);
      const expected = parameters[4 * i + j] + Math.exp(parameters[4 * i + 2 + j]) * z;
      assert.ok(Math.abs(actions[2 * i + j] - expected) < 1e-6 * (1 + Math.abs(expected)));
    }
  }
});

test('a choice is the first whose cumulated probability exceeds the uniform of its factor', () => {
  const distribution = makeDistribution({ kind: 'categorical', sizes: [4, 2] });
  const keys = streamKeys(9, Purpose.scratch, 1, 2, 50);
  const times = new Int32Array(50);
  const parameters = draws(300, 26);
  const actions = distribution.makeActions(50);
  distribution.sample(parameters, keys, times, actions, new Float32Array(50));
  for (let i = 0; i < 50; i++) {
    let at = 6 * i;
    for (const [factor, size] of [4, 2].entries()) {
      const p = Array.from(parameters.subarray(at, at + size), Math.exp);
      const target = uniform(keys[2 * i], keys[2 * i + 1], 0, factor) * p.reduce((a, b) => a + b, 0);
      const cumulated = p.map((_, k) => p.slice(0, k + 1).reduce((a, b) => a + b, 0));
      const expected = cumulated.findIndex((sum) => sum > target);
      assert.equal(actions[2 * i + factor], expected);
      at += size;
    }
  }
});

describe('what a distribution is given', () => {
  const loose = (of: object, method: string, ...given: unknown[]) =>
    (of as Record<string, (...given: unknown[]) => unknown>)[method](...given);
  const n = 8;
  const keys = new Uint32Array(2 * n);
  const times = new Int32Array(n);

  test('is checked: class, length and attachment', () => {
    for (const spec of Object.values(specs)) {
      const d = makeDistribution(spec);
      const parameters = new Float32Array(n * d.distParamSize);
      const good = [parameters, keys, times, d.makeActions(n), new Float32Array(n)];
      loose(d, 'sample', ...good);
      for (let position = 0; position < good.length; position++) {
        const right = good[position];
        const detached = new (right.constructor as new (length: number) => Float32Array)(right.length);
        structuredClone(detached.buffer, { transfer: [detached.buffer as ArrayBuffer] });
        const wrong: unknown[] = [Array.from(right), new Float64Array(right.length), detached, null, 3, {}];
        if (position < 4) wrong.push(right.subarray(1));
        for (const value of wrong) {
          const given: unknown[] = good.slice();
          given[position] = value;
          assert.throws(() => loose(d, 'sample', ...given), ArgumentError);
        }
      }
      const [actions, other] = [d.makeActions(n), new Float32Array(n)];
      const forged = Object.create(Float32Array.prototype) as unknown;
      for (const call of [
        ['logProb', new Float64Array(parameters.length), actions],
        ['logProb', parameters, Array.from(actions)],
        ['logProb', parameters, d.makeActions(n + 1)],
        ['logProb', parameters, actions, Int32Array.from({ length: n }, () => n)],
        ['logProb', parameters, actions, null, other],
        ['kl', parameters, parameters.subarray(1)],
        ['kl', Array.from(parameters), parameters],
        ['entropy', parameters.subarray(1)],
        ['mode', parameters, new Float64Array(actions.length)],
        ['addLogProbGradient', parameters, actions, null, parameters.slice()],
        ['addLogProbGradient', parameters, actions, new Array(n).fill(1), other],
        ['addLogProbGradient', parameters, actions, new Array(n).fill(1n), parameters.slice()],
        ['addLogProbGradient', parameters, actions, new BigInt64Array(n), parameters.slice()],
        ['addLogProbGradient', parameters, actions, 1, parameters.slice()],
        ['addLogProbGradient', parameters, actions, forged, parameters.slice()],
        ['addKlGradient', parameters, parameters, new Array(2 ** 32 - 1), parameters.slice()],
        ['addKlGradient', parameters, parameters, new Array(n).fill('1'), parameters.slice()],
        ['addEntropyGradient', parameters, new Array(n).fill(1n), parameters.slice()],
        ['addEntropyGradient', parameters, forged, parameters.slice()],
        ['addKlGradient', parameters, parameters, [1], parameters.slice()],
        ['addEntropyGradient', parameters, 1, other],
        ['fisherProduct', parameters, new Float64Array(parameters.length)],
        ['fisherProduct', parameters, parameters, other],
      ] as const) {
        const [method, ...given] = call;
        assert.throws(() => loose(d, method, ...given), ArgumentError, `${spec.kind} ${method}`);
      }
    }
  });
  test('choices are of their factor', () => {
    const d = makeDistribution({ kind: 'categorical', sizes: [3, 2] });
    const parameters = new Float32Array(10);
    assert.throws(() => d.logProb(parameters, Int32Array.of(0, 1, 3, 0)), /choice 3 of factor 0 in action 1/);
    assert.throws(() => d.addLogProbGradient(parameters, Int32Array.of(0, -1), [1], parameters), /choice -1/);
  });
  test('sizes are positive integers', () => {
    for (const spec of [
      { kind: 'categorical', sizes: [-3, 2] },
      { kind: 'categorical', sizes: [0] },
      { kind: 'categorical', sizes: [2 ** 31 - 1, 2] },
      { kind: 'gaussian', dimensions: -2 },
      { kind: 'gaussian', dimensions: 1e10 },
      { kind: 'gaussian' },
      null,
    ]) {
      assert.throws(() => makeDistribution(spec as DistributionSpec), ArgumentError, JSON.stringify(spec));
    }
    assert.throws(() => makeDistribution({ kind: 'normal' } as unknown as DistributionSpec), /gaussian/);
  });
  test('logits that are no numbers make no choice; -Infinity is one that is never made', () => {
    const d = makeDistribution({ kind: 'categorical', sizes: [3, 2] });
    const sampled = (parameters: Float32Array) => {
      const actions = d.makeActions(2);
      d.sample(parameters, keys, times, actions, new Float32Array(2));
      return actions;
    };
    const never = Number.NEGATIVE_INFINITY;
    for (const row of [
      [0, Number.NaN, 0, 0, 0],
      [0, 0, 0, Number.POSITIVE_INFINITY, 0],
      [never, never, never, 0, 0],
    ]) {
      const parameters = Float32Array.of(0, 0, 0, 0, 0, ...row);
      assert.throws(() => sampled(parameters), /row 1/);
      assert.throws(() => d.mode(parameters), /row 1/);
    }
    assert.deepEqual([...sampled(Float32Array.of(never, 0, never, 0, never, never, never, 0, never, 0))], [1, 0, 2, 1]);
  });
});
