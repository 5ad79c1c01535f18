import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbortedError, ArgumentError } from '../../src/base/errors.js';
import { pacerOf } from '../../src/base/scheduling.js';
import { fitByMinibatches, type MinibatchFit, stepHere } from '../../src/estimate/value-steps.js';
import { NativeEngine } from '../../src/network/engines/native.js';
import { ReferenceEngine } from '../../src/network/engines/reference.js';
import { initialTheta } from '../../src/network/initialise.js';
import type { NetworkSpec } from '../../src/network/types.js';
import { Adam } from '../../src/optimize/adam.js';
import { minibatches } from '../../src/rollout/minibatches.js';
import { testDraws } from '../helpers/training.js';

const head = { kind: 'dense', units: 1, activation: 'linear' } as const;
const robot: NetworkSpec = {
  inputShape: [11],
  inputType: 'float32',
  inputScaling: null,
  layers: [{ kind: 'dense', units: 64, activation: 'tanh' }, { kind: 'dense', units: 37, activation: 'relu' }, head],
};
const picture: NetworkSpec = {
  inputShape: [2, 20, 20],
  inputType: 'uint8',
  inputScaling: null,
  layers: [
    { kind: 'conv2d', filters: 5, kernel: [4, 4], stride: [2, 2], activation: 'relu' },
    { kind: 'dense', units: 20, activation: 'tanh' },
    head,
  ],
};
const states = 333;

async function setUp(spec: NetworkSpec, engine = new NativeEngine(spec, { threads: 1 })) {
  const draw = testDraws(3);
  const size = spec.inputShape.reduce((a, b) => a * b);
  const numbers = Array.from({ length: states * size }, draw);
  const observations =
    spec.inputType === 'uint8' ? Uint8Array.from(numbers, (x) => 128 + 60 * x) : Float32Array.from(numbers);
  const theta = initialTheta(engine.spec, 1);
  await engine.setTheta(theta);
  const data = await engine.load(observations, states);
  const targets = Float64Array.from({ length: states }, draw);
  const adam = new Adam(theta.length, { learningRate: 1e-2, weightDecay: 0.01 });
  const fit = { engine, adam, theta, data, targets, epochs: 2, minibatchSize: 50 };
  const key = (epoch: number) => [7, epoch] as const;
  return { ...fit, key, old: await engine.evaluate(data) };
}

const what = ({ theta, adam }: MinibatchFit) => ({ theta, ...adam.saveState() });

test('steps by the engine are the steps made here, to the last bit', async () => {
  for (const spec of [robot, picture]) {
    for (const [clipped, maxGradientNorm] of [
      [false, undefined],
      [true, 0.5],
    ] as const) {
      const sides = [];
      for (const byEngine of [true, false]) {
        const { old, ...fit } = await setUp(spec);
        const options = { ...fit, maxGradientNorm, ...(clipped ? { clip: { old, range: 0.05 } } : {}) };
        const before = fit.theta.slice();
        if (byEngine) await fitByMinibatches(options);
        else {
          for (const epoch of [0, 1]) {
            for (const rows of minibatches(states, 50, [7, epoch])) await stepHere(options, rows, pacerOf(undefined));
          }
        }
        assert.notDeepEqual(fit.theta, before);
        // The engine is left at the new θ.
        const values = await fit.engine.evaluate(fit.data);
        await fit.engine.setTheta(fit.theta);
        assert.deepEqual(values, await fit.engine.evaluate(fit.data));
        sides.push(what(options));
        fit.engine.close();
      }
      assert.deepEqual(sides[0], sides[1]);
    }
  }
});

test('parts of parts are the rows they name', async () => {
  const sides = [];
  for (const part of [true, false]) {
    const { old: _, ...fit } = await setUp(robot);
    const rows = Int32Array.from({ length: 40 }, (_row, i) => (i * 17) % states);
    const evens = rows.filter((_row, i) => i % 2 === 0);
    const data = part ? fit.data.gather(rows).subset(2) : fit.data.gather(evens);
    await fitByMinibatches({ ...fit, data, targets: fit.targets.slice(0, 20), minibatchSize: 6 });
    sides.push(fit.theta);
    fit.engine.close();
  }
  assert.deepEqual(sides[0], sides[1]);
});

test('engines without such a call are driven step by step', async () => {
  const { old: _, ...fit } = await setUp(robot, new ReferenceEngine(robot) as unknown as NativeEngine);
  const native = await setUp(robot);
  await fitByMinibatches(fit);
  await fitByMinibatches(native);
  for (let i = 0; i < fit.theta.length; i++) assert.ok(Math.abs(fit.theta[i] - native.theta[i]) < 1e-3);
});

test('an abort ends it, and what does not fit is named', async () => {
  const { old, ...fit } = await setUp(robot);
  await assert.rejects(
    fitByMinibatches({ ...fit, epochs: 1e6, signal: AbortSignal.timeout(200) }),
    (error) => error instanceof AbortedError,
  );
  const adam = fit.adam.take(7);
  const ends = Int32Array.from({ length: 7 }, (_, i) => Math.min(states, 50 * (i + 1)));
  const steps = { ...fit, adam, order: Int32Array.from({ length: states }, (_, i) => i), ends };
  const refused = [
    [{ targets: new Float64Array(3) }, /targets/],
    [{ theta: new Float32Array(3) }, /theta/],
    [{ order: Int32Array.of(states) }, /indices\[0\]/],
    [{ ends: ends.map((end) => Math.min(end, 300)) }, /ends\[6\]/],
    [{ ends: ends.with(2, 3) }, /ends\[2\]/],
    [{ clip: { old, range: -1 } }, /clipRange/],
    [{ clip: { old: old.subarray(1), range: 1 } }, /clip\.old/],
    [{ adam: { ...adam, rates: new Float64Array(2) } }, /adam\.rates/],
    [{ adam: null }, /adam/],
  ] as const;
  for (const [wrong, message] of refused) {
    await assert.rejects(
      fit.engine.squaredErrorSteps(fit.data, { ...steps, ...wrong } as never),
      (error: Error) => error instanceof ArgumentError && message.test(error.message),
      String(message),
    );
  }
  const two = new NativeEngine({ ...robot, layers: [{ ...head, units: 2 }] });
  const data = await two.load(new Float32Array(11), 1);
  await assert.rejects(two.squaredErrorSteps(data, steps), /2 outputs/);
});
