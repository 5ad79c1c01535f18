import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRows } from '../../src/rollout/rows.js';

test('rows are taken in order, any of them again, into an array of the same kind', () => {
  const table = Int32Array.of(0, 1, 10, 11, 20, 21);
  assert.deepEqual(takeRows(table, Int32Array.of(2, 0, 2), 2), Int32Array.of(20, 21, 0, 1, 20, 21));
  assert.deepEqual(takeRows(Float64Array.of(0.1, 0.2), Int32Array.of(1)), Float64Array.of(0.2));
  assert.deepEqual(takeRows(table, new Int32Array(0), 3), new Int32Array(0));
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  assert.ok(takeRows(shared, Int32Array.of(3)).buffer instanceof ArrayBuffer);
});

test('rows that are not there, and widths that do not fit, are refused', () => {
  const table = new Float32Array(6);
  for (const row of [-1, 3]) assert.throws(() => takeRows(table, Int32Array.of(row), 2), { message: /row/ });
  for (const width of [4, 0, -2, Number.NaN]) {
    assert.throws(() => takeRows(table, new Int32Array(1), width), { code: 'ERR_ARGUMENT' }, `${width}`);
  }
});
