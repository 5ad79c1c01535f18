import type { z } from 'zod';
import { describeValue } from './describe.js';
import { ArgumentError } from './errors.js';
import { isList, isObject } from './kinds.js';

/** Elements at the most of a list among options. */
const MOST_ELEMENTS = 10_000;

type Inner = z.core.$ZodType | undefined;

/** What of a schema's definition leads to other schemas. */
interface Definition {
  readonly type: string;
  readonly innerType?: Inner;
  readonly in?: Inner;
  readonly options?: readonly z.core.$ZodType[];
  readonly element?: Inner;
  readonly valueType?: Inner;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

/**
 * Options as a schema may read them: no list is longer than anyone means (one of four thousand million holes takes
 * minutes to refuse one by one), and lists and getters were read once, so that they cannot answer differently the next
 * time. Only where the schema looks inside; all else stays the same object.
 * @throws ArgumentError naming the list
 */
export function plainOptions(schema: Inner, value: unknown, what: string, path: readonly string[] = []): unknown {
  if (schema === undefined || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  // The schema would ask it what it is.
  if (!isObject(value))
    throw new ArgumentError(`${nameOf(what, path)}: a revoked proxy`, { expected: 'a plain value' });
  const { type, innerType, in: before, options, element, valueType, shape } = schema._zod.def as Definition;
  if (options !== undefined)
    return options.reduce<unknown>((plain, one) => plainOptions(one, plain, what, path), value);
  if (innerType !== undefined || before !== undefined) return plainOptions(innerType ?? before, value, what, path);
  if (isList(value)) {
    if (type !== 'array') return value;
    const { length } = value;
    checkLength(value, length, what, path);
    return Array.from({ length }, (_, i) => plainOptions(element, value[i], what, [...path, `${i}`]));
  }
  if (type !== 'record' && type !== 'object') return value;
  return readGetters(value, (item, key) =>
    plainOptions(valueType ?? ownSchema(shape, key), item, what, [...path, key]),
  );
}

/** A key may be called like what every object has. */
function ownSchema(shape: Definition['shape'], key: string): Inner {
  return shape !== undefined && Object.hasOwn(shape, key) ? shape[key] : undefined;
}

const nameOf = (what: string, path: readonly string[]) => (path.length === 0 ? what : `${what}: ${path.join('.')}`);

function checkLength(list: unknown, length: number, what: string, path: readonly string[]): void {
  if (length <= MOST_ELEMENTS) return;
  throw new ArgumentError(`${nameOf(what, path)}: ${describeValue(list)}`, {
    value: list,
    expected: `at most ${MOST_ELEMENTS} elements`,
  });
}

/** The same object where nothing in it changes and no property is a getter, else a copy of what was read. */
function readGetters(value: object, map: (item: unknown, key: string) => unknown): object {
  const copy = Object.create(Object.getPrototypeOf(value)) as object;
  let changed = false;
  for (const key of Object.keys(value)) {
    const getter = Object.getOwnPropertyDescriptor(value, key)?.get !== undefined;
    const item = (value as Record<string, unknown>)[key];
    const plain = map(item, key);
    changed ||= getter || plain !== item;
    // Defined, not set: "__proto__" may be a key.
    Object.defineProperty(copy, key, { value: plain, enumerable: true, configurable: true, writable: true });
  }
  return changed ? copy : value;
}
