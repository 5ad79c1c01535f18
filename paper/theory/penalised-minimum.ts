import type { Evaluation } from './evaluation.js';
import type { TabularPolicy } from './mdp.js';
import { klDivergence } from './policy.js';

const BISECTIONS = 200;

/** The row that minimises sum p A within a KL ball around the old row, and the ball's Lagrange multiplier. */
interface Row {
  readonly row: Float64Array;
  readonly multiplier: number;
}

/**
 * The policy that minimises L_pi(pi~) + penalty · D_KL^max(pi, pi~) over all policies (the step of Algorithm 1).
 *
 * For a given radius delta = D_KL^max the states decouple: each minimises sum p A subject to D_KL(pi, p) <= delta, whose
 * solution is p = lambda pi / (A + nu), lambda = 1 / sum pi / (A + nu), nu > -min A. The optimal value is convex in delta
 * with slope -lambda in each state, so the best radius is where sum_s rho(s) lambda_s(delta) = penalty: bisection in both.
 * States never visited keep their policy. A penalty of 0 gives the greedy policy on pi's support.
 * @param evaluation of pi
 */
export function penalisedMinimum(evaluation: Evaluation, penalty: number): TabularPolicy {
  const { mdp, policy, visitation } = evaluation;
  const { states, actions } = mdp;
  const rows = Array.from({ length: states }, (_, s) => ({
    weight: visitation[s],
    old: policy.subarray(s * actions, (s + 1) * actions),
    advantage: evaluation.advantage.subarray(s * actions, (s + 1) * actions),
  })).map((row) => ({ ...row, free: row.weight > 0 && spread(row.old, row.advantage) > 0 }));
  const solve = (delta: number): (Row | null)[] =>
    rows.map(({ old, advantage, free }) => (free ? ballMinimum(old, advantage, delta) : null));
  const slope = (delta: number) =>
    solve(delta).reduce((sum, row, s) => sum + (row === null ? 0 : rows[s].weight * row.multiplier), 0);
  if (rows.every(({ free }) => !free)) return policy;

  // The slope falls from infinity to 0 as delta grows; radii in [1e-30, 700] cover what doubles can tell apart.
  let low = Math.log(1e-30);
  let high = Math.log(700);
  for (let i = 0; i < BISECTIONS && high - low > 1e-13 * Math.abs(low); i++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > penalty) low = middle;
    else high = middle;
  }
  const out = Float64Array.from(policy);
  solve(Math.exp(low)).forEach((row, s) => {
    if (row !== null) out.set(row.row, s * actions);
  });
  return out;
}

/** Range of the advantages on the support of the old row: 0 means that no move within it helps. */
function spread(old: Float64Array, advantage: Float64Array): number {
  const supported = advantage.filter((_, a) => old[a] > 0);
  return Math.max(...supported) - Math.min(...supported);
}

/** min sum p A subject to D_KL(old, p) <= delta, over rows on the old one's support. */
function ballMinimum(old: Float64Array, advantage: Float64Array, delta: number): Row {
  const least = Math.min(...advantage.filter((_, a) => old[a] > 0));
  const excess = advantage.map((value) => value - least);
  // nu = exp(log) above -min A: a small one is greedy (large divergence), a large one stays (none).
  let low = Math.log(1e-300);
  let high = Math.log(1e30);
  for (let i = 0; i < BISECTIONS && high - low > 1e-14 * Math.abs(low); i++) {
    const middle = (low + high) / 2;
    if (klDivergence(old, tilt(old, excess, Math.exp(middle)).row) > delta) low = middle;
    else high = middle;
  }
  return tilt(old, excess, Math.exp(high));
}

function tilt(old: Float64Array, excess: Float64Array, nu: number): Row {
  const raw = old.map((p, a) => (p === 0 ? 0 : p / (excess[a] + nu)));
  const multiplier = 1 / raw.reduce((sum, value) => sum + value, 0);
  return { row: raw.map((value) => value * multiplier), multiplier };
}
