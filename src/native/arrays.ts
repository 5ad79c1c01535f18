import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { namingOption } from '../base/memory.js';

/**
 * What goes to native code as memory passes here first, in every call. Read other arguments and options before (a
 * getter among them may change anything), then check the arrays, then call: nothing of JavaScript's runs in between.
 */
export interface TypedArrays {
  Float64Array: Float64Array;
  Float32Array: Float32Array;
  Int32Array: Int32Array;
  Uint32Array: Uint32Array;
  Uint16Array: Uint16Array;
  Uint8Array: Uint8Array;
}

export type TypedArrayName = keyof TypedArrays;
export type AnyTypedArray = TypedArrays[TypedArrayName];

export interface ArrayRules {
  /** The length must be this and not merely at least this. */
  readonly exact?: boolean;
  /**
   * A SharedArrayBuffer will do. Only where native code reads or writes plain numbers: a number that decides where it
   * reads (an index, a size) could be changed by another thread after it was checked.
   */
  readonly shared?: boolean;
}

const getter = (of: object, key: string) => Object.getOwnPropertyDescriptor(of, key)?.get as (this: unknown) => unknown;
const bufferOf = getter(Object.getPrototypeOf(Uint8Array.prototype) as object, 'buffer') as (
  this: unknown,
) => ArrayBufferLike;
const byteOffsetOf = getter(Object.getPrototypeOf(Uint8Array.prototype) as object, 'byteOffset');
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const isGrowable = getter(SharedArrayBuffer.prototype, 'growable');

/**
 * A typed array of the class and of at least the length that native code takes for granted, whose memory is neither
 * detached nor resizable (it could shrink under a call) nor, unless the rules say so, shared.
 * @param what names the argument in messages
 * @param length elements
 * @throws ArgumentError
 */
export function checkArray<Name extends TypedArrayName>(
  what: string,
  value: unknown,
  type: Name,
  length: number,
  rules?: ArrayRules,
): TypedArrays[Name] {
  if (typedArrayType(value) !== type) {
    throw new ArgumentError(`${what}: ${describeValue(value)}`, {
      value,
      expected: type.startsWith('Int') ? `an ${type}` : `a ${type}`,
    });
  }
  const array = value as TypedArrays[Name];
  // Asked first, since a getter may answer, and do anything. Loops here go by it, native code by the true one.
  const said = array.length;
  const given = typedArrayLength(array);
  if (said !== given) {
    throw new ArgumentError(`${what}: its length property says ${describeValue(said)}`, {
      value: said,
      expected: `${given}`,
    });
  }
  if (given < length || (rules?.exact === true && given !== length))
    throw wrongLength(what, array, given, length, rules);
  const memory = memoryOf(array);
  if (memory !== 'fixed' && !(memory === 'shared' && rules?.shared === true)) {
    throw new ArgumentError(`${what}: ${memory} memory`, {
      value,
      expected: 'an ArrayBuffer of fixed length',
      hint: `Copy it: new ${type}(array)`,
    });
  }
  if (given === 0 && isDetached(array)) throw wrongLength(what, array, given, length, rules);
  return array;
}

/** An optional array: null for undefined and null. */
export function checkOptionalArray<Name extends TypedArrayName>(
  what: string,
  value: unknown,
  type: Name,
  length: number,
  rules?: ArrayRules,
): TypedArrays[Name] | null {
  return value === undefined || value === null ? null : checkArray(what, value, type, length, rules);
}

/**
 * A view of the bytes that a Uint8Array holds, by the language's own means. They may lie in memory of any kind.
 * @throws ArgumentError for anything else, or where the memory was detached
 */
export function viewBytes(what: string, value: unknown): Uint8Array {
  if (typedArrayType(value) !== 'Uint8Array') {
    throw new ArgumentError(`${what}: ${describeValue(value)}`, { value, expected: 'a Uint8Array' });
  }
  const bytes = value as Uint8Array;
  try {
    return new Uint8Array(bufferOf.call(bytes), byteOffsetOf.call(bytes) as number, typedArrayLength(bytes));
  } catch (cause) {
    throw new ArgumentError(`${what}: its memory was detached`, { value, expected: 'a Uint8Array', cause });
  }
}

const constructors: { readonly [Name in TypedArrayName]: new (from: TypedArrays[Name] | number) => TypedArrays[Name] } =
  {
    Float64Array,
    Float32Array,
    Int32Array,
    Uint32Array,
    Uint16Array,
    Uint8Array,
  };

/**
 * The first elements of an array that was checked, in memory of their own.
 * @throws MemoryError where there is none
 */
export function copyArray<Name extends TypedArrayName>(
  array: TypedArrays[Name],
  type: Name,
  length: number,
): TypedArrays[Name] {
  return namingOption('Take fewer rows at a time', `a copy of ${length} numbers`, () => {
    const Typed = constructors[type];
    if (typedArrayLength(array) === length) return new Typed(array);
    // A view by the language's own means: methods of the array may be anyone's.
    const View = Typed as unknown as new (of: ArrayBufferLike, at: number, length: number) => TypedArrays[Name];
    return new Typed(new View(bufferOf.call(array), byteOffsetOf.call(array) as number, length));
  });
}

/** Where looking at the memory costs more than copying what is in it. */
const SHORT = 64;

/**
 * The elements of a short array in memory of their own, whatever memory it lies in; null where it is empty, long, of
 * another class or disguised, for `checkArray` to say so.
 */
export function copyShort<Name extends TypedArrayName>(array: unknown, type: Name): TypedArrays[Name] | null {
  if (typedArrayType(array) !== type) return null;
  const given = array as TypedArrays[Name];
  const length = typedArrayLength(given);
  if (length === 0 || length > SHORT || given.length !== length) return null;
  const copy = (type === 'Int32Array' ? new Int32Array(length) : new constructors[type](length)) as TypedArrays[Name];
  for (let i = 0; i < length; i++) copy[i] = given[i];
  return copy;
}

/** Whether a typed array lies in a SharedArrayBuffer, which can neither be detached nor shrink. */
export function inSharedMemory(array: AnyTypedArray): boolean {
  return memoryOf(array) === 'shared';
}

/** Asks the buffer's own getters: they fail for a buffer of the other kind, whatever its prototype says it is. */
function memoryOf(array: AnyTypedArray): 'fixed' | 'resizable' | 'shared' | 'disguised' {
  const buffer = bufferOf.call(array);
  try {
    if (buffer instanceof SharedArrayBuffer) {
      isGrowable.call(buffer);
      return 'shared';
    }
    return isResizable.call(buffer) === true ? 'resizable' : 'fixed';
  } catch {
    return 'disguised';
  }
}

function isDetached(array: AnyTypedArray): boolean {
  try {
    new Uint8Array(bufferOf.call(array));
    return false;
  } catch {
    return true;
  }
}

function wrongLength(
  what: string,
  array: AnyTypedArray,
  given: number,
  length: number,
  rules?: ArrayRules,
): ArgumentError {
  const detached = given === 0 && isDetached(array);
  return new ArgumentError(`${what}: ${detached ? 'its memory was detached' : `length ${given}`}`, {
    value: given,
    expected: `${rules?.exact === true ? '' : 'at least '}${length} elements`,
    ...(detached ? { hint: 'A transferred array no longer holds its numbers; pass the one that received them' } : {}),
  });
}
