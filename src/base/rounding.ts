import { TrellisError } from './errors.js';

/** Differences of this share of what they were made of are rounding; sums of many numbers round more, see below. */
const SHARE = 1e-12;

/**
 * Is a deviation nothing but the rounding of equal numbers? A mean of n equal ones is off by up to n / 2 units in the
 * last place. Scaled to 1, such noise would look like something to learn.
 * @param size of the numbers themselves, such as their root mean square
 * @param count how many were averaged
 */
export function isRounding(deviation: number, size: number, count: number): boolean {
  return deviation <= Math.max(SHARE, count * Number.EPSILON) * size;
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] ** 2;
  return Math.sqrt(squares / values.length);
}

/** Are all values the same but for rounding? */
export function allEqual(values: ArrayLike<number>): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return isRounding(high - low, Math.max(Math.abs(low), Math.abs(high)), 1);
}

/**
 * The root mean square of returns.
 * @param what one of them is called
 * @throws TrellisError ERR_DIVERGED if one is not finite, or all together are too large for their squares
 */
export function checkedSize(values: ArrayLike<number>, what: string): number {
  const size = rootMeanSquare(values);
  if (Number.isFinite(size) || values.length === 0) return size;
  const at = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value));
  const found = at < 0 ? `${what}s of the size ${values[0]}` : `${what} ${at} is ${values[at]}`;
  throw new TrellisError('ERR_DIVERGED', `${found}: too large to learn from`, {
    value: at < 0 ? values[0] : values[at],
    expected: 'finite rewards, below 1e38 in size',
    hint: 'Look for extreme rewards in the environment',
  });
}
