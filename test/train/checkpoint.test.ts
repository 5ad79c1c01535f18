import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.js';

const checkpoint: Checkpoint = {
  iteration: 7,
  simulatorSteps: 123_456_789_012,
  diverged: 2,
  method: 'single-path',
  state: {
    theta: Float32Array.of(1.5, -0, Number.MIN_VALUE, 3e38),
    mean: Float64Array.of(Math.PI),
    counts: Int32Array.of(-1, 2 ** 31 - 1),
    empty: new Float32Array(0),
  },
};

test('a checkpoint reads back as it was', () => {
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(checkpoint), 'x'), checkpoint);
});

test('any flipped byte or missing end is noticed', () => {
  const bytes = encodeCheckpoint(checkpoint);
  for (let i = 0; i < bytes.length; i++) {
    const flipped = bytes.slice();
    flipped[i] ^= 0x10;
    assert.throws(() => decodeCheckpoint(flipped, 'x'), { code: 'ERR_RUN_DIRECTORY' });
  }
  for (let length = 0; length < bytes.length; length += 13) {
    assert.throws(() => decodeCheckpoint(bytes.subarray(0, length), 'x'), { code: 'ERR_RUN_DIRECTORY' });
  }
});

test('another version says so', () => {
  const bytes = encodeCheckpoint(checkpoint);
  bytes[8] = 99;
  assert.throws(() => decodeCheckpoint(bytes, 'run/checkpoint'), /run\/checkpoint has format version 99/);
});
