import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError, NotFoundError } from '../../src/base/errors.js';
import { checkKnownKeys, readOptions } from '../../src/base/options.js';

interface Options {
  slots?: number;
  rows?: number;
}
const read = (given: unknown) => readOptions<Options>(given as Options, ['slots', 'rows'], 'step options');

test('options of a call are read once and are plain values then', () => {
  let reads = 0;
  const options = read({
    get slots() {
      return ++reads;
    },
    rows: undefined,
  });
  assert.deepEqual(options, { slots: 1 });
  assert.equal(options.slots, 1);
  assert.deepEqual(read(undefined), {});
});
test('an unknown key is an error, and so is what is no object', () => {
  assert.throws(() => read({ slot: 1 }), NotFoundError);
  for (const value of [null, 3, [1], 'slots']) assert.throws(() => read(value), ArgumentError);
});

test('a list of four thousand million holes is no options', () => {
  assert.throws(() => checkKnownKeys('options', new Array(2 ** 32 - 1), ['rows']), ArgumentError);
});
