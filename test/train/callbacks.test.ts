import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CallbackError } from '../../src/base/errors.js';
import { readPolicy } from '../../src/policy/storage.js';
import type { TrainOptions } from '../../src/train/options.js';
import { resume, train } from '../../src/train/train.js';
import { withoutChecksums } from '../helpers/old-run.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-callbacks-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = () => join(root, `run${made++}`);

const env = countingEnv(5);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 3,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
};

test('the policy on disk, and the one handed over, are those of the row just reported', async () => {
  const directory = fresh();
  const onIteration: TrainOptions['onIteration'] = async ({ row, policy }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { theta, spec, metadata } = await readPolicy(directory);
    assert.equal(metadata['iteration'], row.iteration + 1);
    assert.deepEqual({ theta, spec }, { theta: policy.theta, spec: policy.spec });
    const lines = readFileSync(join(directory, 'progress.csv'), 'utf8').trim().split('\n');
    assert.equal(lines.length, row.iteration + 2);
    policy.theta.fill(7);
  };
  const { theta } = await train(input, { env, directory, onIteration });
  assert.ok(!theta.includes(7), 'what is handed over is a copy');
});

const failures: Record<string, (fail: () => unknown) => Pick<TrainOptions, 'onIteration' | 'onStart' | 'onProgress'>> =
  {
    onIteration: (fail) => ({ onIteration: ({ row }) => (row.iteration === 1 ? fail() : undefined) }),
    onStart: (fail) => ({ onStart: fail }),
    onProgress: (fail) => ({ onProgress: fail }),
  };
for (const [name, hooks] of Object.entries(failures)) {
  for (const kind of ['throws', 'rejects']) {
    test(`${name} that ${kind}: train rejects with it as the cause, and the run goes on later to the same end`, async () => {
      const directory = fresh();
      const error = new Error('mine');
      const fail = () => {
        if (kind === 'throws') throw error;
        return Promise.reject(error);
      };
      await assert.rejects(train(input, { env, directory, ...hooks(fail) }), (thrown) => {
        assert.ok(thrown instanceof CallbackError && thrown.code === 'ERR_CALLBACK');
        assert.equal(thrown.message, `the callback ${name} failed: mine`);
        return thrown.cause === error;
      });
      assert.equal(existsSync(join(directory, 'lock')), false);
      assert.equal(existsSync(join(directory, 'final.json')), false);
      const { theta } = await resume(directory, undefined, { env });
      assert.deepEqual(theta, (await train(input, { env })).theta);
    });
  }
}

test('a warning that rejects ends a resume', async () => {
  const directory = fresh();
  await train(input, { env, directory });
  withoutChecksums(directory);
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  const { writeFileSync } = await import('node:fs');
  config.platform.node = '1.2.3';
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  const onWarning = async (message: string) => {
    assert.match(message, /node was 1\.2\.3/);
    throw new Error('no');
  };
  await assert.rejects(resume(directory, 4, { env, onWarning }), {
    code: 'ERR_CALLBACK',
    message: 'the callback onWarning failed: no',
  });
  assert.equal(existsSync(join(directory, 'lock')), false);
});

test('a run that stands still says so, once', async () => {
  const warnings: string[] = [];
  const options = { sampling: { steps: 60, slots: 4 }, trustRegion: { lineSearch: { klLimitMultiple: 0 } } };
  const { rows } = await train(
    { ...input, iterations: 7, options },
    { env, onWarning: (message) => warnings.push(message) },
  );
  assert.ok(rows.every((row) => row.step_fraction === 0));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /iterations 0 to 2 left the policy as it was/);
  const moving: string[] = [];
  await train({ ...input, iterations: 7 }, { env, onWarning: (message) => moving.push(message) });
  assert.deepEqual(moving, []);
});
