import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { MemoryError, TrellisError } from '../base/errors.js';
import { gib } from '../base/memory.js';
import type { Distribution } from '../policy/distribution.js';
import type { LoadedObservations, PolicyEngine } from '../policy/types.js';
import { minimizeLbfgs } from './lbfgs.js';

/** Per-state Fisher matrices may take this much memory, in bytes. */
const MEMORY_LIMIT = 2 ** 30;
/** Added to each state's Fisher matrix, as the original code. */
const STATE_DAMPING = 1e-4;
/** The original code's bounds of the multipliers. */
const LOWEST_MULTIPLIER = 1e-9;
const FIRST_MULTIPLIER = 0.1;

/** Fisher matrices A_n of single states, each P × P, row-major, in double precision. */
export interface StateMetrics {
  readonly states: number;
  readonly size: number;
  readonly matrices: Float64Array;
}

/** A_n = J_n' M_n J_n + 1e-4 I for every state of `data`. @param parameters distribution parameters there [n × m] */
export async function stateMetrics(
  engine: PolicyEngine,
  data: LoadedObservations,
  distribution: Distribution,
  parameters: Float32Array,
): Promise<StateMetrics> {
  const size = engine.parameterCount;
  const bytes = 8 * data.count * size * size;
  if (bytes > MEMORY_LIMIT) {
    throw new MemoryError(`a Fisher matrix for each of ${data.count} states takes ${gib(bytes)}`, {
      value: bytes,
      expected: `at most ${MEMORY_LIMIT / 2 ** 30} GiB`,
      hint: 'Raise constraintEvery, or use single-path with trustRegion.lineSearch.klMeasure=max',
    });
  }
  const m = distribution.parameterSize;
  const jacobian = await engine.jacobian(data);
  const matrices = new Float64Array(data.count * size * size);
  const columns = new Float32Array(data.count * m);
  for (let q = 0; q < size; q++) {
    for (let row = 0; row < columns.length; row++) columns[row] = jacobian[row * size + q];
    const weighted = distribution.fisherProduct(parameters, columns);
    for (let n = 0; n < data.count; n++) {
      const at = n * size * size;
      // One triangle, mirrored: symmetric to the last bit, as the decomposition wants it.
      for (let p = 0; p <= q; p++) {
        let sum = p === q ? STATE_DAMPING : 0;
        for (let row = n * m; row < (n + 1) * m; row++) sum += jacobian[row * size + p] * weighted[row];
        matrices[at + p * size + q] = sum;
        matrices[at + q * size + p] = sum;
      }
    }
  }
  return { states: data.count, size, matrices };
}

/**
 * The step of maximum g · x subject to ½ x' A_n x <= limit at every state n (Eq. 12 made quadratic), by its dual: with
 * multipliers ν_n >= 0 the best x is (Σ ν_n A_n)^-1 g, and ½ g · x + limit Σ ν is minimised over ν.
 */
export async function maxKlDirection(
  gradient: Float32Array,
  metrics: StateMetrics,
  limit: number,
  evaluations: number,
): Promise<{ x: Float64Array; evaluations: number; worst: number }> {
  const { states, size, matrices } = metrics;
  const right = Matrix.columnVector(Float64Array.from(gradient));
  const primal = (multipliers: Float64Array): Float64Array => {
    const sum = new Float64Array(size * size);
    for (let n = 0; n < states; n++) {
      const at = n * size * size;
      for (let i = 0; i < sum.length; i++) sum[i] += multipliers[n] * matrices[at + i];
    }
    const decomposition = new CholeskyDecomposition(Matrix.from1DArray(size, size, sum));
    if (!decomposition.isPositiveDefinite()) {
      throw new TrellisError(
        'ERR_DIVERGED',
        'the weighted Fisher matrix of the max-KL problem is not positive definite',
      );
    }
    return Float64Array.from(decomposition.solve(right).to1DArray());
  };
  const constraint = (x: Float64Array, n: number) => {
    let sum = 0;
    for (let p = 0; p < size; p++) {
      const at = (n * size + p) * size;
      let row = 0;
      for (let q = 0; q < size; q++) row += matrices[at + q] * x[q];
      sum += row * x[p];
    }
    return 0.5 * sum;
  };
  const dual = (multipliers: Float64Array) => {
    const x = primal(multipliers);
    let value = 0;
    for (let p = 0; p < size; p++) value += 0.5 * gradient[p] * x[p];
    const slopes = new Float64Array(states);
    for (let n = 0; n < states; n++) {
      value += limit * multipliers[n];
      slopes[n] = limit - constraint(x, n);
    }
    return { value, gradient: slopes };
  };
  const start = new Float64Array(states).fill(FIRST_MULTIPLIER);
  const result = await minimizeLbfgs(dual, start, {
    maxEvaluations: evaluations,
    lowerBound: LOWEST_MULTIPLIER,
    gradientTolerance: 1e-3 * limit,
  });
  const x = primal(result.x);
  let worst = 0;
  for (let n = 0; n < states; n++) worst = Math.max(worst, constraint(x, n));
  return { x, evaluations: result.evaluations, worst };
}
