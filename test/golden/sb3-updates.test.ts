import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scaleAdvantages } from '../../src/estimate/advantages.js';
import { fitByMinibatches } from '../../src/estimate/value-steps.js';
import { createEngine } from '../../src/network/engines/index.js';
import type { LayerSpec, LoadedObservations, NetworkEngine } from '../../src/network/types.js';
import { Adam } from '../../src/optimize/adam.js';
import { clippedSurrogate } from '../../src/optimize/clipped-surrogate.js';
import { importanceSampledSurrogate } from '../../src/optimize/objectives.js';
import { type TrustRegionOptions, trustRegionStep } from '../../src/optimize/trust-region.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { decodeSafetensors } from '../../src/policy/safetensors.js';
import { resolveConfig } from '../../src/train/config.js';
import { experimentConfig, getExperiment } from '../../src/train/experiments.js';
import { registerZoo } from '../../zoo/index.js';

// One update of Stable-Baselines3's PPO and sb3-contrib's TRPO, recorded by sb3/record.py, from the same batch, parameters
// and moments: what is left between them is single precision.

registerZoo();

const distribution = makeDistribution({ kind: 'gaussian', dimensions: 2 });
/** Updates before the recorded one, and steps on the value function in each. */
const EARLIER = 2;
const EPOCHS = 20;

function recorded(name: 'ppo' | 'trpo') {
  const tensors = decodeSafetensors(readFileSync(fileURLToPath(new URL(`sb3/${name}.safetensors`, import.meta.url))));
  return (tensor: string) => tensors[tensor].data;
}

function engineOf(outputs: number, stateIndependentOutputs: number): Promise<NetworkEngine> {
  const dense = (units: number, activation: 'tanh' | 'linear'): LayerSpec => ({ kind: 'dense', units, activation });
  const layers = [dense(64, 'tanh'), dense(64, 'tanh'), dense(outputs, 'linear')];
  return createEngine(
    { inputShape: [8], inputType: 'float32', inputScaling: null, layers, stateIndependentOutputs },
    'native',
    { threads: 1 },
  );
}

/** Distance of a step from the peer's, as a share of its length. */
function error(theta: Float32Array, before: Float32Array, after: Float32Array): number {
  const square = (of: (i: number) => number) => theta.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(square((i) => theta[i] - after[i]) / square((i) => after[i] - before[i]));
}

/** Adam as the peer left it. @param unit of the peer's gradients */
function adamOf(of: (tensor: string) => Float32Array, who: string, unit: number): Adam {
  const before = of(`${who}.before`);
  const adam = new Adam(before.length, { learningRate: 1e-3, epsilon: 1e-5 / unit });
  const mean = of(`${who}.mean`).map((m) => m / unit);
  const square = of(`${who}.square`).map((s) => s / unit ** 2);
  adam.loadState({ mean, square, steps: Int32Array.of(EARLIER * EPOCHS) });
  return adam;
}

async function withPolicy(of: (tensor: string) => Float32Array, body: (at: Batch) => Promise<Float32Array>) {
  const engine = await engineOf(2, 2);
  try {
    const theta = of('policy.before').slice();
    await engine.setTheta(theta);
    const [logQ, actions] = [of('logQ'), of('actions')];
    const data = await engine.load(of('observations'), logQ.length);
    const advantages = scaleAdvantages(Float64Array.from(of('advantages')), 'standardize');
    const moved = await body({ engine, theta, data, set: { actions, logQ }, advantages });
    return error(moved, of('policy.before'), of('policy.after'));
  } finally {
    engine.close();
  }
}

interface Batch {
  readonly engine: NetworkEngine;
  readonly theta: Float32Array;
  readonly data: LoadedObservations;
  readonly set: { readonly actions: Float32Array; readonly logQ: Float32Array };
  readonly advantages: Float64Array;
}

test('TRPO by the zoo’s recipe makes the step of sb3-contrib’s', async () => {
  const { options } = resolveConfig(experimentConfig(getExperiment('swimmer-v5'), { method: 'trpo-gae' }));
  const { trustRegion } = options as { trustRegion: TrustRegionOptions };
  const off = await withPolicy(recorded('trpo'), async ({ engine, theta, data, set, advantages }) => {
    const old = await engine.evaluate(data);
    const objective = importanceSampledSurrogate(distribution, set, advantages);
    const problem = { engine, distribution, theta, data, old, objective, unit: 1 };
    return (await trustRegionStep(problem, trustRegion)).theta;
  });
  assert.ok(off < 1e-4, `${off} of its length away`);
});

test('PPO’s steps are those of Stable-Baselines3’s', async () => {
  const of = recorded('ppo');
  const off = await withPolicy(of, async ({ engine, theta, data, set, advantages }) => {
    const adam = adamOf(of, 'policy', 1);
    // Theirs are divided by the deviation of a sample, not of a population.
    const sample = Math.sqrt((data.count - 1) / data.count);
    const scaled = advantages.map((advantage) => advantage * sample);
    const objective = clippedSurrogate(distribution, set, scaled, 0.1);
    let clipped = 0;
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const current = await engine.evaluate(data);
      clipped = objective.clipFraction(current);
      const uphill = await objective.cotangents(current);
      distribution.addEntropyGradient(current, 0.01 / data.count, uphill);
      const down = uphill.map((slope) => -slope);
      adam.step(theta, await engine.vjp(data, down));
      await engine.setTheta(theta);
    }
    assert.ok(clipped > 0.01, 'the clip is at work');
    return theta;
  });
  assert.ok(off < 1e-4, `${off} of its length away`);
});

// The loss of sb3-contrib's TRPO is the mean square, twice the one here and in PPO with its factor of a half.
for (const [name, unit] of [
  ['trpo', 2],
  ['ppo', 1],
] as const) {
  test(`a value function is fitted as ${name} of Stable-Baselines3 fits it`, async () => {
    const of = recorded(name);
    const engine = await engineOf(1, 0);
    try {
      const theta = of('value.before').slice();
      await engine.setTheta(theta);
      const targets = Float64Array.from(of('returns'));
      const data = await engine.load(of('observations'), targets.length);
      const adam = adamOf(of, 'value', unit);
      const size = { epochs: EPOCHS, minibatchSize: targets.length };
      await fitByMinibatches({ engine, adam, theta, data, targets, ...size, key: () => [0, 0] });
      const off = error(theta, of('value.before'), of('value.after'));
      assert.ok(off < 1e-4, `${off} of its length away`);
    } finally {
      engine.close();
    }
  });
}
