import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RunDirectoryError } from '../../src/base/errors.js';
import { readPolicy } from '../../src/policy/storage.js';
import { readRun } from '../../src/report/run.js';
import { resume } from '../../src/train/train.js';
import { soak as flip } from '../soak/flip.js';
import { differences } from '../soak/runs.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-damage-'));
after(() => rmSync(root, { recursive: true }));
const quiet = { threads: 1, onWarning() {} };

test('flipped bytes are noticed or harm nothing, in every file of a run', async () => {
  const { passed, verdict } = await flip({ until: 0, least: 120, scratch: root });
  assert.ok(passed, verdict);
});

const edit = (directory: string, name: string, change: (text: string) => string) =>
  writeFileSync(join(directory, name), change(readFileSync(join(directory, name), 'utf8')));
const copy = (name: string) => {
  cpSync(join(root, 'source'), join(root, name), { recursive: true });
  return join(root, name);
};

test('digits that were changed: each file is named, with what to do', async () => {
  const config = copy('config');
  edit(config, 'config.json', (text) => text.replace('"seed": 5', '"seed": 6'));
  await assert.rejects(resume(config, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /config\.json.*checksum/ });
  // Without its checksum it is still not the one that the checkpoint was made with.
  edit(config, 'config.json', (text) => text.replace(/,\s*"sha256": "\w+"/, ''));
  await assert.rejects(resume(config, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /is not the one.*new run/ });

  const rows = copy('rows');
  edit(rows, 'progress.csv', (text) => text.replace(/(\d)\n$/, (_, digit) => `${(Number(digit) + 1) % 10}\n`));
  assert.throws(() => readRun(rows), { code: 'ERR_RUN_DIRECTORY', message: /progress\.csv is damaged/ });
  await assert.rejects(resume(rows, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /progress\.csv is damaged/ });
  rmSync(join(rows, 'progress.sha256'));
  edit(rows, 'progress.csv', (text) => text.replace('\n1,', '\n1,9'));
  await assert.rejects(resume(rows, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /progress\.csv is damaged/ });
});

test('a policy that was lost or damaged is written again from the checkpoint', async () => {
  const directory = copy('policy');
  rmSync(join(directory, 'policy.safetensors'));
  edit(directory, 'policy.json', (text) => text.slice(0, 40));
  await assert.rejects(readPolicy(directory), { code: 'ERR_RUN_DIRECTORY', message: /resume\("/ });
  await resume(directory, undefined, quiet);
  assert.deepEqual(differences(directory, join(root, 'source')), []);
});

test('a run of version 0.1.0, without any checksum, is read and goes on', async () => {
  const directory = join(root, 'old');
  cpSync(new URL('old-run', import.meta.url), directory, { recursive: true });
  assert.equal(readRun(directory).progress.length, 2);
  assert.equal((await readPolicy(directory)).theta.length, 6);
  const { rows } = await resume(directory, 3, quiet);
  assert.equal(rows.length, 3);
  assert.equal((await resume(directory, undefined, quiet)).rows.length, 3);
});

test('files that are folders, or too large, are typed errors', async () => {
  const directory = copy('large');
  writeFileSync(join(directory, 'config.json'), ' '.repeat(2 ** 24 + 1));
  await assert.rejects(resume(directory, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /16777217 bytes/ });
  for (const name of ['config.json', 'progress.csv', 'progress.sha256', 'checkpoint', 'policy.json', 'final.json']) {
    const run = copy(`folder-${name}`);
    rmSync(join(run, name));
    mkdirSync(join(run, name));
    await assert.rejects(resume(run, 5, quiet), (error: unknown) => {
      assert.ok(error instanceof RunDirectoryError, `${name}: ${error}`);
      assert.match(error.message, new RegExp(`${name}.*(folder|EISDIR)`));
      return true;
    });
    if (/progress|final|config/.test(name)) assert.throws(() => readRun(run), RunDirectoryError, name);
  }
});

test('pipes in the place of files do not block', {
  skip: process.platform === 'win32' && 'no named pipes in folders',
}, async () => {
  for (const name of ['config.json', 'progress.csv', 'progress.sha256', 'checkpoint', 'final.json']) {
    const run = copy(`pipe-${name}`);
    rmSync(join(run, name));
    execFileSync('mkfifo', [join(run, name)]);
    if (name !== 'final.json')
      await assert.rejects(resume(run, 5, quiet), { code: 'ERR_RUN_DIRECTORY', message: /pipe/ });
    if (name !== 'checkpoint') assert.throws(() => readRun(run), { code: 'ERR_RUN_DIRECTORY', message: /pipe/ });
  }
  const run = copy('pipe-policy');
  rmSync(join(run, 'policy.safetensors'));
  execFileSync('mkfifo', [join(run, 'policy.safetensors')]);
  await assert.rejects(readPolicy(run), { code: 'ERR_RUN_DIRECTORY', message: /pipe/ });
});
