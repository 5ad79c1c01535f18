import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ValueFunctionOptions } from '../../src/estimate/value-function.js';
import { ValueFunction } from '../../src/estimate/value-function.js';
import { glorotUniform } from '../../src/network/initialise.js';
import type { NetworkSpec } from '../../src/network/types.js';
import { negativeValueError } from '../../src/optimize/value-error.js';
import { SinglePathSampler } from '../../src/rollout/paths.js';
import { countingEnv, gaussianPolicy, referencePolicy, testDraws } from '../helpers/training.js';

const spec: NetworkSpec = {
  inputShape: [2],
  inputType: 'float32',
  inputScaling: null,
  layers: [
    { kind: 'dense', units: 32, activation: 'tanh' },
    { kind: 'dense', units: 1, activation: 'linear' },
  ],
};
const made: ValueFunction[] = [];
async function make(options: ValueFunctionOptions = {}, network = spec): Promise<ValueFunction> {
  const initial = { hidden: glorotUniform(), output: glorotUniform() };
  const value = await ValueFunction.create(network, { initial, threads: 1, ...options });
  made.push(value);
  return value;
}
after(() => {
  for (const value of made) value.close();
});

const known = (x: number, y: number) => Math.sin(3 * x) + x * y;
const states = 512;
const draw = testDraws(1);
const observations = Float32Array.from({ length: 2 * states }, draw);
const targets = Float64Array.from({ length: states }, (_, i) => known(observations[2 * i], observations[2 * i + 1]));
const batch = { observations, states };

/** Largest and root mean square error at points that were not fitted. */
async function errors(value: ValueFunction) {
  const points = Float32Array.from({ length: 2 * 400 }, testDraws(2));
  const found = await value.predict(points);
  const gaps = Array.from(found, (v, i) => v - known(points[2 * i], points[2 * i + 1]));
  return Math.sqrt(gaps.reduce((sum, gap) => sum + gap ** 2, 0) / gaps.length);
}

test('fits a known function, and knows it where it has not been', async () => {
  // Its values have a standard deviation of about 0.75.
  for (const [optimizer, epochs, error] of [
    [{ kind: 'adam', learningRate: 5e-3 }, 300, 0.03],
    [{ kind: 'lbfgs' }, 400, 0.03],
  ] as const) {
    const value = await make({ optimizer });
    const before = await errors(value);
    const fit = await value.fit(batch, targets, { epochs });
    const found = await value.predict(observations);
    const square = found.reduce((sum, v, i) => sum + (v - targets[i]) ** 2, 0) / states;
    assert.ok(Math.abs(fit.errorAfter - square) < 1e-6, `${fit.errorAfter} ${square}`);
    assert.ok(fit.errorBefore > 0.1 && before > 0.3, `${fit.errorBefore} ${before}`);
    assert.ok((await errors(value)) < error, `${optimizer.kind}: ${await errors(value)}`);
  }
});

test('a loaded state goes on to the same bytes', async () => {
  for (const optimizer of [{ kind: 'adam' }, { kind: 'lbfgs' }] as const) {
    const options = optimizer.kind === 'adam' ? { epochs: 3, seed: 4, minibatchSize: 100 } : { epochs: 20 };
    const first = await make({ optimizer });
    await first.fit(batch, targets, options);
    const saved = first.saveState();
    const second = await make({ optimizer, seed: 9 });
    second.loadState(structuredClone(saved));
    assert.deepEqual(second.saveState(), saved);
    await first.fit(batch, targets, options);
    assert.notDeepEqual(first.saveState(), saved);
    await second.fit(batch, targets, options);
    assert.deepEqual(second.saveState(), first.saveState());
    assert.deepEqual(await second.predict(observations), await first.predict(observations));
  }
});

test('values that are known are not computed again', async () => {
  const sides = [];
  for (const known of [false, true]) {
    const value = await make();
    const values = known ? await value.predict(observations) : undefined;
    sides.push([await value.fit(batch, targets, { epochs: 2, clip: 0.1, values }), value.saveState()]);
    await assert.rejects(value.fit(batch, targets, { values: new Float32Array(3) }), { code: 'ERR_ARGUMENT' });
    await assert.rejects(value.fit(batch, targets, { values: [1] as never }), { code: 'ERR_ARGUMENT' });
  }
  assert.deepEqual(sides[0], sides[1]);
});

test('another fit has another order of samples, another seed too', async () => {
  const results: string[] = [];
  for (const [fits, seed] of [
    [0, 0],
    [1, 0],
    [0, 1],
  ] as const) {
    const value = await make();
    value.loadState({ ...value.saveState(), fits: Int32Array.of(fits) });
    await value.fit(batch, targets, { epochs: 1, seed });
    results.push(String(value.saveState().theta));
  }
  assert.equal(new Set(results).size, 3);
});

