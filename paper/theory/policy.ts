import type { TabularMdp, TabularPolicy } from './mdp.js';

/** Every action equally likely. */
export function uniformPolicy({ states, actions }: Pick<TabularMdp, 'states' | 'actions'>): TabularPolicy {
  return new Float64Array(states * actions).fill(1 / actions);
}

/** pi(a | s) proportional to exp(theta[s, a]). */
export function softmaxPolicy(theta: Float64Array, actions: number): TabularPolicy {
  const out = new Float64Array(theta.length);
  for (let row = 0; row < theta.length; row += actions) {
    const part = theta.subarray(row, row + actions);
    const largest = Math.max(...part);
    let sum = 0;
    for (let a = 0; a < actions; a++) sum += out[row + a] = Math.exp(part[a] - largest);
    for (let a = 0; a < actions; a++) out[row + a] /= sum;
  }
  return out;
}

/** Derivative of softmaxPolicy at theta along v. */
export function softmaxDerivative(policy: TabularPolicy, v: Float64Array, actions: number): Float64Array {
  const out = new Float64Array(policy.length);
  for (let row = 0; row < policy.length; row += actions) {
    let mean = 0;
    for (let a = 0; a < actions; a++) mean += policy[row + a] * v[row + a];
    for (let a = 0; a < actions; a++) out[row + a] = policy[row + a] * (v[row + a] - mean);
  }
  return out;
}

/** (1 - alpha) pi + alpha pi' (Eq. 5). */
export function mixture(policy: TabularPolicy, other: TabularPolicy, alpha: number): TabularPolicy {
  return policy.map((p, i) => (1 - alpha) * p + alpha * other[i]);
}

/** The deterministic policy that takes, in every state, the action of least advantage. */
export function greedyPolicy(advantage: Float64Array, actions: number): TabularPolicy {
  const out = new Float64Array(advantage.length);
  for (let row = 0; row < advantage.length; row += actions) {
    const part = advantage.subarray(row, row + actions);
    out[row + part.indexOf(Math.min(...part))] = 1;
  }
  return out;
}

/** A number for every state from the two policies' rows there. */
function perState(
  p: TabularPolicy,
  q: TabularPolicy,
  actions: number,
  divergence: (p: Float64Array, q: Float64Array) => number,
): Float64Array {
  return Float64Array.from({ length: p.length / actions }, (_, s) =>
    divergence(p.subarray(s * actions, (s + 1) * actions), q.subarray(s * actions, (s + 1) * actions)),
  );
}

/** D_TV(p, q) = 1/2 sum |p - q|. */
export function totalVariation(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, value, i) => sum + Math.abs(value - q[i]), 0) / 2;
}

/**
 * D_KL(p, q) = sum p log(p / q); Infinity where q misses part of p's support. Summed as p log(p / q) + q - p, whose terms
 * are never negative, so that divergences far below the rounding of 1 keep their digits.
 */
export function klDivergence(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, value, i) => {
    const difference = q[i] - value;
    return sum + difference - (value === 0 ? 0 : value * Math.log1p(difference / value));
  }, 0);
}

/** D_TV at every state [states]. */
export function totalVariations(p: TabularPolicy, q: TabularPolicy, actions: number): Float64Array {
  return perState(p, q, actions, totalVariation);
}

/** D_KL(p(. | s), q(. | s)) at every state [states]. */
export function klDivergences(p: TabularPolicy, q: TabularPolicy, actions: number): Float64Array {
  return perState(p, q, actions, klDivergence);
}

/** D_TV^max (Eq. 9). */
export function maxTotalVariation(p: TabularPolicy, q: TabularPolicy, actions: number): number {
  return Math.max(...totalVariations(p, q, actions));
}

/** D_KL^max (section 3). */
export function maxKl(p: TabularPolicy, q: TabularPolicy, actions: number): number {
  return Math.max(...klDivergences(p, q, actions));
}
