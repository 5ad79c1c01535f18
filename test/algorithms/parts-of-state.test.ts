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
