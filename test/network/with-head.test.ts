import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkLayout } from '../../src/network/layout.js';
import type { NetworkSpec } from '../../src/network/types.js';
import { withHead } from '../../src/network/with-head.js';

const policy: NetworkSpec = {
  inputShape: [3],
  inputType: 'float32',
  inputScaling: null,
  layers: [
    { kind: 'dense', units: 8, activation: 'tanh', name: 'trunk' },
    { kind: 'dense', units: 2, activation: 'linear', input: 'input', name: 'wide' },
    { kind: 'dense', units: 5, activation: 'relu', input: 'trunk', name: 'head' },
  ],
  outputs: ['head'],
  stateIndependentOutputs: 5,
};
const layers = [policy.layers[0], policy.layers[2]];

test('another head on the same layers: its input stays, what came behind it goes', () => {
  const value = withHead({ ...policy, layers }, 1);
  assert.deepEqual(value.layers[1], { kind: 'dense', units: 1, activation: 'linear', input: 'trunk', name: 'head' });
  const { outputSize, parameterCount } = networkLayout(value);
  assert.deepEqual([outputSize, parameterCount], [1, 3 * 8 + 8 + 8 + 1]);
  const plain = { ...policy, layers: [{ kind: 'dense', units: 5, activation: 'relu' }] as const };
  const { outputs: _, ...unnamed } = plain;
  assert.equal(networkLayout(withHead(unnamed, 4)).outputSize, 4);
});

test('several heads cannot be replaced by one', () => {
  const refused = { code: 'ERR_ARGUMENT', message: /head/ };
  assert.throws(() => withHead({ ...policy, outputs: ['wide', 'head'] }, 1), refused);
  assert.throws(() => withHead({ ...policy, outputs: ['trunk'] }, 1), refused);
  assert.throws(() => withHead({ ...policy, layers: [] }, 1), refused);
});
