/**
 * What kind of thing an argument is. The language's own tests throw where a revoked proxy is asked; here it is none of
 * these, and so ends in the error of whatever else is not what was expected.
 */

/** An object (a list, too) and not null. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && answers(value);
}

/** An array; typed arrays are none. */
export const isList = ((value: unknown) => isObject(value) && Array.isArray(value)) as typeof Array.isArray;

/** Made by this class. */
export function isInstance<T>(value: unknown, of: { readonly prototype: T }): value is T {
  return isObject(value) && value instanceof (of as unknown as new () => T);
}

/** Only a revoked proxy does not say whether it is an array. */
function answers(value: object): boolean {
  try {
    Array.isArray(value);
    return true;
  } catch {
    return false;
  }
}
