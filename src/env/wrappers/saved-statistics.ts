import { ArgumentError } from '../../base/errors.js';
import { checkKnownKeys } from '../../base/options.js';
import type { EnvFactory } from '../types.js';
import { listStatistics } from './wrap-factory.js';

const FIELDS = ['mean', 'variance', 'count'] as const;

/** Copies of all running statistics of an environment's wrappers, by name; empty where there are none. */
export function saveStatistics(env: EnvFactory): Record<string, Float64Array> {
  const arrays: Record<string, Float64Array> = {};
  for (const [name, statistics] of listStatistics(env)) {
    const state = statistics.saveState();
    for (const field of FIELDS) arrays[`${name}.${field}`] = state[field];
  }
  return arrays;
}

/**
 * Goes on from what `saveStatistics` gave, also as lists of numbers (as policy.json has them, under
 * `metadata.statistics`).
 * @throws ArgumentError, NotFoundError for those of another environment: nothing has changed then
 */
export function loadStatistics(env: EnvFactory, arrays: unknown): void {
  const list = listStatistics(env);
  const what = `statistics of "${env.spec.id}"`;
  if (typeof arrays !== 'object' || arrays === null) {
    throw new ArgumentError(what, { value: arrays, expected: 'what saveStatistics gave' });
  }
  checkKnownKeys(
    what,
    arrays,
    [...list.keys()].flatMap((name) => FIELDS.map((field) => `${name}.${field}`)),
  );
  const of = (name: string, field: string) => {
    const value = (arrays as Record<string, unknown>)[`${name}.${field}`];
    return Array.isArray(value) ? Float64Array.from(value as number[]) : (value as Float64Array);
  };
  const states = [...list].map(([name, statistics]) => {
    const state = { mean: of(name, 'mean'), variance: of(name, 'variance'), count: of(name, 'count') };
    statistics.checkState(state);
    return { statistics, state };
  });
  for (const { statistics, state } of states) statistics.loadState(state);
}
