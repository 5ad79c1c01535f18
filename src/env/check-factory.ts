import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';
import type { EnvFactory, EnvSpec } from './types.js';

/** Does it look like an EnvFactory? What it makes is checked where it is used. */
export function isFactory(value: unknown): value is EnvFactory {
  const { spec, make } = (isObject(value) ? value : {}) as Partial<EnvFactory>;
  return typeof make === 'function' && isSpec(spec);
}

/** Does it look like an EnvSpec? */
export function isSpec(value: unknown): value is EnvSpec {
  if (!isObject(value)) return false;
  const { id, observationSpace, actionSpace } = value as Partial<EnvSpec>;
  return typeof id === 'string' && isList(observationSpace?.shape) && typeof actionSpace?.kind === 'string';
}

/** @throws ArgumentError unless it is one */
export function checkFactory(value: unknown): EnvFactory {
  if (isFactory(value)) return value;
  throw new ArgumentError(`the environment is ${describeValue(value)}`, {
    value,
    expected: 'an EnvFactory, as defineEnv, defineMujocoEnv and getEnv make',
  });
}
