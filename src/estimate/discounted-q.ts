import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import type { BranchEstimator } from '../rollout/types.js';

/** @throws ArgumentError unless it is a γ */
export function checkDiscount(discount: number): number {
  if (typeof discount === 'number' && discount >= 0 && discount <= 1) return discount;
  throw new ArgumentError(`discount ${describeValue(discount)}`, { value: discount, expected: '0 … 1' });
}

/**
 * Q of a branch as the sum of its discounted rewards, as far as it goes: without bootstrap (section 5.2).
 * @param discount γ, 0 … 1
 * @throws ArgumentError
 */
export function discountedQ(discount: number): BranchEstimator {
  checkDiscount(discount);
  let weight = 1;
  return (q, rewards, time) => {
    weight = time === 0 ? 1 : weight * discount;
    for (let i = 0; i < q.length; i++) q[i] += weight * rewards[i];
  };
}
