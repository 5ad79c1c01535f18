import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArgumentError, NotFoundError, nearestNames, TrellisError } from '../../src/base/errors.js';

test('a message says what, what was expected and what to do', () => {
  const error = new ArgumentError('slots is -1', { value: -1, expected: 'a positive integer', hint: 'Use 64' });
  assert.equal(error.message, 'slots is -1; expected a positive integer. Use 64');
  assert.deepEqual([error.code, error.value, error.name], ['ERR_ARGUMENT', -1, 'ArgumentError']);
  assert.ok(error instanceof TrellisError && error instanceof Error);
});

test('an unknown name comes with the nearest known ones, or with the list where nothing is near', () => {
  const known = ['swimmer', 'hopper', 'walker'];
  assert.equal(new NotFoundError('game', 'swimer', known).message, 'unknown game "swimer". Did you mean "swimmer"?');
  const far = new NotFoundError('game', 'xyz', known).message;
  assert.equal(far, 'unknown game "xyz"; expected one of swimmer, hopper, walker');
  const many = Array.from({ length: 100 }, (_, i) => `environment-${i}`);
  assert.equal(new NotFoundError('game', 'xyz', many).message, 'unknown game "xyz"');
});

test('the nearest names are few, close, and nearest first', () => {
  const known = ['beam_rider', 'breakout', 'pong', 'montezuma_revenge'];
  assert.deepEqual(nearestNames('brekout', known), ['breakout']);
  assert.deepEqual(nearestNames('monte', known), ['montezuma_revenge']);
  assert.deepEqual(nearestNames('zzzzzz', known), []);
  assert.deepEqual(nearestNames('ab', ['ac', 'ad', 'ae', 'abb']), ['abb', 'ac', 'ad']);
});
