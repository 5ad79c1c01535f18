import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { registerPaper } from '../../paper/index.js';
import { getEnv } from '../../src/env/registry.js';
import { traceEnvironment } from '../../src/env/trace.js';

registerPaper();

for (const id of ['cartpole', 'swimmer', 'hopper', 'walker']) {
  describe(`trace of ${id}`, () => {
    const plain = [...traceEnvironment(getEnv(id), { seed: 4, steps: 60 })];

    it('has a header, one row a step and one a start', () => {
      const [header, ...rows] = plain.map((row) => row.split(','));
      for (const row of rows) assert.equal(row.length, header!.length);
      const made = rows.filter((row) => row[1] !== '');
      assert.deepEqual(
        made.map((row) => row[0]),
        Array.from({ length: 60 }, (_, i) => `${i + 1}`),
      );
      const ends = made.slice(0, -1).filter((row) => row.at(-1) === '1').length;
      assert.equal(rows.length - made.length, 1 + ends);
    });

    it('is the same with detours between snapshots', () => {
      for (const snapshotEvery of [1, 7]) {
        assert.deepEqual([...traceEnvironment(getEnv(id), { seed: 4, steps: 60, snapshotEvery })], plain);
      }
    });

    it('takes actions from outside', () => {
      const size = plain[0].split(',').filter((name) => name.startsWith('action')).length;
      const made = plain
        .slice(1)
        .map((row) => row.split(','))
        .filter((row) => row[1] !== '');
      const actions = made.flatMap((row) => row.slice(1, 1 + size).map(Number));
      assert.deepEqual([...traceEnvironment(getEnv(id), { seed: 4, actions })], plain);
    });

    it('refuses actions that do not fit', () => {
      const consume = (options: object) => () => [...traceEnvironment(getEnv(id), options)];
      assert.throws(consume({ actions: [0], steps: 5 }), { code: 'ERR_ARGUMENT' });
      assert.throws(consume({ steps: -1 }), { code: 'ERR_ARGUMENT' });
      assert.throws(consume({ snapshotEvery: 0.5 }), { code: 'ERR_ARGUMENT' });
    });
  });
}
