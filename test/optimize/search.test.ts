import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { threefry } from '../../src/base/random.js';
import { CmaEs } from '../../src/optimize/cma-es.js';
import { CrossEntropySearch } from '../../src/optimize/cross-entropy.js';
import { minimizeLbfgs } from '../../src/optimize/lbfgs.js';

/** Standard normal draws by Box-Muller over the stateless generator. */
function normals(count: number, stream: number): Float64Array {
  const words = new Uint32Array(2);
  return Float64Array.from({ length: count }, (_, i) => {
    threefry(7, stream, i, 0, words);
    const u = (words[0] + 0.5) / 2 ** 32;
    const v = (words[1] + 0.5) / 2 ** 32;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  });
}
const sphere = (x: ArrayLike<number>) => Array.from(x).reduce((sum, xi) => sum + (xi - 0.5) ** 2, 0);
function rosenbrock(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2;
  return sum;
}

describe('CMA-ES', () => {
  for (const [name, f, generations, optimum] of [
    ['sphere', sphere, 150, 0.5],
    ['Rosenbrock', rosenbrock, 500, 1],
  ] as const) {
    it(`finds the optimum of the ${name} function in 6 dimensions`, () => {
      const n = 6;
      const search = new CmaEs(new Float64Array(n), 0.5, 16);
      for (let g = 0; g < generations; g++) {
        const candidates = search.ask(normals(16 * n, g));
        search.tell(
          candidates,
          Array.from({ length: 16 }, (_, k) => -f(candidates.subarray(k * n, (k + 1) * n))),
        );
      }
      for (const x of search.mean) assert.ok(Math.abs(x - optimum) < 1e-3, `mean ${search.mean}`);
    });
  }

  it('goes on from a saved state exactly', () => {
    const n = 4;
    const run = (interrupt: boolean) => {
      let search = new CmaEs(new Float64Array(n), 0.3, 8);
      for (let g = 0; g < 20; g++) {
        const candidates = search.ask(normals(8 * n, g));
        search.tell(
          candidates,
          Array.from({ length: 8 }, (_, k) => -sphere(candidates.subarray(k * n, (k + 1) * n))),
        );
        if (interrupt && g === 9) {
          const state = search.save();
          search = new CmaEs(new Float64Array(n), 1, 8);
          search.load(state);
        }
      }
      return search.mean;
    };
    assert.deepEqual(run(true), run(false));
  });
});

describe('cross-entropy search', () => {
  for (const [name, f, generations, optimum, tolerance] of [
    ['sphere', sphere, 40, 0.5, 0.05],
    ['Rosenbrock', rosenbrock, 200, 1, 0.1],
  ] as const) {
    it(`finds the optimum of the ${name} function in 2 dimensions`, () => {
      const search = new CrossEntropySearch([0, 0], 1, 200, {
        eliteFraction: 0.1,
        extraStd: 0.2,
        extraDecay: 100,
        extraSchedule: 'linear',
      });
      for (let g = 0; g < generations; g++) {
        const candidates = search.ask(normals(400, g));
        search.tell(
          candidates,
          Array.from({ length: 200 }, (_, k) => -f(candidates.subarray(2 * k, 2 * k + 2))),
        );
      }
      for (const x of search.mean) assert.ok(Math.abs(x - optimum) < tolerance, `mean ${search.mean}`);
    });
  }
});

describe('L-BFGS', () => {
  it('minimises Rosenbrock in 10 dimensions', async () => {
    const objective = (x: Float64Array) => {
      const gradient = new Float64Array(x.length);
      for (let i = 0; i + 1 < x.length; i++) {
        const r = x[i + 1] - x[i] ** 2;
        gradient[i] += -400 * x[i] * r - 2 * (1 - x[i]);
        gradient[i + 1] += 200 * r;
      }
      return { value: rosenbrock(x), gradient };
    };
    const { x, converged } = await minimizeLbfgs(objective, new Float64Array(10), {
      maxEvaluations: 500,
      valueTolerance: 0,
    });
    assert.ok(converged);
    for (const xi of x) assert.ok(Math.abs(xi - 1) < 1e-4);
  });
});
