import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';
import { Categorical } from './categorical.js';
import { DiagonalGaussian } from './gaussian.js';
import { SquashedGaussian } from './squashed-gaussian.js';
import type { Distribution, DistributionSpec } from './types.js';

export type { Distribution } from './types.js';

/** Makes a distribution from its specification, which it must check: it may come from a file. */
export type DistributionMaker = (spec: DistributionSpec) => Distribution;

const makers = new Map<string, DistributionMaker>();

/**
 * Adds a kind of distribution: `makeDistribution`, stored policies and the setting `policy.distribution` then know it.
 * @throws ArgumentError if the kind is taken
 */
export function registerDistribution(kind: string, make: DistributionMaker): void {
  if (typeof kind !== 'string' || kind === '') {
    throw new ArgumentError(`kind of distribution: ${describeValue(kind)}`, { value: kind, expected: 'a name' });
  }
  if (makers.has(kind)) {
    throw new ArgumentError(`a distribution "${kind}" is registered already`, {
      value: kind,
      expected: 'another name',
    });
  }
  makers.set(kind, make);
}

/** Kinds that `makeDistribution` knows. */
export function listDistributions(): string[] {
  return [...makers.keys()];
}

/** The distribution that a specification names. @throws NotFoundError for a kind nobody registered */
export function makeDistribution(spec: DistributionSpec): Distribution {
  if (!isObject(spec) || isList(spec)) {
    throw new ArgumentError(`distribution: ${describeValue(spec)}`, { value: spec, expected: 'an object with a kind' });
  }
  const { kind } = spec;
  const make = makers.get(kind);
  if (make === undefined) {
    throw new NotFoundError('distribution', typeof kind === 'string' ? kind : describeValue(kind), makers.keys());
  }
  return make(spec);
}

registerDistribution('gaussian', (spec) => new DiagonalGaussian(spec));
registerDistribution('squashed-gaussian', (spec) => new SquashedGaussian(spec));
registerDistribution('categorical', (spec) => new Categorical(spec));
