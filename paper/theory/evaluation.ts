import {
  addScaled,
  dot,
  identity,
  inverse,
  type Matrix,
  maxAbs,
  multiplyRow,
  multiplyVector,
} from './linear-algebra.js';
import { checkPolicy, type TabularMdp, type TabularPolicy } from './mdp.js';

/** All that section 2 defines for one policy, exact up to rounding. */
export interface Evaluation {
  readonly mdp: TabularMdp;
  readonly policy: TabularPolicy;
  /** P_pi acting on densities: entry [s' · states + s] is the probability of s -> s' */
  readonly transition: Matrix;
  /** G = (1 - gamma P_pi)^-1 */
  readonly resolvent: Matrix;
  /** V_pi [states] */
  readonly value: Float64Array;
  /** Q_pi [states × actions]; c(s) is paid whatever the action */
  readonly actionValue: Float64Array;
  /** A_pi = Q_pi - V_pi [states × actions] */
  readonly advantage: Float64Array;
  /** Unnormalised discounted visitation rho_pi [states]; sums to 1 / (1 - gamma) */
  readonly visitation: Float64Array;
  /** Expected discounted cost */
  readonly eta: number;
}

/** Evaluates a policy by linear solves. */
export function evaluatePolicy(mdp: TabularMdp, policy: TabularPolicy): Evaluation {
  checkPolicy(mdp, policy);
  const { states, actions, transitions, cost, start, discount } = mdp;
  const transition = transitionMatrix(mdp, policy);
  const resolvent = inverse(addScaled(identity(states), -discount, transition), states);
  const value = multiplyRow(cost, resolvent);
  const actionValue = new Float64Array(states * actions);
  for (let i = 0; i < actionValue.length; i++) {
    const next = transitions.subarray(i * states, (i + 1) * states);
    actionValue[i] = cost[Math.floor(i / actions)] + discount * dot(next, value);
  }
  const advantage = actionValue.map((q, i) => q - value[Math.floor(i / actions)]);
  const visitation = multiplyVector(resolvent, start);
  return { mdp, policy, transition, resolvent, value, actionValue, advantage, visitation, eta: dot(cost, visitation) };
}

/** P_pi as a matrix on densities. Linear in the policy, so that it also serves for differences of policies. */
export function transitionMatrix(mdp: TabularMdp, policy: Float64Array): Matrix {
  const { states, actions, transitions } = mdp;
  const out = new Float64Array(states * states);
  for (let s = 0; s < states; s++) {
    for (let a = 0; a < actions; a++) {
      const weight = policy[s * actions + a];
      const row = (s * actions + a) * states;
      for (let next = 0; next < states; next++) out[next * states + s] += weight * transitions[row + next];
    }
  }
  return out;
}

/** sum_a weights(a | s) A(s, a) for every state; with weights = another policy, its expected advantage. */
export function expectedAdvantage(evaluation: Evaluation, weights: Float64Array): Float64Array {
  const { states, actions } = evaluation.mdp;
  return Float64Array.from({ length: states }, (_, s) =>
    dot(
      weights.subarray(s * actions, (s + 1) * actions),
      evaluation.advantage.subarray(s * actions, (s + 1) * actions),
    ),
  );
}

/** epsilon of Theorem 1 and Algorithm 1: max |A_pi(s, a)|. */
export function maxAdvantage(evaluation: Evaluation): number {
  return maxAbs(evaluation.advantage);
}

/** Distribution of s_t for t = 0 … count - 1 under a policy. */
export function stateDistributions(evaluation: Evaluation, count: number): Float64Array[] {
  const out = [evaluation.mdp.start];
  while (out.length < count) out.push(multiplyVector(evaluation.transition, out.at(-1)!));
  return out;
}
