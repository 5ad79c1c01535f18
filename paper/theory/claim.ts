import type { Key } from '../../src/index.js';
import type { Evaluation } from './evaluation.js';
import { type Draws, drawsOf } from './instances.js';
import type { TabularPolicy } from './mdp.js';
import { maxTotalVariation } from './policy.js';

/** What a claim is checked on: a policy pi with its evaluation, another policy pi~, a direction pi' and a weight alpha. */
export interface Instance {
  readonly name: string;
  readonly old: Evaluation;
  /** pi~ */
  readonly other: TabularPolicy;
  /** pi' of a mixture */
  readonly direction: TabularPolicy;
  /** Weight of the mixture, 0 … 1 */
  readonly alpha: number;
  /** Names the stream of draws that a check may use. */
  readonly key: Key;
}

/** Draws of a check on an instance; every call starts the stream anew. */
export function instanceDraws(instance: Instance): Draws {
  return drawsOf(instance.key, 1);
}

/** Result of one check. */
export interface Outcome {
  /** Right side minus left side of an inequality, or minus the absolute difference of an identity, over `scaleOf`. */
  readonly margin: number;
  /** For a bound L + k · something: the least k that would have held here; NaN where something is 0. */
  readonly needed?: number;
}

export interface Claim {
  readonly id: string;
  /** Where the paper states it. */
  readonly equation: string;
  readonly statement: string;
  /** 'printed': as in the paper; 'corrected': as it has to be where the print is wrong. */
  readonly form: 'printed' | 'corrected';
  check(instance: Instance): Outcome;
}

/** A line of the table. */
export interface Verdict {
  readonly id: string;
  readonly equation: string;
  readonly statement: string;
  readonly form: 'printed' | 'corrected';
  readonly instances: number;
  readonly violations: number;
  /** Smallest margin; negative beyond rounding where the claim fails. */
  readonly worstMargin: number;
  readonly worstInstance: string;
  /** Largest coefficient needed; null for claims without one. */
  readonly largestNeeded: number | null;
  readonly verdict: 'holds' | 'fails as printed' | 'fails';
}

/** Margins above minus this are rounding: linear solves of condition 1 / (1 - gamma) <= 100 in doubles. */
export const TOLERANCE = 1e-12;

/** Size of values: max |c| / (1 - gamma), or 1 where there are no costs. */
export function scaleOf({ old }: Instance): number {
  const largest = Math.max(...old.mdp.cost.map(Math.abs));
  return largest === 0 ? 1 : largest / (1 - old.mdp.discount);
}

/** Margin of left = right for numbers or arrays; `scale` is the size of what is compared. */
export function equal(left: number | Float64Array, right: number | Float64Array, scale: number): Outcome {
  const a = typeof left === 'number' ? [left] : left;
  const b = typeof right === 'number' ? [right] : right;
  let worst = 0;
  a.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - b[i]));
  });
  return { margin: worst === 0 ? 0 : -worst / scale };
}

/** alpha of the bounds for general policies: D_TV^max(pi, pi~). */
export function alphaOf({ old, other }: Instance): number {
  return maxTotalVariation(old.policy, other, old.mdp.actions);
}

/** Margin of left <= right. */
export function atMost(left: number, right: number, scale: number): Outcome {
  return { margin: (right - left) / scale };
}

/** The worse of some outcomes. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((a, b) => (b.margin < a.margin ? b : a));
}

/** Checks a claim on all instances. */
export function checkClaim(claim: Claim, instances: readonly Instance[]): Verdict {
  let worstMargin = Infinity;
  let worstInstance = '';
  let largestNeeded: number | null = null;
  let violations = 0;
  for (const instance of instances) {
    const { margin, needed } = claim.check(instance);
    if (!(margin >= worstMargin)) {
      worstMargin = margin;
      worstInstance = instance.name;
    }
    if (!(margin >= -TOLERANCE)) violations++;
    if (needed !== undefined && Number.isFinite(needed)) largestNeeded = Math.max(largestNeeded ?? -Infinity, needed);
  }
  const { id, equation, statement, form } = claim;
  const verdict = violations === 0 ? 'holds' : form === 'printed' ? 'fails as printed' : 'fails';
  const counts = { instances: instances.length, violations, worstMargin, worstInstance, largestNeeded };
  return { id, equation, statement, form, ...counts, verdict };
}
