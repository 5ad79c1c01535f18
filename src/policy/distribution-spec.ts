import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';
import type { CategoricalSpec, DistributionSpec } from './types.js';

const LARGEST_SIZE = 2 ** 31 - 1;

/** The largest float32 below 1: where tanh rounds to 1, a squashed action is this. */
export const LARGEST_SQUASHED = 1 - 2 ** -24;

/** The number of dimensions in a specification, which has no other options. */
export function plainDimensions(given: DistributionSpec): number {
  knownKeys(given, ['kind', 'dimensions']);
  return size(given['dimensions'], 'distribution: dimensions');
}

/** A categorical specification as plain data of its own. */
export function plainCategorical(given: DistributionSpec): CategoricalSpec {
  knownKeys(given, ['kind', 'sizes']);
  const { sizes } = given;
  if (!isList(sizes) || sizes.length < 1 || sizes.length > 2 ** 20) {
    throw new ArgumentError(`distribution sizes: ${describeValue(sizes)}`, {
      value: sizes,
      expected: 'a list of positive integers',
    });
  }
  const choices = Array.from(sizes, (value: unknown) => size(value, 'distribution sizes'));
  const sum = choices.reduce((a, b) => a + b, 0);
  if (sum > LARGEST_SIZE) {
    throw new ArgumentError(`distribution sizes: ${sum} choices`, { value: choices, expected: 'less than 2^31' });
  }
  return { kind: 'categorical', sizes: choices };
}

function knownKeys(given: DistributionSpec, known: readonly string[]): void {
  if (!isObject(given) || isList(given)) {
    throw new ArgumentError(`distribution: ${describeValue(given)}`, { value: given, expected: 'an object' });
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new NotFoundError('key in the distribution', unknown, known);
}

function size(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LARGEST_SIZE) return value;
  throw new ArgumentError(`${name} = ${describeValue(value)}`, { value, expected: 'positive integers below 2^31' });
}
