import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { type InitialWeights, initialisersOf } from '../../src/network/initial-weights.js';
import {
  authors,
  constant,
  fanInNormal,
  fanInUniform,
  glorotUniform,
  type Initialiser,
  type InitialThetaOptions,
  initialTheta,
  orthogonal,
} from '../../src/network/initialise.js';
import { networkLayout } from '../../src/network/layout.js';
import { atari, dense, gaussianNetwork, mlp, norm } from './specs.js';

const spec = gaussianNetwork(41, [50, 50], 3);

test('the authors’: unit columns, small outputs, bounded filters, zero biases', () => {
  const theta = initialTheta(spec, 1, { stateIndependent: Math.log(0.5) });
  for (const [l, layer] of networkLayout(spec).layers.entries()) {
    const fanIn = layer.weightCount / layer.biasCount;
    for (let unit = 0; unit < layer.biasCount; unit++) {
      const start = layer.weightOffset + unit * fanIn;
      const length = Math.hypot(...theta.subarray(start, start + fanIn));
      assert.ok(Math.abs(length - (l === 2 ? 0.01 : 1)) < 1e-6);
    }
    assert.ok(theta.subarray(layer.biasOffset, layer.biasOffset + layer.biasCount).every((b) => b === 0));
  }
  assert.deepEqual(theta.slice(-3), new Float32Array(3).fill(Math.log(0.5)));

  const filters = networkLayout(atari).layers[0];
  const weights = initialTheta(atari, 1).subarray(filters.weightOffset, filters.biasOffset);
  const limit = Math.sqrt(6 / (4 * 16 + 16 * 16));
  assert.ok(weights.every((w) => Math.abs(w) <= limit));
  assert.ok(Math.max(...weights) > 0.98 * limit && Math.min(...weights) < -0.98 * limit);
  const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
  assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.1);
});

test('the bits of the first release', () => {
  // Draws of layer 0 and 2 that runs of version 0.1 began with.
  const theta = initialTheta(gaussianNetwork(4, [3], 2), 7, { stateIndependent: Math.log(0.5) });
  assert.deepEqual(Array.from(theta.subarray(0, 3)), [0.32298246026039124, -0.006858566775918007, 0.075477734208107]);
  assert.deepEqual(
    Array.from(theta.subarray(15, 18)),
    [-0.008668734692037106, -0.0010892503196373582, -0.004864830058068037],
  );
});

test('the seed decides, and nothing else', () => {
  assert.deepEqual(initialTheta(spec, 5), initialTheta(spec, 5));
  assert.notDeepEqual(initialTheta(spec, 5), initialTheta(spec, 6));
});

test('every head is an output; gains are 1; state-independent outputs as given', () => {
  const heads = {
    ...mlp(4, [], 1),
    layers: [
      dense(5, 'tanh', { name: 'trunk' }),
      norm('linear'),
      dense(2, 'linear', { name: 'first' }),
      dense(3, 'linear', { name: 'second', input: 'trunk' }),
    ],
    outputs: ['first', 'second'],
    stateIndependentOutputs: 2,
  };
  const theta = initialTheta(heads, 1, { output: authors(0.25), stateIndependent: [3, 4] });
  const [, gains, first, second] = networkLayout(heads).layers;
  assert.deepEqual(theta.slice(gains!.weightOffset, gains!.biasOffset), new Float32Array(5).fill(1));
  assert.deepEqual(theta.slice(gains!.biasOffset, first!.weightOffset), new Float32Array(5));
  for (const { weightOffset } of [first!, second!]) {
    assert.ok(Math.abs(Math.hypot(...theta.subarray(weightOffset, weightOffset + 5)) - 0.25) < 1e-6);
  }
  assert.deepEqual(theta.slice(-2), Float32Array.of(3, 4));
  assert.throws(() => initialTheta(heads, 1, { stateIndependent: [1] }), ArgumentError);
  for (const output of [{}, 3, 'orthogonal'] as unknown as Initialiser[]) {
    assert.throws(() => initialTheta(heads, 1, { output }), /output: .*expected an initialiser/);
  }
  for (const norm of [Number.NaN, Infinity, '1' as unknown as number])
    assert.throws(() => authors(norm), ArgumentError);
});

test('ways to start by name: of policies, and of value functions', () => {
  const spec = mlp(7, [5], 3);
  const same = (way: InitialWeights, norm: number, options: InitialThetaOptions) => {
    assert.deepEqual(initialTheta(spec, 4, initialisersOf(way, norm)), initialTheta(spec, 4, options));
  };
  same('authors', 0.3, { output: authors(0.3) });
  same('orthogonal', 0.3, { hidden: orthogonal(Math.SQRT2), output: orthogonal(0.3) });
  same('uniform', 0.3, { hidden: fanInUniform(), output: fanInUniform() });
  const wide = initialTheta(mlp(400, [], 100), 2, { output: fanInUniform() }).subarray(0, 40_000);
  assert.ok(wide.every((x) => Math.abs(x) <= 1 / 20) && Math.max(...wide) > 0.0499 && Math.min(...wide) < -0.0499);
});

test('orthogonal rows, or columns where there are more units than inputs', () => {
  for (const [inputs, units] of [
    [40, 25],
    [25, 40],
    [30, 30],
  ] as const) {
    const theta = initialTheta(mlp(inputs, [], units), 2, { output: orthogonal(1.5) });
    const few = Math.min(inputs, units);
    const vector = (i: number) =>
      Array.from({ length: Math.max(inputs, units) }, (_, j) =>
        inputs >= units ? theta[i * inputs + j] : theta[j * inputs + i],
      );
    for (let i = 0; i < few; i++) {
      for (let k = 0; k <= i; k++) {
        const product = vector(i).reduce((sum, x, j) => sum + x * vector(k)[j], 0);
        assert.ok(Math.abs(product - (i === k ? 2.25 : 0)) < 1e-5, `${inputs}, ${units}: ${i} ${k} ${product}`);
      }
    }
  }
});

test('variances of the others', () => {
  const spread = (initialise: Initialiser) => {
    const weights = initialTheta(mlp(200, [], 100), 3, { output: initialise }).subarray(0, 20_000);
    return weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
  };
  // 20,000 draws: four standard errors are 0.04 of the variance.
  assert.ok(Math.abs(spread(glorotUniform()) / (2 / 300) - 1) < 0.04);
  assert.ok(Math.abs(spread(fanInNormal()) / (2 / 200) - 1) < 0.04);
  assert.ok(Math.abs(spread(fanInNormal(1)) / (1 / 200) - 1) < 0.04);
  assert.equal(spread(constant(0)), 0);
});
