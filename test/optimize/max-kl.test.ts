import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniform } from '../../src/base/random.js';
import { maxKlDirection } from '../../src/optimize/max-kl.js';

describe('max-KL direction', () => {
  it('solves a problem whose solution is known: two states that each bound one coordinate', async () => {
    // ½ x_i² ≤ δ for i = 0, 1 (and hardly anything on the other coordinate): x_i = sign(g_i) sqrt(2 δ).
    const tiny = 1e-6;
    const matrices = Float64Array.of(1, 0, 0, tiny, tiny, 0, 0, 1);
    const limit = 0.02;
    const { x, worst } = await maxKlDirection(Float32Array.of(3, -0.5), { states: 2, size: 2, matrices }, limit, 1e-4);
    assert.ok(Math.abs(x[0] - Math.sqrt(2 * limit)) < 1e-3, `${x}`);
    assert.ok(Math.abs(x[1] + Math.sqrt(2 * limit)) < 1e-3, `${x}`);
    assert.ok(worst <= limit && worst > 0.99 * limit);
  });

  it('comes within its gap of the best step, whatever the scale of the problem', async () => {
    const [states, size, limit] = [3000, 5, 0.01];
    for (const scale of [1e-4, 1, 1e3]) {
      // A_n = scale (a a' + 1e-4 I) with a of its own for each state, some much longer than others.
      const matrices = new Float64Array(states * size * size);
      const gradient = Float32Array.from({ length: size }, (_, i) => uniform(1, 1, i, 0) - 0.5);
      for (let n = 0; n < states; n++) {
        const length = 0.1 + uniform(2, 1, n, 0) ** 20;
        const a = Float64Array.from({ length: size }, (_, i) => length * (uniform(3, 1, n, i) - 0.5));
        for (let p = 0; p < size; p++) {
          for (let q = 0; q < size; q++) {
            matrices[(n * size + p) * size + q] = scale * (a[p] * a[q] + (p === q ? 1e-4 : 0));
          }
        }
      }
      const metrics = { states, size, matrices };
      const value = (x: Float64Array, n: number) => {
        let sum = 0;
        for (let p = 0; p < size; p++) {
          for (let q = 0; q < size; q++) sum += 0.5 * x[p] * x[q] * matrices[(n * size + p) * size + q];
        }
        return sum;
      };
      const worstAt = (x: Float64Array) => {
        let worst = 0;
        for (let n = 0; n < states; n++) worst = Math.max(worst, value(x, n));
        return worst;
      };
      const gain = (x: Float64Array) => x.reduce((sum, v, i) => sum + v * gradient[i], 0);
      const best = await maxKlDirection(gradient, metrics, limit, 1e-3);
      assert.ok(best.gap <= 1e-3, `gap ${best.gap}`);
      assert.ok(Math.abs(best.worst / worstAt(best.x) - 1) < 1e-9 && best.worst <= limit * (1 + 1e-12));
      const closest = await maxKlDirection(gradient, metrics, limit, 1e-7);
      assert.ok(gain(closest.x) >= gain(best.x) * (1 - 1e-9) && gain(closest.x) <= gain(best.x) * (1 + best.gap));
      // No step nearby, made as long as the limits allow, gains more.
      for (let trial = 0; trial < 200; trial++) {
        const nearby = closest.x.map((v, i) => v * (1 + 0.3 * (uniform(4, trial, i, 0) - 0.5)));
        const length = Math.sqrt(limit / worstAt(nearby));
        assert.ok(length * gain(nearby) <= gain(closest.x) * (1 + 2e-7));
      }
    }
  });

  it('has nowhere to go without a gradient', async () => {
    const metrics = { states: 1, size: 2, matrices: Float64Array.of(1, 0, 0, 1) };
    const { x, gap } = await maxKlDirection(new Float32Array(2), metrics, 0.01, 1e-3);
    assert.deepEqual([...x, gap], [0, 0, 0]);
  });
});
