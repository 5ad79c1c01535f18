import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permuteRowsInPlace, permuteRowsInto } from '../../src/rollout/permute-rows.js';
import { testDraws } from '../helpers/training.js';

for (const width of [1, 3, 64, 65]) {
  test(`rows of ${width} in any order, into another array and in place`, async () => {
    const draw = testDraws(width);
    for (const n of [0, 1, 2, 50, 20_000]) {
      const order = Array.from({ length: n }, (_, i) => ({ i, at: draw() })).sort((a, b) => a.at - b.at);
      const destination = Int32Array.from(order, ({ i }) => i);
      const from = Float32Array.from({ length: (n + 1) * width }, (_, k) => k);
      const to = new Float32Array(n * width);
      await permuteRowsInto(from, to, width, destination);
      const wrong = destination.findIndex((at, i) => {
        for (let j = 0; j < width; j++) if (to[at * width + j] !== i * width + j) return true;
        return false;
      });
      assert.equal(wrong, -1);
      await permuteRowsInPlace(from, width, destination);
      assert.deepEqual(from.subarray(0, n * width), to);
    }
  });
}
