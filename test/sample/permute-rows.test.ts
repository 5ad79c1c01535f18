import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permuteRows } from '../../src/sample/permute-rows.js';
import { pacer, testDraws } from '../helpers/training.js';

for (const width of [1, 3, 16, 17, 40]) {
  test(`rows of ${width} in any order`, async () => {
    const draw = testDraws(width);
    for (const n of [0, 1, 2, 50, 20_000]) {
      const order = Array.from({ length: n }, (_, i) => ({ i, at: draw() })).sort((a, b) => a.at - b.at);
      const source = Int32Array.from(order, ({ i }) => i);
      const array = Float32Array.from({ length: (n + 1) * width }, (_, k) => k);
      await permuteRows(array, width, source, pacer());
      const wrong = source.findIndex((from, to) => {
        for (let j = 0; j < width; j++) if (array[to * width + j] !== from * width + j) return true;
        return false;
      });
      assert.equal(wrong, -1);
      assert.deepEqual(
        source,
        Int32Array.from(order, ({ i }) => i),
      );
    }
  });
}
