import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { describeValue } from '../../src/base/describe.js';
import { ArgumentError } from '../../src/base/errors.js';
import { checkArray, checkOptionalArray, inSharedMemory } from '../../src/native/arrays.js';

const refused = (value: unknown, message: RegExp, rules = {}) =>
  assert.throws(
    () => checkArray('v', value, 'Float32Array', 4, rules),
    (error: unknown) => error instanceof ArgumentError && message.test(error.message),
  );

function detached(length: number): Float32Array {
  const array = new Float32Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** TypeScript's library of this language version does not know it. */
const resizableBuffer = (bytes: number) =>
  new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(bytes, { maxByteLength: 64 });

describe('an array at the door', () => {
  test('passes with its class and length, whole, from the middle of a buffer or from another realm', () => {
    for (const array of [new Float32Array(4), new Float32Array(9), new Float32Array(new ArrayBuffer(64), 12, 4)]) {
      assert.equal(checkArray('v', array, 'Float32Array', 4), array);
    }
    const foreign: unknown = runInNewContext('new Float32Array(4)');
    assert.equal(checkArray('v', foreign, 'Float32Array', 4), foreign);
    assert.equal(checkOptionalArray('v', undefined, 'Float32Array', 4), null);
  });
  test('of another class is refused by name', () => {
    for (const value of [new Float64Array(4), new Uint8Array(16), [1, 2, 3, 4], { length: 4 }, null, undefined, 4n]) {
      refused(value, /expected a Float32Array/);
    }
    refused(new Float64Array(4), /Float64Array of 4/);
    refused(new DataView(new ArrayBuffer(16)), /expected a Float32Array/);
  });
  test('does not deceive with a prototype, a proxy or a length of its own', () => {
    refused(Object.create(Float32Array.prototype), /expected a Float32Array/);
    refused(new Proxy(new Float32Array(4), {}), /expected a Float32Array/);
    const long = Object.defineProperty(new Float32Array(1), 'length', { value: 1000 });
    refused(long, /says 1000; expected 1/);
    refused(Object.setPrototypeOf(new Float64Array(4), Float32Array.prototype), /expected a Float32Array/);
  });
  test('too short, too long where that matters, or detached is refused', () => {
    refused(new Float32Array(3), /length 3; expected at least 4/);
    refused(new Float32Array(5), /length 5; expected 4/, { exact: true });
    refused(detached(4), /detached/);
    assert.throws(() => checkArray('v', detached(4), 'Float32Array', 0), /detached/);
    assert.equal(checkArray('v', new Float32Array(0), 'Float32Array', 0).length, 0);
  });
  test('whose memory could shrink or be written by another thread is refused', () => {
    refused(new Float32Array(resizableBuffer(16)), /resizable/);
    const shared = new Float32Array(new SharedArrayBuffer(16));
    refused(shared, /shared/);
    assert.equal(checkArray('v', shared, 'Float32Array', 4, { shared: true }), shared);
    assert.ok(inSharedMemory(shared) && !inSharedMemory(new Float32Array(4)));
  });
  test('sees through a buffer with the prototype of the other kind', () => {
    const buffer = resizableBuffer(16);
    const array = new Float32Array(buffer);
    Object.setPrototypeOf(buffer, SharedArrayBuffer.prototype);
    refused(array, /disguised/, { shared: true });
    const shared = new SharedArrayBuffer(16);
    Object.setPrototypeOf(shared, ArrayBuffer.prototype);
    refused(new Float32Array(shared), /disguised/);
  });
});

test('a value is described without running its code', () => {
  const hostile = {
    toString() {
      throw new Error('ran');
    },
  };
  assert.equal(describeValue(hostile), 'an object');
  assert.equal(describeValue(Object.create(null)), 'an object');
  assert.equal(describeValue(Symbol('s')), 'Symbol(s)');
  assert.equal(describeValue([1, 2]), 'an array of 2');
  assert.equal(describeValue(Number.NaN), 'NaN');
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(describeValue(proxy), 'an object');
});
