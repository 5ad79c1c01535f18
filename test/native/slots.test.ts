import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { checkInteger, checkSlots, sortedSlots } from '../../src/native/slots.js';

const refused = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error: unknown) => error instanceof ArgumentError && message.test(error.message));

describe('slots', () => {
  test('come as integers in range, none twice where that matters', () => {
    assert.deepEqual([...checkSlots([2, 0], 3)], [2, 0]);
    assert.deepEqual([...(sortedSlots([2, 0], 3) ?? [])], [0, 2]);
    assert.equal(sortedSlots(undefined, 3), null);
    refused(() => checkSlots([0, 3], 3), /slot = 3/);
    refused(() => checkSlots(Int32Array.of(-1), 3), /slot = -1/);
    refused(() => checkSlots([1, 1], 3, true), /twice/);
    refused(() => sortedSlots(Int32Array.of(1, 1), 3), /twice/);
  });
  test('are refused where they are no list of integers', () => {
    for (const value of [new Float64Array(1), { length: 1, 0: 0 }, 'ab', 3, null]) {
      refused(() => checkSlots(value as unknown as number[], 3), /slot/);
    }
    refused(() => checkSlots(new Array<number>(2 ** 32 - 1), 3), /undefined/);
    refused(() => checkSlots([Symbol('s') as unknown as number], 3), /Symbol/);
    refused(() => checkInteger('n', Object.create(null) as number, 0, 1), /an object/);
    refused(() => checkSlots(new Int32Array(new SharedArrayBuffer(8)), 3), /shared/);
  });
  test('of a list are read once', () => {
    let reads = 0;
    const list = Object.defineProperty([0], 0, { get: () => (reads++ === 0 ? 1 : 1e8) });
    assert.deepEqual([...checkSlots(list, 3)], [1]);
    assert.equal(reads, 1);
  });
});
