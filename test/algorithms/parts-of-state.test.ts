import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinStates, partOfState } from '../../src/algorithms/parts-of-state.js';

test('states of parts become one, and parts again', () => {
  const adam = { mean: Float32Array.of(1), steps: Int32Array.of(2) };
  const buffer = { 'field.reward': Float64Array.of(3) };
  const joined = joinStates({ adam, buffer, empty: {} });
  assert.deepEqual(Object.keys(joined), ['adam.mean', 'adam.steps', 'buffer.field.reward']);
  assert.deepEqual(partOfState(joined, 'adam'), adam);
  assert.deepEqual(partOfState(joined, 'buffer'), buffer);
  assert.deepEqual(partOfState(joined, 'bu'), {}, 'whole names only');
});

test('what is no state is refused by its name', () => {
  const refused = (parts: object, message: RegExp) =>
    assert.throws(() => joinStates(parts as Parameters<typeof joinStates>[0]), { code: 'ERR_ARGUMENT', message });
  refused({ 'adam.one': { mean: new Float32Array(1) } }, /adam\.one/);
  refused({ adam: { mean: [1, 2] } }, /"mean" of the part "adam"/);
  refused({ adam: { mean: new DataView(new ArrayBuffer(8)) } }, /mean/);
});
