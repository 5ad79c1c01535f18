import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allGatherJson, alone } from '../../src/cluster/communicator.js';
import { Groups } from '../../src/cluster/groups.js';
import { onRanks } from '../helpers/ranks.js';

/** Numbers whose sum depends on the order of its additions. */
const vector = (group: number) => Float64Array.from([1, 1e16, Math.PI], (x, i) => x * Math.sin(group * 7 + i + 1));

test('sums over groups are the same bytes however many ranks have them', async () => {
  for (const count of [1, 2, 5, 8, 13]) {
    const whole = new Groups(count);
    const expected = await whole.sum(whole.own.map(vector));
    for (let size = 1; size <= count; size++) {
      const sums = await onRanks(size, (communicator) => {
        const groups = new Groups(count, communicator);
        return groups.sum(groups.own.map(vector));
      });
      for (const sum of sums) assert.deepEqual(sum, expected, `${count} groups on ${size} ranks`);
    }
  }
});

test('every group has one owner, shares add up, and what is gathered comes in the order of the groups', async () => {
  const [count, total] = [7, 23];
  for (let size = 1; size <= count; size++) {
    const gathered = await onRanks(size, async (communicator) => {
      const groups = new Groups(count, communicator);
      for (const group of groups.own) assert.equal(groups.ownerOf(group), communicator.rank);
      const rows = await groups.gatherNumbers(groups.own.map((group) => [group, group / 3]));
      const bytes = await groups.gather(groups.own.map((group) => new Uint8Array(group).fill(group)));
      return { rows, bytes };
    });
    for (const { rows, bytes } of gathered) {
      assert.deepEqual(
        rows.map(([group]) => group),
        [0, 1, 2, 3, 4, 5, 6],
      );
      assert.deepEqual(
        bytes.map((part) => [part.length, part[0] ?? 0]),
        [0, 1, 2, 3, 4, 5, 6].map((g) => [g, g]),
      );
    }
  }
  const groups = new Groups(count);
  assert.equal(
    groups.own.reduce((sum, group) => sum + groups.part(total, group), 0),
    total,
  );
  assert.equal(groups.before(total, 3) + groups.part(total, 3), groups.before(total, 4));
});

test('more processes than groups are refused with what to set', async () => {
  await onRanks(3, async (communicator) => {
    assert.throws(() => new Groups(2, communicator), /2 groups.*3 processes.*sampling\.groups=3/s);
  });
});

test('a run of one process talks to nobody', async () => {
  assert.deepEqual(await allGatherJson(alone, { a: 1 }), [{ a: 1 }]);
  assert.deepEqual(await alone.broadcast(Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
  await assert.rejects(alone.send(new Uint8Array(1), 1), { code: 'ERR_ARGUMENT' });
});
