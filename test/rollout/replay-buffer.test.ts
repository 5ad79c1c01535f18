import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayBuffer } from '../../src/rollout/replay-buffer.js';

const fields = { observation: { width: 2, type: 'uint8' }, reward: { width: 1, type: 'float32' } } as const;
const make = (capacity: number) => new ReplayBuffer(capacity, fields);

/** Transitions first … first + count - 1: observation (i, i), reward i. */
function add(buffer: ReturnType<typeof make>, first: number, count: number): void {
  const rows = buffer.makeRows(count);
  for (let i = 0; i < count; i++) {
    rows.observation.fill(first + i, 2 * i, 2 * i + 2);
    rows.reward[i] = first + i;
  }
  buffer.add(rows, count);
}

function drawn(buffer: ReturnType<typeof make>, count: number): Set<number> {
  const rows = buffer.makeRows(count);
  buffer.sample(count, [1, 2], rows);
  for (let i = 0; i < count; i++) {
    assert.equal(rows.observation[2 * i], rows.reward[i]);
    assert.equal(rows.observation[2 * i + 1], rows.reward[i]);
  }
  return new Set(rows.reward);
}

test('holds what was added, and forgets the oldest', () => {
  const buffer = make(10);
  add(buffer, 0, 4);
  assert.equal(buffer.size, 4);
  assert.deepEqual([...drawn(buffer, 200)].sort(), [0, 1, 2, 3]);
  add(buffer, 4, 5);
  add(buffer, 9, 4);
  assert.deepEqual(
    [...drawn(buffer, 500)].sort((a, b) => a - b),
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
  add(buffer, 100, 25);
  assert.deepEqual(
    [...drawn(buffer, 500)].sort((a, b) => a - b),
    [115, 116, 117, 118, 119, 120, 121, 122, 123, 124],
  );
});

test('draws depend on the key alone', () => {
  const buffer = make(50);
  add(buffer, 0, 50);
  const [a, b, c] = [buffer.makeRows(8), buffer.makeRows(8), buffer.makeRows(8)];
  buffer.sample(8, [5, 6], a);
  buffer.sample(8, [5, 6], b);
  buffer.sample(8, [5, 7], c);
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
});

test('goes on from its saved state', () => {
  const [buffer, other] = [make(6), make(6)];
  add(buffer, 0, 8);
  other.loadState(buffer.saveState());
  for (const one of [buffer, other]) add(one, 20, 2);
  const [a, b] = [buffer.makeRows(20), other.makeRows(20)];
  buffer.sample(20, [1, 1], a);
  other.sample(20, [1, 1], b);
  assert.deepEqual(a, b);
  assert.throws(() => make(3).loadState(buffer.saveState()), /does not fit/);
});

test('what does not fit is named', () => {
  const buffer = make(4);
  assert.throws(() => buffer.sample(1, [0, 0], buffer.makeRows(1)), /empty/);
  assert.throws(() => buffer.add(buffer.makeRows(1), 2), /"observation"; expected a Uint8Array of at least 2 × 2/);
  assert.throws(
    () => buffer.add({ ...buffer.makeRows(1), reward: [1] as never }, 1),
    /"reward"; expected a Float32Array/,
  );
  assert.throws(() => new ReplayBuffer(4, { x: { width: 0, type: 'uint8' } }), /width of replay field "x"/);
  assert.throws(() => new ReplayBuffer(4, { x: { width: 1, type: 'int8' as 'uint8' } }), /unknown element type "int8"/);
  assert.throws(() => new ReplayBuffer(2 ** 30, { x: { width: 1e6, type: 'float64' } }), { code: 'ERR_MEMORY' });
});
