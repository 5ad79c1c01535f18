import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { ArgumentError, MemoryError } from '../../src/base/errors.js';
import { checkMemory, memoryLimit, namingOption } from '../../src/base/memory.js';

test('the limit is the memory of the machine, or less', () => {
  assert.ok(memoryLimit() > 2 ** 24 && memoryLimit() <= totalmem());
});

test('more memory than there is: the error says what for, how much, and which option lowers it', () => {
  checkMemory('a small batch', 1000);
  assert.throws(() => checkMemory('a batch of 7 whales', 2 ** 60, 'Lower whales'), {
    name: 'MemoryError',
    code: 'ERR_MEMORY',
    message: /a batch of 7 whales: 1073741824\.0 GiB; expected at most the [\d.]+ GiB of this machine\. Lower whales$/,
  });
});

test('an error further down gets the name of the option, once; other errors stay as they are', () => {
  const fail = (error: Error) => () => {
    namingOption('Lower sampling.slots', '9 slots', () => {
      throw error;
    });
  };
  assert.throws(fail(new MemoryError('no memory for the games')), {
    code: 'ERR_MEMORY',
    message: '9 slots: no memory for the games. Lower sampling.slots',
  });
  assert.throws(fail(new RangeError('Array buffer allocation failed')), {
    code: 'ERR_MEMORY',
    message: 'no memory for 9 slots. Lower sampling.slots',
  });
  for (const error of [new MemoryError('too much', { hint: 'Lower this' }), new ArgumentError('no')]) {
    assert.throws(fail(error), error);
  }
  assert.equal(
    namingOption('', '', () => 3),
    3,
  );
});
