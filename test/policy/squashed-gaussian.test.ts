import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Purpose, streamKeys } from '../../src/base/random.js';
import { makeDistribution } from '../../src/policy/distribution.js';

/** One parameter row, repeated. */
function repeated(row: Float32Array, count: number): Float32Array {
  return Float32Array.from({ length: count * row.length }, (_, i) => row[i % row.length]);
}

describe('squashed gaussian', () => {
  const distribution = makeDistribution({ kind: 'squashed-gaussian', dimensions: 1 });
  const rows = [
    [0, -0.7],
    [0.8, 0],
    [-2, 0.9],
    [0.3, 2.5],
  ].map((row) => Float32Array.from(row));

  test('the density integrates to the mass of the normals', () => {
    for (const row of rows) {
      // In u with a = tanh u, where the density is smooth: p(a) da = p(tanh u) (1 - tanh² u) du. Beyond 7, float32 rounds
      // actions to the bounds.
      const [mean, deviation] = [row[0], Math.exp(row[1])];
      let [total, normals] = [0, 0];
      const cells = 4000;
      for (let k = 0; k < cells; k++) {
        const u = -7 + (14 * (k + 0.5)) / cells;
        const logProb = distribution.logProb(row, Float32Array.of(Math.tanh(u)))[0];
        total += (Math.exp(logProb) * (1 - Math.tanh(u) ** 2) * 14) / cells;
        const z = (u - mean) / deviation;
        normals += (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / deviation) * (14 / cells);
      }
      assert.ok(Math.abs(total - normals) < 1e-3, `${total} against ${normals} at ${row}`);
    }
  });

  test('the draws are those of the gaussian; they and their densities stay finite at the bounds', () => {
    const gaussian = makeDistribution({ kind: 'gaussian', dimensions: 1 });
    const keys = streamKeys(9, Purpose.scratch, 1, 2, 100);
    const [plain, squashed] = [gaussian.makeActions(100), distribution.makeActions(100)];
    for (const row of [...rows, Float32Array.of(30, 0)]) {
      const logQ = new Float32Array(100);
      gaussian.sample(repeated(row, 100), keys, new Int32Array(100), plain, new Float32Array(100));
      distribution.sample(repeated(row, 100), keys, new Int32Array(100), squashed, logQ);
      for (let i = 0; i < 100; i++) {
        assert.ok(Math.abs(squashed[i]) < 1 && Number.isFinite(logQ[i]));
        assert.ok(Math.abs(squashed[i] - Math.tanh(plain[i])) < 1e-7);
      }
    }
  });

  test('entropies of wide and narrow ones, by a sum over a million cells', () => {
    for (const row of [...rows, Float32Array.of(1, 4), Float32Array.of(0.2, -4)]) {
      const [mean, deviation] = [row[0], Math.exp(row[1])];
      let expected = 0.5 + 0.5 * Math.log(2 * Math.PI) + row[1];
      const cells = 1_000_000;
      for (let k = 0; k < cells; k++) {
        const z = -9 + (18 * (k + 0.5)) / cells;
        const u = Math.abs(mean + deviation * z);
        const slope = 2 * (Math.LN2 - u - Math.log1p(Math.exp(-2 * u)));
        expected += (slope * Math.exp(-0.5 * z * z) * 18) / cells / Math.sqrt(2 * Math.PI);
      }
      const actual = distribution.entropy(row)[0];
      assert.ok(Math.abs(actual - expected) < 1e-7 * Math.max(1, Math.abs(expected)), `${actual} ${expected}`);
    }
  });

  test('an action beyond the bounds is refused', () => {
    assert.throws(() => distribution.logProb(rows[0], Float32Array.of(1.5)), /within ±1/);
    assert.ok(Number.isFinite(distribution.logProb(rows[0], Float32Array.of(1))[0]));
  });
});
