/**
 * A value as a message shows it: what it is rather than all of it. Runs none of the value's own code (an object may
 * answer `toString` with anything) and never throws.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = typedArrayType(value);
  if (kind !== undefined) return `${kind} of ${typedArrayLength(value)}`;
  try {
    return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
  } catch {
    // A revoked proxy.
    return 'an object';
  }
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getter = (of: object, key: PropertyKey) =>
  Object.getOwnPropertyDescriptor(of, key)?.get as (this: unknown) => unknown;
const tag = getter(typedArray, Symbol.toStringTag);
const length = getter(typedArray, 'length');

/**
 * The class of a typed array, as the language itself knows it: neither a prototype put in its place nor a proxy
 * deceives it, and an array of another realm is one, too. Undefined for all else.
 */
export function typedArrayType(value: unknown): string | undefined {
  return tag.call(value) as string | undefined;
}

/** Elements of a typed array whatever its `length` property says; 0 when its memory was detached. */
export function typedArrayLength(array: object): number {
  return length.call(array) as number;
}
