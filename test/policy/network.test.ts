import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { initialParameters, parameterCount, policyLayout } from '../../src/policy/network.js';
import { atari, conv, dense, gaussian } from './specs.js';

test('published parameter counts', () => {
  assert.equal(parameterCount(gaussian(9, [30], 2)), 364);
  assert.equal(parameterCount(gaussian(41, [50, 50], 3)), 4806);
  assert.equal(parameterCount(gaussian(4, [], 1)), 6);
  assert.equal(parameterCount(atari), 33_500);
});

test('feature maps of the Atari network', () => {
  const shapes = policyLayout(atari).layers.map((layer) => layer.outputShape);
  assert.deepEqual(shapes, [[16, 25, 19], [16, 11, 8], [20], [8]]);
});

test('initial parameters: unit columns, small outputs, bounded filters, zero biases, log std of a half', () => {
  const spec = gaussian(41, [50, 50], 3);
  const theta = initialParameters(spec, 1);
  for (const [l, layer] of policyLayout(spec).layers.entries()) {
    const fanIn = layer.weightCount / layer.biasCount;
    for (let unit = 0; unit < layer.biasCount; unit++) {
      const start = layer.weightOffset + unit * fanIn;
      const norm = Math.hypot(...theta.subarray(start, start + fanIn));
      assert.ok(Math.abs(norm - (l === 2 ? 0.01 : 1)) < 1e-6);
    }
    assert.ok(theta.subarray(layer.biasOffset, layer.biasOffset + layer.biasCount).every((b) => b === 0));
  }
  assert.deepEqual(theta.slice(-3), new Float32Array(3).fill(Math.log(0.5)));

  const filters = policyLayout(atari).layers[0]!;
  const weights = initialParameters(atari, 1).subarray(filters.weightOffset, filters.biasOffset);
  const limit = Math.sqrt(6 / (4 * 16 + 16 * 16));
  assert.ok(weights.every((w) => Math.abs(w) <= limit));
  assert.ok(Math.max(...weights) > 0.98 * limit && Math.min(...weights) < -0.98 * limit);
  const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
  assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.1);
});

test('initial parameters depend on the seed alone', () => {
  const spec = gaussian(9, [30], 2);
  assert.deepEqual(initialParameters(spec, 5), initialParameters(spec, 5));
  assert.notDeepEqual(initialParameters(spec, 5), initialParameters(spec, 6));
  const wide = initialParameters(spec, 5, { outputNorm: 1, standardDeviation: 2 });
  assert.ok(Math.abs(wide.at(-1)! - Math.log(2)) < 1e-7);
});

test('specifications that do not fit are refused by name', () => {
  const refuse = (spec: Parameters<typeof policyLayout>[0], message: RegExp) =>
    assert.throws(
      () => policyLayout(spec),
      (error) => error instanceof ArgumentError && message.test(error.message),
    );
  const good = gaussian(4, [3], 2);
  refuse({ ...good, distribution: { kind: 'gaussian', dimensions: 3 } }, /last layer.*linear dense layer of 3/);
  refuse({ ...good, distribution: { kind: 'categorical', sizes: [] } }, /distribution sizes/);
  refuse({ ...good, network: { ...good.network, inputShape: [2, 2] } }, /input shape/);
  refuse({ ...good, network: { ...good.network, layers: [dense(0), dense(2)] } }, /layer 0: units/);
  refuse(
    { ...good, network: { ...good.network, layers: [conv(2, [3, 3], [1, 1], 'tanh'), dense(2)] } },
    /layer 0.*does not fit/,
  );
  refuse({ ...good, network: { ...good.network, layers: [dense(2, 'tanh')] } }, /last layer/);
  const scaled = (offset: Float32Array | number, scale: Float32Array | number, clip: number) => ({
    ...good,
    network: { ...good.network, inputScaling: { offset, scale, clip } },
  });
  refuse(scaled(new Float32Array(3), 1, 1), /input scaling: offset/);
  refuse(scaled(0, 0, 1), /input scaling: scale/);
  refuse(scaled(0, 1, 0), /input scaling: clip/);
});
