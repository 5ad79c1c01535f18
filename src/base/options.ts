import type { z } from 'zod';
import { describeValue } from './describe.js';
import { ArgumentError, NotFoundError } from './errors.js';

/**
 * Parses options with a zod schema and turns what zod found into one of our errors: an unknown key becomes a
 * `NotFoundError` with the nearest known keys, anything else an `ArgumentError` that names the key, the value and what
 * was expected.
 * @param what names the whole in messages, for example `trustRegion options`
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const known = keysAt(schema, issue.path);
    const full = [...issue.path, key].join('.');
    throw new NotFoundError(
      `key in ${what}`,
      full,
      known.map((name) => [...issue.path, name].join('.')),
      {
        expected: `one of ${known.join(', ')}`,
      },
    );
  }
  const path = issue.path.join('.') || what;
  throw new ArgumentError(`${what}: ${path}: ${issue.message}`, { value: valueAt(input, issue.path) });
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
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
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
