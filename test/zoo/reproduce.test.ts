import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { words as trellis } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-zoo-run-'));
after(() => rmSync(root, { recursive: true }));
const reproduce = async (...words: string[]) => {
  const command = [...trellis, 'reproduce', 'zoo', '--budget', '0.002', '--out', root, ...words];
  return promisify(execFile)(process.execPath, command);
};

test('reproduce zoo trains a cell, plays its hundred episodes once, and draws; what is committed of it is enough', async () => {
  const { stdout } = await reproduce('--only', 'reacher-v5-trpo-gae-seed1');
  assert.match(stdout, /\| trpo-gae \| reacher-v5 \| 1 of 5 \| -/);
  const run = join(root, 'reacher-v5-trpo-gae-seed1');
  const evaluation = readFileSync(join(run, 'evaluation.json'), 'utf8');
  assert.equal(JSON.parse(evaluation).returns.length, 100);
  assert.ok(existsSync(join(run, 'curve.csv')));
  for (const name of ['policy.json', 'policy.safetensors', 'checkpoint', 'progress.csv', 'progress.sha256']) {
    rmSync(join(run, name));
  }
  const again = await reproduce('--only', 'reacher-v5-trpo-gae-seed1');
  assert.equal(again.stderr, '');
  assert.match(again.stdout, /\| trpo-gae \| reacher-v5 \| 1 of 5 \| -/);
  assert.equal(readFileSync(join(run, 'evaluation.json'), 'utf8'), evaluation);
});

test('--only that names nothing', async () => {
  await assert.rejects(reproduce('--only', 'hoper'), { code: 2, stderr: /names no cell/ });
});
