import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const committed = spawnSync('git', ['ls-files', '-z', 'results'], { encoding: 'utf8' });
const files = (committed.stdout ?? '').split('\0').filter((file) => file !== '' && existsSync(file));
const aside = { skip: files.length === 0 && 'not a git checkout' };

test('results/ stays below 10 MB', aside, () => {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  assert.ok(bytes < 10e6, `${bytes} bytes`);
});

test('results/ holds nothing that a run makes again by itself', aside, () => {
  assert.deepEqual(
    files.filter((file) => /\/(checkpoint|curve\.svg|lock|[^/]*\.png)$/.test(file)),
    [],
  );
});

test('every committed curve has its configuration beside it', aside, () => {
  const curves = files.filter((file) => file.endsWith('/progress.csv'));
  assert.ok(curves.length > 0);
  assert.deepEqual(
    curves.filter((file) => !existsSync(join(dirname(file), 'config.json'))),
    [],
  );
});
