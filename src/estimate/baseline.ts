import { ArgumentError } from '../base/errors.js';
import { checkArray } from '../native/arrays.js';

/** Fewer paths than this give no mean of their own: the baseline stays at its last value from there on. */
export const MINIMUM_PATHS = 5;

/**
 * The original code's baseline: b(t) = mean over the paths that reach time t of their return from t on; constant after
 * fewer than five paths remain (of a batch with fewer than five paths: after the first of them ends).
 * @param returns [S]
 * @param timeIndex [S]
 * @throws ArgumentError for arrays of other types or lengths, or times that no path of the batch can have
 * @returns b(t) for t = 0 … longest path - 1
 */
export function timeDependentBaseline(returns: Float64Array, timeIndex: Int32Array): Float64Array {
  checkReturns(returns, timeIndex);
  let length = 0;
  for (let i = 0; i < timeIndex.length; i++) if (timeIndex[i] >= length) length = timeIndex[i] + 1;
  const baseline = new Float64Array(length);
  const paths = new Int32Array(length);
  for (let i = 0; i < returns.length; i++) {
    baseline[timeIndex[i]] += returns[i];
    paths[timeIndex[i]]++;
  }
  const enough = Math.min(MINIMUM_PATHS, paths[0]);
  for (let t = 0; t < length; t++) baseline[t] = paths[t] >= enough ? baseline[t] / paths[t] : baseline[t - 1];
  return baseline;
}

const ANY = { exact: true, shared: true } as const;

/** Returns with the time of each within its path. */
export function checkReturns(returns: Float64Array, timeIndex: Int32Array): void {
  const count = checkArray('returns', returns, 'Float64Array', 0, { shared: true }).length;
  checkArray('timeIndex (one per return)', timeIndex, 'Int32Array', count, ANY);
  let starts = 0;
  for (let i = 0; i < count; i++) {
    const time = timeIndex[i];
    if (time === 0) starts++;
    if (time >= 0 && time < count) continue;
    throw new ArgumentError(`timeIndex ${i} is ${time}`, {
      value: time,
      expected: `0 … ${count - 1}, of ${count} steps`,
    });
  }
  if (starts > 0 || count === 0) return;
  throw new ArgumentError('no path begins at time 0', { value: timeIndex, expected: 'whole paths' });
}
