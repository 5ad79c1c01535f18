import type { Draws } from './instances.js';
import { dot } from './linear-algebra.js';
import type { TabularMdp, TabularPolicy } from './mdp.js';
import { totalVariation } from './policy.js';

/**
 * The coupling of Appendix A: the joint distribution of (X, Y) with marginals p and q and P(X = Y) = 1 - D_TV(p, q).
 * @returns [size × size], P(X = x, Y = y) at [x · size + y]
 */
export function maximalCoupling(p: Float64Array, q: Float64Array): Float64Array {
  const size = p.length;
  const distance = totalVariation(p, q);
  const out = new Float64Array(size * size);
  for (let x = 0; x < size; x++) {
    out[x * size + x] = Math.min(p[x], q[x]);
    if (distance === 0) continue;
    for (let y = 0; y < size; y++) {
      out[x * size + y] += (Math.max(p[x] - q[x], 0) * Math.max(q[y] - p[y], 0)) / distance;
    }
  }
  return out;
}

/** One draw of (X, Y) by the construction's two cases: (i) equal, (ii) from the two excesses. */
export function drawCoupled(p: Float64Array, q: Float64Array, draws: Draws): { x: number; y: number; equal: boolean } {
  const distance = totalVariation(p, q);
  if (draws.uniform() >= distance) {
    const x = pick(
      p.map((value, i) => Math.min(value, q[i])),
      draws,
    );
    return { x, y: x, equal: true };
  }
  const x = pick(
    p.map((value, i) => Math.max(value - q[i], 0)),
    draws,
  );
  const y = pick(
    q.map((value, i) => Math.max(value - p[i], 0)),
    draws,
  );
  return { x, y, equal: false };
}

function pick(weights: Float64Array, draws: Draws): number {
  let rest = draws.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/** What the coupled process of Appendix A does at each time step. c_t counts the steps before t whose actions differ. */
export interface CoupledProcess {
  /** P(c_t = 0) for t = 0 … count - 1 */
  readonly agreed: Float64Array;
  /** P(s_t = s, c_t = 0), one array [states] a time step; sums to agreed[t] */
  readonly agreedStates: readonly Float64Array[];
}

/**
 * Exact distribution of the coupled process: in each state the two policies' actions are drawn from the maximal coupling
 * and the new one's is performed. The agreeing part is propagated by min(pi, pi~).
 */
export function coupledProcess(
  mdp: TabularMdp,
  policy: TabularPolicy,
  other: TabularPolicy,
  count: number,
): CoupledProcess {
  const { states, actions, transitions } = mdp;
  const agreedStates = [mdp.start];
  while (agreedStates.length < count) {
    const density = agreedStates.at(-1)!;
    const next = new Float64Array(states);
    for (let i = 0; i < states * actions; i++) {
      const flow = density[Math.floor(i / actions)] * Math.min(policy[i], other[i]);
      if (flow === 0) continue;
      for (let s = 0; s < states; s++) next[s] += flow * transitions[i * states + s];
    }
    agreedStates.push(next);
  }
  const ones = new Float64Array(states).fill(1);
  return { agreed: Float64Array.from(agreedStates, (density) => dot(density, ones)), agreedStates };
}
