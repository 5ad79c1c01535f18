import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getAlgorithm } from '../../src/algorithms/index.js';
import { withMethod } from '../helpers/methods.js';

/** The step of the first iteration [P]. */
const firstStep = (name: string, options: object) =>
  withMethod(name, options, async (method) => {
    const before = method.theta();
    await method.iterate(0);
    return method.theta().map((x, i) => x - before[i]);
  });

function cosine(a: Float32Array, b: Float32Array): number {
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

test('a discount that grows is the one of the iteration', async () => {
  const stepAt = (iteration: number, estimator: object) =>
    withMethod('single-path', { estimator }, async (method) => {
      await method.iterate(iteration);
      return method.theta();
    });
  const growing = { discount: 0.5, growth: { discount: 0.9, from: 0, to: 1 } };
  assert.deepEqual(await stepAt(0, growing), await stepAt(0, { discount: 0.5 }));
  assert.deepEqual(await stepAt(1, growing), await stepAt(1, { discount: 0.9 }));
  assert.notDeepEqual(await stepAt(1, growing), await stepAt(1, { discount: 0.5 }));
});

for (const name of ['single-path', 'natural-gradient', 'policy-gradient']) {
  test(`${name}: the same state and iteration give the same numbers; state saves and loads`, async () => {
    await withMethod(name, {}, async (method) => {
      const start = method.saveState();
      const first = await method.iterate(0);
      const after = method.saveState();
      assert.notDeepEqual(after, start);
      const second = await method.iterate(1);
      await method.loadState(start);
      assert.deepEqual(await method.iterate(0), first);
      assert.deepEqual(method.saveState(), after);
      assert.deepEqual(await method.iterate(1), second);
      await assert.rejects(async () => method.loadState({ theta: new Float32Array(3) }), { code: 'ERR_ARGUMENT' });
    });
  });
}

for (const name of ['single-path', 'vine', 'natural-gradient']) {
  test(`${name}: a policy whose actions overflow is said to have diverged, and in which iteration`, async () => {
    const options =
      name === 'vine' ? { sampling: { trunks: 4, trunkSteps: 100, rolloutStates: 10, rolloutLength: 5 } } : {};
    await withMethod(name, options, async (method) => {
      await method.loadState({ theta: method.theta().map(() => 3e38) });
      await assert.rejects(method.iterate(7), {
        code: 'ERR_DIVERGED',
        message: /^iteration 7: the policy diverged: it draws the action (NaN|-?Infinity)\. .*larger penalty/,
      });
    });
  });
}

test('an aborted iteration leaves the state as it was', async () => {
  await withMethod('single-path', {}, async (method) => {
    const start = method.saveState();
    for (const phase of ['sampling', 'update']) {
      const controller = new AbortController();
      const onProgress = (_: number, now: string) => {
        if (now === phase) controller.abort();
      };
      if (phase === 'sampling') controller.abort();
      await assert.rejects(method.iterate(0, { signal: controller.signal, onProgress }), { code: 'ERR_ABORTED' });
      assert.deepEqual(method.saveState(), start);
    }
  });
});

test('a report adds up', async () => {
  await withMethod('single-path', {}, async (method) => {
    const report = await method.iterate(0);
    assert.ok(report.simulatorSteps >= 2000 && report.simulatorSteps < 4000);
    const { returns, lengths } = report.episodes;
    assert.equal(
      Array.from(lengths).reduce((a, b) => a + b),
      report.simulatorSteps,
    );
    assert.equal(returns.length, lengths.length);
    const { surrogate_before, surrogate_after, mean_kl, max_kl, entropy } = report.diagnostics;
    assert.ok(surrogate_after! > surrogate_before!);
    assert.ok(mean_kl! > 0 && mean_kl! <= 0.01 && max_kl! >= mean_kl!);
    assert.ok(Math.abs(entropy! - (0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(0.5))) < 1e-6);
  });
});

test('single path and natural gradient go the same way; a fixed penalty decides only how far', async () => {
  const trpo = await firstStep('single-path', {});
  const natural = await firstStep('natural-gradient', { penalty: 0.3 });
  const half = await firstStep('natural-gradient', { penalty: 0.6 });
  assert.ok(cosine(trpo, natural) > 0.99999, `${cosine(trpo, natural)}`);
  // Parameters are single precision; steps are some 0.01 to 0.1 long.
  natural.forEach((x, i) => {
    assert.ok(Math.abs(x - 2 * half[i]) < 1e-6);
  });
});

test('policy gradient: a step of length sqrt(2 limit), or the gradient over the penalty; not the natural direction', async () => {
  const step = await firstStep('policy-gradient', { limit: 0.005 });
  assert.ok(Math.abs(Math.hypot(...step) - 0.1) < 1e-6);
  const penalty = await firstStep('policy-gradient', { form: 'penalty', penalty: 10 });
  assert.ok(cosine(step, penalty) > 0.99999);
  assert.ok(cosine(step, await firstStep('single-path', {})) < 0.99);
});

test('fancy damping and identity damping are different steps, both uphill', async () => {
  const fancy = await firstStep('single-path', { trustRegion: { dampingKind: 'fancy' } });
  const identity = await firstStep('single-path', {});
  assert.notDeepEqual(fancy, identity);
  assert.ok(cosine(fancy, identity) > 0);
});

test('options: unknown keys are refused with the nearest known, in each group', () => {
  const parse = (options: object) => () => getAlgorithm('single-path').parseOptions(options);
  assert.throws(parse({ estimator: { discont: 0.9 } }), /estimator\.discount/);
  assert.throws(parse({ sampling: { steps: 10, slots: 2, slot: 1 } }), /sampling\.slots/);
  assert.throws(parse({ trustregion: {} }), /trustRegion/);
});
