import { ArgumentError } from '../../src/index.js';

/**
 * A finite Markov decision process (S, A, P, c, rho0, gamma) as in section 2 of the paper. This folder keeps the paper's
 * costs (cost = -reward), because the printed equations are its subject.
 */
export interface TabularMdp {
  readonly states: number;
  readonly actions: number;
  /** P(s' | s, a) at [(s · actions + a) · states + s'] */
  readonly transitions: Float64Array;
  /** c(s) [states]; c(s_0) is paid first, undiscounted */
  readonly cost: Float64Array;
  /** rho0(s) [states] */
  readonly start: Float64Array;
  /** gamma, 0 <= gamma < 1 */
  readonly discount: number;
}

/** pi(a | s) at [s · actions + a]. */
export type TabularPolicy = Float64Array;

/** Probabilities are made by sums of doubles: this far from 1 they may be. */
const ROUNDING = 1e-9;

/**
 * Checks an MDP: lengths, distributions that sum to 1, finite costs, 0 <= gamma < 1.
 * @throws ArgumentError naming what is wrong
 */
export function defineMdp(mdp: TabularMdp): TabularMdp {
  const { states, actions, transitions, cost, start, discount } = mdp;
  if (!(discount >= 0 && discount < 1)) {
    throw new ArgumentError(`discount is ${discount}`, { value: discount, expected: '0 <= discount < 1' });
  }
  checkLength('transitions', transitions, states * actions * states);
  checkLength('cost', cost, states);
  checkLength('start', start, states);
  checkDistributions('transitions', transitions, states);
  checkDistributions('start', start, states);
  if (!cost.every(Number.isFinite)) throw new ArgumentError('cost has an entry that is not finite', { value: cost });
  return mdp;
}

/** Checks that a policy fits an MDP. */
export function checkPolicy(mdp: TabularMdp, policy: TabularPolicy): void {
  checkLength('policy', policy, mdp.states * mdp.actions);
  checkDistributions('policy', policy, mdp.actions);
}

function checkLength(name: string, array: Float64Array, length: number): void {
  if (array.length !== length) {
    throw new ArgumentError(`${name} has ${array.length} entries`, { value: array.length, expected: `${length}` });
  }
}

function checkDistributions(name: string, array: Float64Array, width: number): void {
  for (let row = 0; row < array.length; row += width) {
    const part = array.subarray(row, row + width);
    const sum = part.reduce((total, value) => total + value, 0);
    if (!part.every((value) => value >= 0) || !(Math.abs(sum - 1) <= ROUNDING)) {
      throw new ArgumentError(`row ${row / width} of ${name} sums to ${sum}`, {
        value: [...part],
        expected: 'probabilities that sum to 1',
      });
    }
  }
}
