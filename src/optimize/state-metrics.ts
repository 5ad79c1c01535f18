import { MemoryError } from '../base/errors.js';
import { gib } from '../base/memory.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Distribution } from '../policy/types.js';

/** Per-state Fisher matrices may take this much memory, in bytes. */
const MEMORY_LIMIT = 2 ** 30;
/** Added to each state's Fisher matrix, as the original code. */
const STATE_DAMPING = 1e-4;

/** Fisher matrices A_n of single states, each P × P, row-major, in double precision. */
export interface StateMetrics {
  readonly states: number;
  readonly size: number;
  readonly matrices: Float64Array;
}

/** A_n = J_n' M_n J_n + 1e-4 I for every state of `data`. @param distParams distribution parameters there [n × m] */
export async function stateMetrics(
  engine: NetworkEngine,
  data: LoadedObservations,
  distribution: Distribution,
  distParams: Float32Array,
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
  const m = distribution.distParamSize;
  const jacobian = await engine.jacobian(data);
  const matrices = new Float64Array(data.count * size * size);
  const columns = new Float32Array(data.count * m);
  for (let q = 0; q < size; q++) {
    for (let row = 0; row < columns.length; row++) columns[row] = jacobian[row * size + q];
    const weighted = distribution.fisherProduct(distParams, columns);
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
