/** trellis-rl/policy against the library in Node, on the same bytes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ArgumentError, NotFoundError } from '../../src/base/errors.js';
import { sha256 } from '../../src/base/sha256.js';
import { Policy } from '../../src/policy/policy.js';
import { openPolicy } from '../../src/policy/portable.js';
import { encodeSafetensors } from '../../src/policy/safetensors.js';
import { encodePolicySpec, namedParameters } from '../../src/policy/stored.js';
import type { PolicySpec } from '../../src/policy/types.js';
import { trialObservations, trialParameters } from '../network/conformance.js';
import { policies } from './specs.js';

const stored = (spec: PolicySpec) => {
  const theta = trialParameters(spec.network, 1);
  const tensors = encodeSafetensors(namedParameters(spec.network, theta));
  return { theta, tensors, json: encodePolicySpec(spec, { note: 'kept' }) };
};

for (const [name, spec] of Object.entries(policies)) {
  test(`${name}: the outputs of the reference engine, bit for bit, and its actions`, async () => {
    const count = name === 'atari' ? 3 : 40;
    const { theta, tensors, json } = stored(spec);
    const observations = trialObservations(spec.network, count, 2);
    const portable = openPolicy(json, tensors);
    assert.deepEqual(portable.metadata, { note: 'kept' });
    const policy = await Policy.create({ spec, theta }, 'reference');
    const outputs = portable.outputs(observations);
    assert.deepEqual(outputs, await policy.engine.forward(observations, count));
    policy.reseed(2 ** 40 + 7);
    portable.reseed(2 ** 40 + 7);
    for (const deterministic of [false, true, false, false]) {
      assert.deepEqual(
        portable.act(observations, { deterministic }),
        await policy.act(observations, { deterministic }),
      );
    }
    policy.close();
    const native = await Policy.create({ spec, theta }, 'native', { threads: 1 });
    const fast = await native.engine.forward(observations, count);
    for (const [i, x] of fast.entries()) {
      assert.ok(Math.abs(x - outputs[i]) <= 1e-5 * Math.max(1, Math.abs(x)), `${x} ${outputs[i]}`);
    }
    native.close();
  });
}

test('draws keep their bits where logits and deviations are extreme', async () => {
  const distribution = { kind: 'categorical', sizes: [3, 2] };
  const network = policies['no hidden layer'].network;
  for (const spec of [
    {
      distribution,
      network: { ...network, layers: [{ kind: 'dense', units: 5, activation: 'linear' }], stateIndependentOutputs: 0 },
    },
    policies['no hidden layer'],
  ] as PolicySpec[]) {
    const { theta, json } = stored(spec);
    for (let i = 0; i < theta.length; i++) theta[i] = (i % 2 === 0 ? 300 : -300) * theta[i];
    const portable = openPolicy(json, encodeSafetensors(namedParameters(spec.network, theta)));
    const policy = await Policy.create({ spec, theta }, 'reference');
    const observations = trialObservations(spec.network, 500, 3);
    for (let k = 0; k < 4; k++) assert.deepEqual(portable.act(observations), await policy.act(observations));
    policy.close();
  }
});

test('what does not fit is told', () => {
  const spec = policies['gaussian'];
  const { tensors, json } = stored(spec);
  const policy = openPolicy(json, tensors);
  assert.throws(() => policy.act(new Float32Array(10)), ArgumentError);
  assert.throws(() => policy.act(new Uint8Array(9) as never), ArgumentError);
  assert.throws(() => policy.act(new Float32Array(9).fill(Number.NaN)), /observation 0: its number 0 is NaN/);
  assert.throws(() => openPolicy(json.replace('"gaussian"', '"gaussien"'), tensors), /checksum/);
  assert.throws(() => openPolicy(json, tensors.subarray(0, 100)), RangeError);
  const unsealed = JSON.parse(json) as Record<string, unknown>;
  delete unsealed['sha256'];
  const other = JSON.stringify({ ...unsealed, distribution: { kind: 'beta', dimensions: 2 } });
  assert.throws(() => openPolicy(other, tensors), NotFoundError);
  const beta = () => ({
    distParamSize: 4,
    actionSize: 2,
    makeActions: (count: number) => new Float32Array(2 * count),
    mode: (_: Float32Array, action: ArrayLike<number>) => void (action as Float32Array).fill(0.5),
    sample: () => undefined,
  });
  assert.deepEqual(
    openPolicy(other, tensors, { distributions: { beta } }).act(new Float32Array(9), { deterministic: true }),
    Float32Array.of(0.5, 0.5),
  );
});

test('SHA-256 is that of node:crypto, whatever the lengths', () => {
  for (let length = 0; length < 300; length += 1 + (length % 7)) {
    const bytes = Uint8Array.from({ length }, (_, i) => (31 * i + length) & 255);
    const expected = createHash('sha256').update('ünt').update(bytes).digest('hex');
    assert.equal(sha256('ünt', bytes), expected);
  }
});
