import type { z } from 'zod';
import { describeValue } from './describe.js';
import { ArgumentError, NotFoundError } from './errors.js';
import { isList, isObject } from './kinds.js';
import { plainOptions } from './plain-options.js';

/**
 * Parses options with a zod schema and turns what zod found into one of our errors: an unknown key becomes a
 * `NotFoundError` with the nearest known keys, anything else an `ArgumentError` that names the key, the value and what
 * was expected.
 * @param what names the whole in messages, for example `trustRegion options`
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, given: unknown, what: string): z.output<Schema> {
  const input = plainOptions(schema, given, what);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  const faults = new Set(issues.filter((issue) => issue !== unknown).map((issue) => faultOf(issue, input)));
  if (unknown !== undefined) {
    const known = keysAt(schema, unknown.path).map((name) => [...unknown.path, name].join('.'));
    const prefix = unknown.path.map((key) => `${String(key)}.`).join('');
    checkKnownKeys(what, unknown.keys, known, prefix, [...faults]);
  }
  throw new ArgumentError(`${what}: ${[...faults].join('; ')}`, { value: valueAt(input, issues[0].path) });
}

/** What is wrong with one value, and what was expected in its place. */
function faultOf(issue: z.core.$ZodIssue, input: unknown): string {
  const name = issue.path.join('.');
  const value = valueAt(input, issue.path);
  const named = (text: string) => (name === '' ? text : `${name}: ${text}`);
  if (issue.code === 'unrecognized_keys') return named(`unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`);
  if (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) {
    return named(`expected an integer up to ${issue.maximum} (2^53 - 1), not ${describeValue(value)}`);
  }
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return named(issue.message);
  const expected = EXPECTED[issue.expected] ?? issue.expected;
  return named(
    value === undefined ? `missing; expected ${expected}` : `expected ${expected}, not ${describeValue(value)}`,
  );
}

const MOST_KEYS = 1000;

/** What a schema expects, in words. */
const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list, such as [64]',
  boolean: 'true or false',
  int: 'an integer',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
};

/**
 * Refuses names that nobody reads.
 * @param given an options object, or its keys
 * @param prefix put before each in the message
 * @param faults what else is wrong
 * @throws NotFoundError with the nearest known names; all unknown ones are in its text
 */
export function checkKnownKeys(
  what: string,
  given: object | readonly string[],
  known: readonly string[],
  prefix = '',
  faults: readonly string[] = [],
): void {
  // A list of keys is ours; what someone passed for options may be a list of four thousand million holes.
  const noOptions = isList(given) && given.length > MOST_KEYS;
  if (!isObject(given) || noOptions) {
    throw new ArgumentError(`${what}: ${describeValue(given)}`, { value: given, expected: 'an object' });
  }
  const keys = (isList(given) ? (given as readonly string[]) : Object.keys(given)).map((key) => prefix + key);
  const [first, ...others] = keys.filter((key) => !known.includes(key));
  if (first === undefined) return;
  const also = others.map((key) => ` and "${key}"`).join('');
  const wrong = faults.length === 0 ? '' : `; also wrong: ${faults.join('; ')}`;
  throw new NotFoundError(`key in ${what}`, first, known, {
    expected: `one of ${known.join(', ')}${also && ` (so${also} ${others.length > 1 ? 'are' : 'is'} unknown, too)`}${wrong}`,
  });
}

/**
 * Options of a call as plain values: every one is read here, once, so that what was checked is what is used (a getter
 * may answer differently the next time, or close the handle). For calls too frequent for a schema.
 * @param known the keys there are
 * @param what names the whole in messages, for example `step options`
 * @throws ArgumentError if `given` is no object, NotFoundError naming an unknown key
 */
export function readOptions<Options extends object>(
  given: Options | undefined,
  known: readonly (keyof Options & string)[],
  what: string,
): Partial<Options> {
  const options: Partial<Options> = {};
  if (given === undefined) return options;
  if (!isObject(given) || isList(given)) {
    throw new ArgumentError(`${what}: ${describeValue(given)}`, {
      value: given,
      expected: `an object of ${known.join(', ')}`,
    });
  }
  for (const key of Object.keys(given) as (keyof Options & string)[]) {
    if (!known.includes(key)) throw new NotFoundError(`key in ${what}`, key, known, { expected: known.join(', ') });
    const value = given[key];
    if (value !== undefined) options[key] = value;
  }
  return options;
}

/** Keys of the object schema at a path inside another schema; empty where there is no object. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let at = unwrap(schema);
  for (const key of path) at = unwrap((at?.shape as Record<PropertyKey, unknown> | undefined)?.[key]);
  return Object.keys(at?.shape ?? {});
}

/** Looks through defaults, optionals and the like, down to the schema that has a shape. */
function unwrap(schema: unknown): { shape?: object } | undefined {
  let at = schema as { shape?: object; def?: { innerType?: unknown } } | undefined;
  while (at !== undefined && at.shape === undefined && at.def?.innerType !== undefined) {
    at = at.def.innerType as typeof at;
  }
  return at;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}
