import { pacerOf } from '../base/scheduling.js';
import { type Bound, maximizeWithin, solve } from './barrier.js';
import type { StateMetrics } from './state-metrics.js';
import { dot } from './vectors.js';

export interface MaxKlDirection {
  readonly x: Float64Array;
  /** Problems with some of the constraints that were solved */
  readonly rounds: number;
  /** The largest ½ x' A_n x; at most the limit */
  readonly worst: number;
  /** No step within the limits gains more than (1 + gap) g · x. */
  readonly gap: number;
}

/** Constraints that join in a round: those that the last one's step violates most. */
const JOINING = 16;
const MOST_ROUNDS = 100;

/**
 * The step of maximum g · x subject to ½ x' A_n x <= limit at every state n (Eq. 12 made quadratic). x has few
 * coordinates, so of tens of thousands of constraints a few dozen decide: solved with some of them, joined by those that
 * the solution violates most, until none is violated by much. What the problem with some constraints gains is an upper
 * bound; its solution, made shorter until it keeps to all limits, is the result. (The original code minimised the dual
 * over one multiplier per state, by L-BFGS-B.)
 * @param gap when to stop, see the result's
 */
export async function maxKlDirection(
  gradient: Float32Array,
  metrics: StateMetrics,
  limit: number,
  gap: number,
  signal?: AbortSignal,
): Promise<MaxKlDirection> {
  const pacer = pacerOf(signal);
  const g = Float64Array.from(gradient);
  // Keeping to every limit keeps to their mean, which is never violated and leaves no direction unbounded.
  const mean = meanMetric(metrics);
  const direction = solve(mean, g);
  let most = Math.sqrt(2 * limit * dot(g, direction));
  if (!(most > 0)) return { x: new Float64Array(g.length), rounds: 0, worst: 0, gap: 0 };
  let x: Float64Array = direction.map((value) => (value * 2 * limit) / most);
  const bounds: Bound[] = [mean];
  const joined = new Set<number>();
  for (let rounds = 0; ; rounds++) {
    const values = constraints(metrics, x);
    const worst = values.reduce((largest, value) => Math.max(largest, value), 0);
    const shorter = Math.min(1, Math.sqrt(limit / worst));
    const reached = most / (shorter * dot(g, x)) - 1;
    if (reached <= gap || rounds >= MOST_ROUNDS) {
      return { x: x.map((value) => shorter * value), rounds, worst: shorter * shorter * worst, gap: reached };
    }
    for (const n of largest(values, limit, joined)) {
      joined.add(n);
      bounds.push(metrics.matrices.subarray(n * mean.length, (n + 1) * mean.length));
    }
    ({ x, most } = maximizeWithin(g, bounds, limit, most, gap / 4));
    if (pacer.due()) await pacer.pause();
  }
}

/** The mean of all A_n. */
function meanMetric({ states, size, matrices }: StateMetrics): Float64Array {
  const mean = new Float64Array(size * size);
  for (let n = 0, at = 0; n < states; n++) {
    for (let i = 0; i < mean.length; i++, at++) mean[i] += matrices[at] / states;
  }
  return mean;
}

/** ½ x' A_n x of every state. */
function constraints({ states, size, matrices }: StateMetrics, x: Float64Array): Float64Array {
  const values = new Float64Array(states);
  for (let n = 0, at = 0; n < states; n++) {
    let sum = 0;
    for (let p = 0; p < size; p++) {
      let row = 0;
      for (let q = 0; q < size; q++, at++) row += matrices[at] * x[q];
      sum += row * x[p];
    }
    values[n] = 0.5 * sum;
  }
  return values;
}

/** The states of the largest values above the limit that have not joined yet, largest first. */
function largest(values: Float64Array, limit: number, joined: ReadonlySet<number>): number[] {
  const found: number[] = [];
  for (let n = 0; n < values.length; n++) {
    if (values[n] <= limit || joined.has(n)) continue;
    if (found.length === JOINING && values[n] <= values[found[JOINING - 1]]) continue;
    found.push(n);
    found.sort((a, b) => values[b] - values[a]);
    found.length = Math.min(found.length, JOINING);
  }
  return found;
}
