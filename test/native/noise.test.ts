import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { inverseNormal, normal, portableLog } from '../../src/base/normal.js';
import { Purpose, streamKeys, threefry, uniform } from '../../src/base/random.js';
import { normalNoise, sampleCategorical, sampleGaussian, uniformNoise } from '../../src/native/noise.js';
import { platform } from '../../src/native/platform.js';

test('threefry: published answers of Random123', () => {
  const cases = [
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ] as const;
  const out = new Uint32Array(2);
  for (const [k0, k1, c0, c1, x0, x1] of cases) {
    threefry(k0, k1, c0, c1, out);
    assert.deepEqual([...out], [x0, x1]);
  }
});

test('native draws have the bits of the ones in TypeScript', () => {
  for (const rows of [1, 63, 64, 65, 1000]) {
    const keys = streamKeys(7, Purpose.scratch, rows, 0, rows);
    const times = Int32Array.from({ length: rows }, (_, i) => i % 13);
    const u = uniformNoise(keys, times, 3, new Float64Array(3 * rows));
    const z = normalNoise(keys, times, 3, new Float64Array(3 * rows));
    for (let i = 0; i < 3 * rows; i++) {
      const row = Math.floor(i / 3);
      const counter = [keys[2 * row], keys[2 * row + 1], times[row], i % 3] as const;
      assert.equal(u[i], uniform(...counter));
      assert.equal(z[i], normal(...counter));
    }
  }
});

test('inverse normal: symmetric, known quantiles, the ends of the range', () => {
  // Quantiles of the standard normal distribution from tables.
  for (const [u, x] of [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.3263478740408408],
    [2 ** -33, -6.337957754553789],
  ] as const) {
    assert.ok(Math.abs(inverseNormal(u) - x) < 2e-15 * (1 + Math.abs(x)));
  }
  for (const u of [0.1, 0.3, 1e-6]) assert.ok(Math.abs(inverseNormal(u) + inverseNormal(1 - u)) < 1e-10);
  for (const x of [1e-300, 0.1, 0.75, 1, 1.5, 3, 1e300]) {
    assert.ok(Math.abs(portableLog(x) - Math.log(x)) <= 4e-16 * Math.max(1, Math.abs(Math.log(x))));
  }
});

test('moments of many normals', () => {
  const rows = 100_000;
  const z = normalNoise(streamKeys(1, Purpose.scratch, 0, 0, rows), new Int32Array(rows), 1, new Float64Array(rows));
  const moment = (power: number) => z.reduce((sum, x) => sum + x ** power, 0) / rows;
  // Five standard errors: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt rows.
  for (const [power, expected, deviation] of [
    [1, 0, 1],
    [2, 1, 2 ** 0.5],
    [3, 0, 15 ** 0.5],
    [4, 3, 96 ** 0.5],
  ] as const) {
    assert.ok(
      Math.abs(moment(power) - expected) < (5 * deviation) / Math.sqrt(rows),
      `moment ${power}: ${moment(power)}`,
    );
  }
});

test('short arrays are refused', () => {
  const keys = new Uint32Array(4);
  const times = new Int32Array(2);
  assert.throws(() => uniformNoise(keys, times, 3, new Float64Array(5)), ArgumentError);
  assert.throws(() => normalNoise(keys.subarray(2), times, 1, new Float64Array(2)), ArgumentError);
  const logQ = new Float32Array(2);
  assert.throws(() => sampleGaussian(new Float32Array(7), keys, times, 2, new Float32Array(4), logQ), ArgumentError);
  const sizes = Int32Array.of(3, 2);
  assert.throws(
    () => sampleCategorical(new Float32Array(10), keys, times, sizes, new Int32Array(3), logQ),
    ArgumentError,
  );
});

test('the platform names what it runs on', () => {
  const described = platform();
  assert.ok(described.availableInstructionSets.includes(described.instructionSet));
  assert.ok(described.availableInstructionSets.includes('scalar'));
  assert.match(described.addonHash, /^[0-9a-f]{64}$/);
  assert.ok(described.cores >= 1);
});
