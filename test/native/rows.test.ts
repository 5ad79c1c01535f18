import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRows, saveRows } from '../../src/env/backend.js';
import { copyRows } from '../../src/native/rows.js';

const types = [Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array] as const;

describe('rows', () => {
  for (const type of types) {
    it(`of any width are copied in any order: ${type.name}`, () => {
      for (const width of [1, 2, 3, 9, 70]) {
        const table = new type(Array.from({ length: 20 * width }, (_, i) => (7 * i) % 251));
        const row = (array: { slice(first: number, end: number): Iterable<number> }, i: number) => [
          ...array.slice(i * width, (i + 1) * width),
        ];
        // Few rows are copied by a loop, many natively.
        for (const count of [3, 100]) {
          const slots = Int32Array.from({ length: count }, (_, i) => (i * 13 + 5) % 20);
          const saved = saveRows(table, width, slots);
          assert.equal(saved.constructor, type);
          assert.equal(saved.length, count * width);
          slots.forEach((slot, i) => {
            assert.deepEqual(row(saved, i), row(table, slot));
          });
          const targets = Int32Array.from({ length: count }, (_, i) => count + 1 - i);
          const rows = Int32Array.from({ length: count }, (_, i) => i >> 1);
          const copy = new type((count + 2) * width);
          loadRows(copy, width, saved, rows, targets);
          targets.forEach((target, i) => {
            assert.deepEqual(row(copy, target), row(saved, rows[i]));
          });
          for (const untouched of [0, 1]) assert.ok(row(copy, untouched).every((value) => value === 0));
        }
      }
    });
  }

  it('may begin anywhere in their buffers', () => {
    const buffer = new ArrayBuffer(80);
    const from = new Float64Array(buffer, 24, 4);
    from.set([1, 2, 3, 4]);
    const to = new Float64Array(8).subarray(2);
    copyRows(from, Int32Array.of(1, 0), to, null, 2, 2);
    assert.deepEqual([...to], [3, 4, 1, 2, 0, 0]);
  });
});
