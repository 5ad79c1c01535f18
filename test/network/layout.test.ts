import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError, NotFoundError } from '../../src/base/errors.js';
import { networkLayout, parameterCount } from '../../src/network/layout.js';
import type { LayerSpec, NetworkSpec } from '../../src/network/types.js';
import { atari, conv, dense, gaussianNetwork, mlp, norm } from './specs.js';

test('published parameter counts', () => {
  assert.equal(parameterCount(gaussianNetwork(9, [30], 2)), 364);
  assert.equal(parameterCount(gaussianNetwork(41, [50, 50], 3)), 4806);
  assert.equal(parameterCount(gaussianNetwork(4, [], 1)), 6);
  assert.equal(parameterCount(atari), 33_500);
});

test('feature maps of the Atari network', () => {
  const shapes = networkLayout(atari).layers.map((layer) => layer.outputShape);
  assert.deepEqual(shapes, [[16, 25, 19], [16, 11, 8], [20], [8]]);
});

test('where a graph of layers has its parameters and outputs', () => {
  const layout = networkLayout({
    inputShape: [3],
    inputType: 'float32',
    inputScaling: null,
    layers: [
      dense(4, 'tanh', { name: 'trunk' }),
      norm('linear'),
      { kind: 'add', name: 'sum', inputs: ['trunk', 'trunk'] },
      { kind: 'add', name: 'out', inputs: ['sum', 'again'] },
      dense(2, 'linear', { name: 'value', input: 'trunk' }),
    ].toSpliced(2, 0, dense(4, 'linear', { name: 'again' })) as LayerSpec[],
    outputs: ['value', 'out'],
    stateIndependentOutputs: 3,
  });
  assert.deepEqual(
    layout.layers.map(({ inputs }) => inputs),
    [[-1], [0], [1], [0, 0], [3, 2], [0]],
  );
  assert.deepEqual(
    layout.layers.map(({ weightOffset, biasOffset }) => [weightOffset, biasOffset]),
    [
      [0, 12],
      [16, 20],
      [24, 40],
      [44, 44],
      [44, 44],
      [44, 52],
    ],
  );
  assert.deepEqual(layout.heads, [5, 4]);
  assert.deepEqual([layout.emittedSize, layout.outputSize], [6, 9]);
  assert.deepEqual([layout.stateIndependentOffset, layout.parameterCount], [54, 57]);
});

test('specifications that do not fit are refused by name', () => {
  const refuse = (spec: unknown, message: RegExp, kind: typeof ArgumentError | typeof NotFoundError = ArgumentError) =>
    assert.throws(
      () => networkLayout(spec as NetworkSpec),
      (error) => error instanceof kind && message.test(error.message),
      String(message),
    );
  const good = mlp(4, [3], 2);
  const layers = (...list: unknown[]) => ({ ...good, layers: list });
  for (const spec of [null, undefined, 3, [], 'network']) refuse(spec, /network/);
  refuse({ ...good, inputShape: [2, 2] }, /input shape/);
  refuse({ ...good, inputType: 'float64' }, /unknown input type "float64"/, NotFoundError);
  refuse({ ...good, output: ['a'] }, /key in the network "output".*outputs/, NotFoundError);
  refuse(layers(), /layers/);
  refuse(layers(dense(0), dense(2)), /layer 0: units/);
  refuse(layers(conv(2, [3, 3], [1, 1], 'tanh'), dense(2)), /layer 0.*does not fit/);
  refuse(
    layers({ kind: 'dens', units: 2, activation: 'tanh' }),
    /kind of layer 0 "dens".*Did you mean "dense"/,
    NotFoundError,
  );
  refuse(layers({ kind: 'layernorm' }), /"layernorm".*layerNorm/, NotFoundError);
  refuse(layers({ ...dense(2), unit: 3 }), /key in layer 0 "unit".*units/, NotFoundError);
  refuse(layers({ kind: 'dense', units: 2 }), /layer 0: activation/);
  refuse(layers({ kind: 'layerNorm', activation: 'gelu' }), /layer 0: activation/);
  refuse(layers(dense(2, 'tanh', { name: '' })), /layer 0: name/);
  refuse(layers(dense(2, 'tanh', { name: 'input' })), /layer 0 is named "input".*is the observation/);
  refuse(layers(dense(2, 'tanh', { name: 'a' }), dense(2, 'tanh', { name: 'a' })), /two layers named "a"/);
  refuse(layers(dense(2, 'tanh', { input: 'b' }), dense(2, 'tanh', { name: 'b' })), /layer 0 takes "b".*after it/);
  refuse(layers(dense(2, 'tanh', { name: 'b', input: 'b' })), /"b" takes "b".*with it/);
  refuse(
    layers(dense(2, 'tanh', { name: 'trunk' }), dense(2, 'tanh', { input: 'trunc' })),
    /input of layer 1 "trunc".*Did you mean "trunk"/,
    NotFoundError,
  );
  const add = (...inputs: unknown[]) => ({ kind: 'add', inputs });
  refuse(
    layers(dense(3, 'tanh', { name: 'a' }), dense(2, 'tanh', { name: 'b' }), add('a', 'b')),
    /adds \[3\] and \[2\]/,
  );
  refuse(layers(dense(3, 'tanh', { name: 'a' }), add('a')), /layer 1: inputs/);
  refuse(
    layers(dense(3, 'tanh', { name: 'a' }), { ...add('a', 'a'), input: 'a' }),
    /key in layer 1 "input"/,
    NotFoundError,
  );
  const named = [dense(3, 'tanh', { name: 'policy' }), dense(2, 'linear', { name: 'value', input: 'policy' })];
  refuse({ ...layers(...named), outputs: ['valu'] }, /layer in outputs "valu".*Did you mean "value"/, NotFoundError);
  refuse({ ...layers(...named), outputs: ['value', 'value'] }, /"value" twice/);
  refuse({ ...layers(...named), outputs: [] }, /outputs/);
  refuse({ ...layers(...named), outputs: ['policy'] }, /layer "value" leads to no output/);
  refuse(layers(dense(3), dense(2, 'linear', { input: 'input' })), /layer 0 leads to no output/);
  for (const count of [-1, 1.5, '2', Number.NaN, 2 ** 31]) {
    refuse({ ...good, stateIndependentOutputs: count }, /stateIndependentOutputs|parameters|outputs/);
  }
  const scaled = (offset: Float32Array | number, scale: Float32Array | number, clip: number) => ({
    ...good,
    inputScaling: { offset, scale, clip },
  });
  refuse(scaled(new Float32Array(3), 1, 1), /input scaling: offset/);
  refuse(scaled(0, 0, 1), /input scaling: scale/);
  refuse(scaled(0, 1, 0), /input scaling: clip/);
});