test('an abort in the midst leaves all as it was', async () => {
  const value = await make();
  await value.fit(batch, targets, { epochs: 1 });
  const before = value.saveState();
  const endless = value.fit(batch, targets, { epochs: 100_000, signal: AbortSignal.timeout(60) });
  // Waits for the fit, and does not see what it tried.
  const meanwhile = value.predict(observations);
  await assert.rejects(endless, { code: 'ERR_ABORTED' });
  assert.deepEqual(value.saveState(), before);
  assert.deepEqual(await value.predict(observations), await meanwhile);
});

test('what is clipped has no gradient, and counts with the worse of both errors', async () => {
  const goal = [0, 0, 0, 0, 0];
  const old = [0, 1, 1, 1, -1];
  const objective = negativeValueError(goal, { old, range: 0.5 });
  // At the target; moved within the range; past it; away beyond it; towards the target beyond it, from below.
  const values = Float32Array.of(0, 0.75, 0.25, 2, -0.25);
  const held = [0, 0.75, 0.5, 2, -0.5];
  const expected = -held.reduce((sum, x) => sum + x ** 2, 0) / 10;
  assert.equal(await objective.value(values), expected);
  const gradient = await objective.cotangents(values);
  [0, -0.75 / 5, 0, -2 / 5, 0].forEach((g, i) => {
    assert.ok(Math.abs(gradient[i] - g) < 1e-7, `${i}: ${gradient[i]} ${g}`);
  });
  const free = await make({ optimizer: { kind: 'adam', learningRate: 1e-2 } });
  const tied = await make({ optimizer: { kind: 'adam', learningRate: 1e-2 } });
  const start = await free.predict(observations);
  const moved = async (value: ValueFunction, options: object) => {
    await value.fit(batch, targets, { epochs: 40, ...options });
    return (await value.predict(observations)).reduce((sum, v, i) => sum + Math.abs(v - start[i]), 0) / states;
  };
  const [freely, within] = [await moved(free, {}), await moved(tied, { clip: 0.05 })];
  assert.ok(freely > 0.3 && within < 0.15, `${freely} ${within}`);
});

test('the values of paths are those of their states and of where they stopped', async () => {
  const policy = await referencePolicy(gaussianPolicy(2, [4], 1));
  const sampler = new SinglePathSampler(countingEnv(20), policy, { steps: 200, slots: 5 }, 1);
  const paths = await sampler.sample({ seed: 1, iteration: 0 });
  sampler.close();
  const value = await make();
  const { values, finalValues } = await value.predictPaths(paths);
  assert.equal(values.length, paths.states);
  assert.equal(finalValues.length, paths.episodes.count);
  assert.deepEqual(values, await value.predict(paths.observations));
  assert.deepEqual(finalValues, await value.predict(paths.finalObservations));
  await value.fit(paths, Float64Array.from(paths.rewards), { epochs: 1, maxGradientNorm: 0.5 });
  assert.notDeepEqual(await value.predict(paths.observations), values);
});

test('what does not fit is refused, and changes nothing', async () => {
  const argument = (message: RegExp) => ({ code: 'ERR_ARGUMENT', message });
  await assert.rejects(make({}, { ...spec, stateIndependentOutputs: 1 }), argument(/2 outputs.*one output/));
  await assert.rejects(make({ optimizer: { kind: 'sgd' } as never }), argument(/optimizer/));
  const value = await make();
  const before = value.saveState();
  await assert.rejects(value.fit(batch, targets.subarray(1)), argument(/511 targets for 512 states/));
  await assert.rejects(value.fit(batch, targets, { epoch: 1 } as never), { code: 'ERR_NOT_FOUND' });
  await assert.rejects(value.fit(batch, targets.with(3, Number.NaN)), {
    code: 'ERR_DIVERGED',
    message: /target 3 .*NaN/,
  });
  await assert.rejects(
    async () => value.predict(observations.subarray(1)),
    argument(/observations of 1023 numbers.*rows of 2/),
  );
  const wild = await make({ optimizer: { kind: 'adam', learningRate: 1e38 } });
  const start = wild.saveState();
  await assert.rejects(wild.fit(batch, targets), { code: 'ERR_DIVERGED', message: /diverged/ });
  assert.deepEqual(wild.saveState(), start);
  assert.throws(() => value.loadState({}), argument(/theta of the value function/));
  assert.throws(() => value.loadState({ ...before, theta: new Float32Array(3) }), argument(/theta/));
  assert.throws(() => value.loadState({ theta: before.theta!, fits: before.fits! }), argument(/adam\.mean/));
  assert.deepEqual(value.saveState(), before);
  const whole = await make({ optimizer: { kind: 'lbfgs' } });
  await assert.rejects(whole.fit(batch, targets, { minibatchSize: 5 }), argument(/minibatchSize of a fit by L-BFGS/));
});
