import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  evaluatePolicy,
  evaluateRun,
  frameStack,
  loadStatistics,
  normalizeObservations,
  normalizeRewards,
  readPolicy,
  registerEnv,
  resume,
  saveStatistics,
  train,
} from '../../src/index.js';
import { toy } from '../env/wrappers/toy.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-statistics-'));
after(() => rmSync(root, { recursive: true }));

const made = () => frameStack(normalizeRewards(normalizeObservations(toy({ maxEpisodeSteps: 20 }))), 2);
registerEnv('toy-normalized', made);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 4,
  engine: 'reference',
  environment: { id: 'toy-normalized' },
  policy: { hidden: [4] },
  options: { sampling: { steps: 60, slots: 4 } },
};
/** Rows without the columns that tell the time. */
const rowsOf = (directory: string) => {
  const [head, ...rows] = readFileSync(join(directory, 'progress.csv'), 'utf8').trim().split('\n');
  const kept = [...head.split(',').entries()].filter(([, name]) => !name.startsWith('seconds')).map(([i]) => i);
  return rows.map((row) => kept.map((i) => row.split(',')[i]).join());
};

describe('running statistics of a run', () => {
  const whole = join(root, 'whole');
  const env = made();
  const trained = train(input, { env, directory: whole });

  it('are in its checkpoint: a resumed run, and one whose iteration was given up, equal an uninterrupted one', async () => {
    const { theta } = await trained;
    const cut = join(root, 'cut');
    await train({ ...input, iterations: 2 }, { env: made(), directory: cut });
    const later = made();
    assert.deepEqual((await resume(cut, 4, { env: later })).theta, theta);
    assert.deepEqual(rowsOf(cut), rowsOf(whole));
    assert.deepEqual(saveStatistics(later), saveStatistics(env));

    const given = join(root, 'given-up');
    const same = made();
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await assert.rejects(train(input, { env: same, directory: given, onProgress, signal: stop.signal }), {
      code: 'ERR_ABORTED',
    });
    assert.deepEqual((await resume(given, 4, { env: same })).theta, theta);
    assert.deepEqual(saveStatistics(same), saveStatistics(env));
  });

  it('are in policy.json: evaluation sees by them, and does not move them', async () => {
    await trained;
    const before = saveStatistics(env);
    const policy = await readPolicy(whole);
    const options = { episodes: 5, seed: 2 };
    const played = await evaluatePolicy(policy, env, options);
    assert.deepEqual(saveStatistics(env), before);
    const fresh = made();
    await assert.rejects(evaluatePolicy(policy, fresh, options), { code: 'ERR_ARGUMENT', message: /seen nothing/ });
    loadStatistics(fresh, policy.metadata['statistics']);
    assert.deepEqual(saveStatistics(fresh), before, 'to the last bit');
    assert.deepEqual(await evaluatePolicy(policy, fresh, options), played);
    assert.deepEqual(await evaluateRun(whole, options), played);
  });

  it('are refused where they are of another environment, and nothing has changed then', async () => {
    await trained;
    const saved = saveStatistics(env);
    assert.deepEqual(Object.keys(saved).slice(0, 3), [
      'normalizeObservations1.mean',
      'normalizeObservations1.variance',
      'normalizeObservations1.count',
    ]);
    const fresh = made();
    const before = saveStatistics(fresh);
    const { 'normalizeRewards2.count': _, ...missing } = saved;
    for (const bad of [null, 7, {}, missing, { ...saved, 'normalizeRewards2.mean': [1, 2] }, { ...saved, x: [1] }]) {
      assert.throws(() => loadStatistics(fresh, bad), { name: /ArgumentError|NotFoundError/ });
      assert.deepEqual(saveStatistics(fresh), before);
    }
    assert.deepEqual(saveStatistics(toy()), {});
  });
});
