import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { autoreset, RunningStatistics, uniform } from '../../src/index.js';
import { counter } from '../env/wrappers/toy.js';

// Against Gymnasium 1.4 ($TRELLIS_PYTHON, else python3): the rows of both autoreset modes, and running statistics to the
// last bit.
const python = process.env['TRELLIS_PYTHON'] || 'python3';
const oracle = fileURLToPath(new URL('autoreset_oracle.py', import.meta.url));
const SLOTS = 5;
const LIMIT = 4;

interface Theirs {
  first: number[];
  rows: {
    observations: number[];
    rewards: number[];
    terminated: number[];
    truncated: number[];
    final: (number[] | null)[];
  }[];
  mean: number[];
  variance: number[];
  count: number;
}

function theirs(task: object): Theirs {
  const { status, stdout, stderr, error } = spawnSync(python, [oracle], { input: JSON.stringify(task) });
  if (status !== 0) {
    throw new Error(`${python} (pip install 'gymnasium==1.4.*'; $TRELLIS_PYTHON): ${error ?? stderr.toString()}`);
  }
  return JSON.parse(stdout.toString());
}

const actions = Array.from({ length: 400 }, (_, t) =>
  Array.from({ length: SLOTS }, (_, slot) => Math.floor(3 * uniform(3, slot, t, 0) ** 2)),
);
const batches = Array.from({ length: 50 }, (_, t) =>
  Array.from({ length: 1 + (t % 6) }, (_, row) => [0, 1, 2].map((i) => 1000 * i + uniform(4, row, t, i) * 10 ** i)),
);

describe('autoreset and running statistics are Gymnasium’s', () => {
  for (const mode of ['next-step', 'same-step'] as const) {
    it(`${mode}: ${actions.length} steps of ${SLOTS} slots`, () => {
      const expected = theirs({ mode, limit: LIMIT, actions, batches });
      const env = autoreset(counter(LIMIT).make(SLOTS), { mode });
      assert.deepEqual([...env.reset(0)], expected.first);
      const ends = { terminated: 0, truncated: 0 };
      for (const [t, row] of expected.rows.entries()) {
        const ours = env.step(Int32Array.from(actions[t]));
        for (const name of ['observations', 'rewards', 'terminated', 'truncated'] as const) {
          assert.deepEqual([...ours[name]], row[name], `${name} at step ${t}`);
        }
        for (let slot = 0; slot < SLOTS; slot++) {
          ends.terminated += row.terminated[slot];
          ends.truncated += row.truncated[slot];
          const ended = mode === 'same-step' && row.terminated[slot] + row.truncated[slot] > 0;
          assert.equal(row.final[slot] !== null, ended);
          if (!ended) continue;
          assert.deepEqual([...ours.finalObservations.subarray(2 * slot, 2 * slot + 2)], row.final[slot]);
        }
      }
      assert.ok(ends.terminated > 50 && ends.truncated > 50, JSON.stringify(ends));
      env.close();
    });
  }

  it('statistics of batches of one to six rows', () => {
    const expected = theirs({ mode: 'next-step', limit: LIMIT, actions: actions.slice(0, 1), batches });
    const statistics = new RunningStatistics(3);
    for (const batch of batches) {
      statistics.add(Float64Array.from(batch.flat()), new Uint8Array(batch.length).fill(1));
    }
    const { mean, variance, count } = statistics;
    assert.deepEqual(
      { mean: [...mean], variance: [...variance], count },
      { mean: expected.mean, variance: expected.variance, count: expected.count },
    );
  });
});
