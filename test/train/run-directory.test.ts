import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { resume, train } from '../../src/train/train.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-run-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = () => join(root, `run${made++}`);

const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 2,
  engine: 'reference',
  environment: { id: 'cartpole' },
  options: { sampling: { steps: 500, slots: 8 } },
};
const options = { env: cartpole() };
const runDirectory = (code = 'ERR_RUN_DIRECTORY') => ({ name: 'RunDirectoryError', code });

/** progress.csv without the columns of seconds. */
function progress(directory: string): string[] {
  const lines = readFileSync(join(directory, 'progress.csv'), 'utf8').split('\n');
  return lines.map((line) => line.split(',').slice(0, -2).join(','));
}

test('a run leaves all its files, and no lock', async () => {
  const directory = fresh();
  const { rows, final } = await train(input, { ...options, directory });
  assert.equal(rows.length, 2);
  assert.equal(final['parameters'], 6);
  const files = ['config.json', 'progress.csv', 'checkpoint', 'policy.json', 'policy.safetensors', 'final.json'];
  for (const name of files) assert.ok(existsSync(join(directory, name)), name);
  assert.equal(existsSync(join(directory, 'lock')), false);
  const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  assert.equal(config.options.trustRegion.klLimit, 0.01);
  assert.equal(
    readFileSync(join(directory, 'progress.csv'), 'utf8').split('\n')[0],
    'iteration,simulator_steps,trunk_steps,branch_steps,episodes,mean_return,mean_length,mean_cost_per_step,' +
      'surrogate_before,surrogate_after,mean_kl,max_kl,entropy,step_fraction,cg_residual,seconds_sampling,seconds_update',
  );
});

test('resuming gives what an uninterrupted run gives; a finished run is left as it is', async () => {
  const whole = fresh();
  const parts = fresh();
  await train({ ...input, iterations: 5 }, { ...options, directory: whole });
  await train(input, { ...options, directory: parts });
  const { rows } = await resume(parts, 5, options);
  assert.equal(rows.length, 5);
  assert.deepEqual(progress(parts), progress(whole));
  for (const name of ['checkpoint', 'policy.json', 'policy.safetensors', 'final.json', 'config.json']) {
    assert.deepEqual(readFileSync(join(parts, name)), readFileSync(join(whole, name)), name);
  }
  const before = readFileSync(join(parts, 'progress.csv'));
  assert.equal((await resume(parts, 5, options)).rows.length, 5);
  assert.deepEqual(readFileSync(join(parts, 'progress.csv')), before);
  await assert.rejects(resume(parts, 4, options), { code: 'ERR_ARGUMENT' });
});

test('rows newer than the checkpoint, whole or torn, are dropped', async () => {
  const directory = fresh();
  await train(input, { ...options, directory });
  const kept = progress(directory);
  appendFileSync(join(directory, 'progress.csv'), `${'2,'.repeat(16)}2\n3,99`);
  await resume(directory, undefined, options);
  assert.deepEqual(progress(directory), kept);
});

test('a run stopped before its first checkpoint begins anew', async () => {
  const directory = fresh();
  await train(input, { ...options, directory });
  const kept = progress(directory);
  for (const name of ['checkpoint', 'final.json']) rmSync(join(directory, name));
  await resume(directory, undefined, options);
  assert.deepEqual(progress(directory), kept);
});

test('an aborted iteration leaves no trace, and the run goes on later', async () => {
  const directory = fresh();
  const controller = new AbortController();
  const onIteration = ({ row }: { row: { iteration: number } }) => {
    if (row.iteration === 1) controller.abort();
  };
  const long = { ...input, iterations: 4 };
  const { signal } = controller;
  await assert.rejects(train(long, { ...options, directory, signal, onIteration }), { code: 'ERR_ABORTED' });
  assert.equal(progress(directory).length, 4);
  assert.equal(existsSync(join(directory, 'final.json')), false);
  await resume(directory, undefined, options);
  const whole = fresh();
  await train(long, { ...options, directory: whole });
  assert.deepEqual(progress(directory), progress(whole));
});

test('directories that cannot be used: occupied, a file, half-written, of another version, damaged', async () => {
  const directory = fresh();
  await train(input, { ...options, directory });
  await assert.rejects(train(input, { ...options, directory }), { ...runDirectory(), message: /resume\("/ });
  const file = fresh();
  writeFileSync(file, '');
  await assert.rejects(train(input, { ...options, directory: file }), runDirectory());
  await assert.rejects(train(input, { ...options, directory: join(file, 'below') }), runDirectory());
  await assert.rejects(resume(fresh(), undefined, options), runDirectory());
  await assert.rejects(resume(root, undefined, options), { ...runDirectory(), message: /no config\.json/ });

  const checkpoint = readFileSync(join(directory, 'checkpoint'));
  writeFileSync(join(directory, 'checkpoint'), checkpoint.subarray(0, 40));
  await assert.rejects(resume(directory, undefined, options), runDirectory());
  writeFileSync(join(directory, 'checkpoint'), checkpoint);
  const csv = readFileSync(join(directory, 'progress.csv'), 'utf8');
  writeFileSync(join(directory, 'progress.csv'), csv.split('\n').slice(0, 2).join('\n'));
  await assert.rejects(resume(directory, undefined, options), { ...runDirectory(), message: /2 rows/ });
  writeFileSync(join(directory, 'progress.csv'), csv);

  const { sha256: _seal, ...config } = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  const rewrite = (change: object) =>
    writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...config, ...change }));
  rewrite({ formatVersion: 99 });
  await assert.rejects(resume(directory, undefined, options), { ...runDirectory(), message: /version 99/ });
  rewrite({ method: 'natural-gradient', options: {} });
  await assert.rejects(resume(directory, undefined, options), { ...runDirectory(), message: /made by method/ });
  rewrite({ extra: 1 });
  await assert.rejects(resume(directory, undefined, options), runDirectory());
  writeFileSync(join(directory, 'config.json'), '{"formatVersion": 1, "exp');
  await assert.rejects(resume(directory, undefined, options), { ...runDirectory(), message: /JSON/ });
});

test('a directory in use is refused; a lock left by a dead process is not', async () => {
  const directory = fresh();
  await train(input, { ...options, directory });
  const { hostname } = await import('node:os');
  const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e3)']);
  await once(living, 'spawn');
  writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: living.pid, host: hostname() }));
  await assert.rejects(resume(directory, 3, options), { ...runDirectory(), message: /another process/ });
  living.kill('SIGKILL');
  writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
  assert.equal((await resume(directory, 3, options)).rows.length, 3);
});
