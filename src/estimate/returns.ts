import { ArgumentError } from '../base/errors.js';
import { checkArray } from '../native/arrays.js';
import { checkDiscount } from './discounted-q.js';

/**
 * Discounted sums of future rewards along each path, Q(s_t, a_t) = Σ_k γ^k r_{t+k}; zero after the path's last step.
 * @param rewards [S]
 * @param offsets first state of each path, then S [E + 1]
 * @param discount γ in 0 … 1
 * @param out [S] where they go; default a new array
 * @returns [S]
 * @throws ArgumentError
 */
export function discountedReturns(
  rewards: Float32Array,
  offsets: Int32Array,
  discount: number,
  out?: Float64Array,
): Float64Array {
  const result = check(rewards, offsets, discount, out);
  for (let path = 0; path + 1 < offsets.length; path++) {
    let sum = 0;
    for (let i = offsets[path + 1] - 1; i >= offsets[path]; i--) {
      sum = rewards[i] + discount * sum;
      result[i] = sum;
    }
  }
  return result;
}

function check(rewards: Float32Array, offsets: Int32Array, discount: number, out?: Float64Array): Float64Array {
  const steps = checkArray('rewards', rewards, 'Float32Array', 0, { shared: true }).length;
  const paths = checkArray('offsets', offsets, 'Int32Array', 1, { shared: true }).length - 1;
  for (let path = 0; path <= paths; path++) {
    const least = path === 0 ? 0 : offsets[path - 1];
    if (offsets[path] >= least && offsets[path] <= steps) continue;
    throw new ArgumentError(`offset ${path} is ${offsets[path]}`, {
      value: offsets[path],
      expected: `${least} … ${steps}, in ascending order`,
    });
  }
  checkDiscount(discount);
  return out === undefined ? new Float64Array(steps) : checkArray('out', out, 'Float64Array', steps, { shared: true });
}
