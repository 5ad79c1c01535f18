import { type Evaluation, evaluatePolicy, transitionMatrix } from './evaluation.js';
import { addScaled, dot, type Matrix, multiply, multiplyRow, multiplyVector } from './linear-algebra.js';
import type { TabularPolicy } from './mdp.js';
import { policyChange } from './surrogate.js';

/** The quantities of Appendix B for a pair of policies. Densities are columns, costs and values are rows. */
export interface Perturbation {
  readonly old: Evaluation;
  readonly other: Evaluation;
  /** G = (1 - gamma P_pi)^-1 */
  readonly g: Matrix;
  /** G~ = (1 - gamma P_pi~)^-1 */
  readonly gOther: Matrix;
  /** Delta = P_pi~ - P_pi */
  readonly delta: Matrix;
  /** gamma G Delta G~ (Eq. 35) */
  readonly firstOrder: Matrix;
  /** gamma c G Delta = gamma v Delta, a row [states] (Eq. 39) */
  readonly gain: Float64Array;
  /** G Delta G~ rho0, a column [states] (Eq. 41) */
  readonly shift: Float64Array;
}

/** Computes the quantities of Appendix B. */
export function perturb(old: Evaluation, policy: TabularPolicy): Perturbation {
  const { mdp, resolvent: g } = old;
  const n = mdp.states;
  const other = evaluatePolicy(mdp, policy);
  const delta = transitionMatrix(mdp, policyChange(old, policy));
  const scaled = addScaled(new Float64Array(n * n), mdp.discount, delta);
  const firstOrder = multiply(multiply(g, scaled, n), other.resolvent, n);
  const gain = multiplyRow(old.value, scaled);
  const shift = multiplyVector(g, multiplyVector(delta, other.visitation));
  return { old, other, g, gOther: other.resolvent, delta, firstOrder, gain, shift };
}

/** G + gamma G Delta G + gamma^2 G Delta G Delta G~ (right-hand side of Eq. 36). */
export function secondOrderResolvent({ old, g, gOther, delta }: Perturbation): Matrix {
  const n = old.mdp.states;
  const gamma = old.mdp.discount;
  const gDelta = multiply(g, delta, n);
  const once = multiply(gDelta, g, n);
  const twice = multiply(gDelta, multiply(gDelta, gOther, n), n);
  return addScaled(addScaled(g, gamma, once), gamma ** 2, twice);
}

/** gamma c G Delta G rho0 and gamma^2 c G Delta G Delta G~ rho0: the two terms of Eq. 37. */
export function perturbationTerms({ old, gain, shift }: Perturbation): { first: number; second: number } {
  return { first: dot(gain, old.visitation), second: old.mdp.discount * dot(gain, shift) };
}
