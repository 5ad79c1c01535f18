import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import type { ActionArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Distribution } from '../policy/types.js';

/** The fields of `ActionSet` and of `Problem` that are looked at. */
interface Actions {
  readonly actions: ActionArray;
  readonly stateOfAction?: Int32Array | undefined;
}
interface ProblemParts {
  readonly engine: NetworkEngine;
  readonly distribution: Distribution;
  readonly theta: Float32Array;
  readonly data: LoadedObservations;
  readonly old: Float32Array;
  readonly objective: object;
}

const EXACT = { exact: true, shared: true } as const;

/** @throws ArgumentError unless it looks like a Distribution */
export function checkDistribution(distribution: Distribution): void {
  if (typeof distribution?.logProb === 'function' && distribution.distParamSize > 0) return;
  throw new ArgumentError(`the distribution is ${describeValue(distribution)}`, {
    value: distribution,
    expected: 'a Distribution, as makeDistribution(spec) makes',
  });
}

/**
 * The actions of an objective, and numbers that belong to each.
 * @param perAction name, class and array of such numbers
 * @returns how many actions there are
 * @throws ArgumentError
 */
export function checkActionSet(
  distribution: Distribution,
  set: Actions,
  perAction: readonly (readonly [name: string, type: 'Float32Array' | 'Float64Array', array: unknown])[],
): number {
  checkDistribution(distribution);
  const { actions, stateOfAction } = set ?? {};
  const type = distribution.choices === undefined ? 'Float32Array' : 'Int32Array';
  const { length } = checkArray('actions', actions, type, 0, { shared: true });
  const count = length / distribution.actionSize;
  if (!Number.isInteger(count)) {
    throw new ArgumentError(`actions of ${length} numbers`, {
      value: length,
      expected: `rows of ${distribution.actionSize}`,
    });
  }
  if (stateOfAction !== undefined) checkArray('stateOfAction', stateOfAction, 'Int32Array', count, EXACT);
  for (const [name, kind, array] of perAction) checkArray(`${name} (one per action)`, array, kind, count, EXACT);
  return count;
}

/** Rows of distribution parameters. @returns how many @throws ArgumentError */
export function checkRows(distribution: Distribution, distParams: Float32Array, what: string): number {
  checkDistribution(distribution);
  const m = distribution.distParamSize;
  const { length } = checkArray(what, distParams, 'Float32Array', 0, { shared: true });
  if (length % m === 0) return length / m;
  throw new ArgumentError(`${what}: ${length} numbers`, { value: length, expected: `rows of ${m}` });
}

/** @throws ArgumentError naming the part of the problem that is missing or does not fit */
export function checkProblem(problem: ProblemParts): void {
  const { engine, distribution, theta, data, old, objective } = problem ?? {};
  for (const [name, value, method] of [
    ['engine', engine, 'fisherVectorProduct'],
    ['data', data, 'subset'],
    ['objective', objective, 'cotangents'],
  ] as const) {
    if (typeof (value as unknown as Record<string, unknown> | undefined)?.[method] === 'function') continue;
    throw new ArgumentError(`${name} of the problem is ${describeValue(value)}`, {
      value,
      expected: `something with ${method}`,
    });
  }
  checkArray('theta', theta, 'Float32Array', engine.parameterCount, EXACT);
  const rows = checkRows(distribution, old, 'old');
  if (rows === data.count) return;
  throw new ArgumentError(`old has ${rows} rows for ${data.count} observations`, {
    value: rows,
    expected: `${data.count}`,
  });
}
