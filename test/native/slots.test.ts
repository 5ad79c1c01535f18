import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { checkInteger, checkRows, checkSlots, sortedSlots } from '../../src/native/slots.js';

const refused = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error: unknown) => error instanceof ArgumentError && message.test(error.message));

describe('slots', () => {
  test('come as integers in range, none twice where that matters', () => {
    assert.deepEqual([...checkSlots([2, 0], 3)], [2, 0]);
    assert.deepEqual([...(sortedSlots([2, 0], 3) ?? [])], [0, 2]);
    assert.equal(sortedSlots(undefined, 3), null);
    refused(() => checkSlots([0, 3], 3), /slot = 3/);
    refused(() => checkSlots(Int32Array.of(-1), 3), /slot = -1/);
    refused(() => checkSlots([1, 1], 3), /slot 1 is named twice/);
    assert.deepEqual([...checkSlots(undefined, 3)], [0, 1, 2]);
    refused(() => sortedSlots(Int32Array.of(1, 1), 3), /twice/);
  });
  test('are refused where they are no list of integers', () => {
    for (const value of [new Float64Array(1), { length: 1, 0: 0 }, 'ab', 3, null]) {
      refused(() => checkSlots(value as unknown as number[], 3), /slot/);
    }
    refused(() => checkSlots(new Array<number>(2 ** 32 - 1), 3), /undefined/);
    refused(() => checkSlots([Symbol('s') as unknown as number], 3), /Symbol/);
    refused(() => checkInteger('n', Object.create(null) as number, 0, 1), /an object/);
  });
  test('in shared memory are copied: another thread may write there', () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared[1] = 2;
    const read = checkSlots(shared, 3);
    shared.fill(1e9);
    assert.deepEqual([...read], [0, 2]);
  });
  test('rows are one for each slot, repeats allowed', () => {
    assert.deepEqual([...checkRows(undefined, 2, 2)], [0, 1]);
    assert.deepEqual([...checkRows([1, 1, 0], 2, 3)], [1, 1, 0]);
    refused(() => checkRows(undefined, 2, 3), /2 rows for 3 slots/);
    refused(() => checkRows([1], 2, 3), /1 rows for 3 slots/);
    refused(() => checkRows([2], 2, 1), /row = 2/);
  });
  test('of a list are read once', () => {
    let reads = 0;
    const list = Object.defineProperty([0], 0, { get: () => (reads++ === 0 ? 1 : 1e8) });
    assert.deepEqual([...checkSlots(list, 3)], [1]);
    assert.equal(reads, 1);
  });
});
