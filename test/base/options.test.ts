import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { ArgumentError, NotFoundError } from '../../src/base/errors.js';
import { checkKnownKeys, parseOptions, readOptions } from '../../src/base/options.js';

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

test('no list among options is longer than anyone means, however deep it lies', () => {
  const schema = z.strictObject({
    names: z.array(z.string()).default([]),
    groups: z.record(z.string(), z.strictObject({ sizes: z.union([z.number(), z.array(z.number())]) })).optional(),
    rows: z.array(z.array(z.number())).optional(),
    free: z.unknown().optional(),
  });
  const parse = (given: unknown) => parseOptions(schema, given, 'settings');
  const long = new Array(2 ** 32 - 1);
  const lies = new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 32 - 1 : undefined) });
  for (const list of [long, lies]) {
    assert.throws(() => parse({ names: list }), /settings: names: .*expected at most 10000 elements/);
    assert.throws(() => parse({ groups: { a: { sizes: list } } }), /settings: groups\.a\.sizes: /);
    assert.throws(() => parse({ rows: [[1], list] }), /settings: rows\.1: /);
    assert.throws(() => parseOptions(z.array(z.number()), list, 'sizes'), /^ArgumentError: sizes: /);
    assert.throws(() => parse(list), ArgumentError);
    assert.equal(parse({ free: list }).free, list);
  }
  assert.deepEqual(parse({ names: ['a'], rows: [[1, 2]], groups: { a: { sizes: [3] } } }), {
    names: ['a'],
    rows: [[1, 2]],
    groups: { a: { sizes: [3] } },
  });
  assert.throws(() => parse({ constructor: [1] }), NotFoundError);
  assert.throws(() => parse({ names: ['a', 2] }), /names\.1: expected text, not 2/);
});

test('what answers a getter the first time is what is checked and used', () => {
  const schema = z.strictObject({ names: z.array(z.string()), count: z.number() });
  let reads = 0;
  const given = {
    get names() {
      return reads++ === 0 ? ['a'] : new Array(2 ** 32 - 1);
    },
    count: 1,
  };
  assert.deepEqual(parseOptions(schema, given, 'settings'), { names: ['a'], count: 1 });
  assert.equal(reads, 1);
});
