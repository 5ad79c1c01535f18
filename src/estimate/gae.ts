import { ArgumentError } from '../base/errors.js';
import type { Episodes } from '../rollout/types.js';

/** What the estimator reads of a `PathBatch`: steps of paths, one after the other. */
export interface RewardedPaths {
  /** [S] */
  readonly rewards: ArrayLike<number>;
  readonly episodes: Pick<Episodes, 'offsets' | 'terminated'>;
}

/** Estimated values of the states of paths, as `ValueFunction.predictPaths` gives them. */
export interface PathValues {
  /** Of the state in which each step was taken [S] */
  readonly values: ArrayLike<number>;
  /** Of the state in which each path stopped; not read where it terminated [E] */
  readonly finalValues: ArrayLike<number>;
}

export interface GaeOptions {
  /** Discount γ, 0 … 1. */
  readonly discount: number;
  /** λ, 0 … 1: 0 trusts the values (one-step differences), 1 the returns. */
  readonly lambda: number;
}

/**
 * Generalized advantage estimation (Schulman et al. 2016, Eq. 16): Σ_l (γλ)^l δ_{t+l} with
 * δ_t = r_t + γ V(s_{t+1}) - V(s_t). A truncated path is continued by the value of its final state, a terminated one is not.
 * @param out [S] where the advantages go; default a new array
 * @returns advantages [S]; advantages + values are the λ-returns that a value function is fitted to
 * @throws ArgumentError for lengths that do not fit and numbers out of range
 */
export function generalizedAdvantages(
  paths: RewardedPaths,
  { values, finalValues }: PathValues,
  { discount, lambda }: GaeOptions,
  out: Float64Array = new Float64Array(paths.rewards.length),
): Float64Array {
  const { rewards, episodes: made } = paths;
  const { offsets, terminated } = made;
  const episodes = offsets.length - 1;
  checkUnit('discount', discount);
  checkUnit('lambda', lambda);
  checkLength('values', values.length, rewards.length);
  checkLength('out', out.length, rewards.length);
  checkLength('finalValues', finalValues.length, episodes);
  checkLength('terminated', terminated.length, episodes);
  checkLength('the last offset', offsets[episodes], rewards.length);
  for (let episode = 0; episode < episodes; episode++) {
    let next = terminated[episode] ? 0 : finalValues[episode];
    let advantage = 0;
    for (let t = offsets[episode + 1] - 1; t >= offsets[episode]; t--) {
      const value = values[t];
      advantage = rewards[t] + discount * next - value + discount * lambda * advantage;
      out[t] = advantage;
      next = value;
    }
  }
  return out;
}

function checkUnit(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ArgumentError(`GAE: ${what} ${value}`, { value, expected: '0 … 1' });
}

function checkLength(what: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new ArgumentError(`GAE: ${what} is ${length}`, { value: length, expected: `${expected}, as the steps say` });
}
