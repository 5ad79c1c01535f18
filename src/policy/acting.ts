import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { foldKey, type Key } from '../base/random.js';
import type { ObservationArray } from '../env/types.js';
import type { NetworkSpec } from '../network/types.js';

// What every policy does around its network, in Node and elsewhere.

/** The key of row i of a call of `act`, under the policy's seed. */
export function rowKey(seed: number, row: number): Key {
  return foldKey([seed >>> 0, Math.floor(seed / 2 ** 32)], row, 0);
}

/** Numbers as the observations of a network. @throws ArgumentError for what is no number */
export function listedRows(observations: readonly number[], { inputType }: NetworkSpec): ObservationArray {
  const numbers: number[] = [];
  // Element by element, so that a hole in an array of four thousand million ends it at once.
  for (let i = 0; i < observations.length; i++) {
    const x: unknown = observations[i];
    if (typeof x !== 'number') {
      throw new ArgumentError(`observations[${i}]: ${describeValue(x)}`, {
        value: x,
        expected: 'a flat list of numbers',
      });
    }
    numbers.push(x);
  }
  return inputType === 'uint8' ? Uint8Array.from(numbers) : Float32Array.from(numbers);
}

/** How many observations these are. @throws ArgumentError where they are no whole rows */
export function rowCount(rows: ObservationArray, { inputShape }: NetworkSpec): number {
  const size = inputShape.reduce((a, b) => a * b, 1);
  const count = rows.length / size;
  if (Number.isInteger(count)) return count;
  throw new ArgumentError(`observations of ${rows.length} numbers`, {
    value: rows.length,
    expected: `${size} numbers, or rows of ${size} each`,
    hint: 'The policy was made for another environment, or a row is cut off',
  });
}

/**
 * From parameters that are no numbers no action comes.
 * @param parameters [count × m] that the network gave for these rows
 * @throws ArgumentError naming the row
 */
export function checkAnswers(rows: ObservationArray, parameters: Float32Array, count: number): void {
  const bad = parameters.findIndex((x) => Number.isNaN(x));
  if (bad < 0) return;
  const row = Math.floor((bad * count) / parameters.length);
  const size = rows.length / count;
  const at = rows.subarray(row * size, (row + 1) * size).findIndex((x) => !Number.isFinite(x));
  const why = at < 0 ? 'the policy has parameters that are no numbers' : `its number ${at} is ${rows[row * size + at]}`;
  throw new ArgumentError(`no action for observation ${row}: ${why}`, {
    value: Number.NaN,
    expected: 'finite numbers',
  });
}
