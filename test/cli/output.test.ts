import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { words as trellis } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-output-'));
after(() => rmSync(root, { recursive: true }));
const command = [process.execPath, ...trellis];
const small = ['--set', 'sampling.steps=200', '--set', 'sampling.slots=8'];
const windows = process.platform === 'win32';
const shellOnly = { skip: windows && 'needs a POSIX shell' };

function shell(script: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...command, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('train goes on when its reader leaves, and is done; what only prints ends', shellOnly, () => {
  const out = join(root, 'piped');
  const words = ['train', 'cartpole', '--iterations', '30', '--out', out, '--json', ...small];
  const { stdout } = shell('{ { "$@"; echo "code $?" >&3; } | head -n 1 >/dev/null; } 3>&1', ...words);
  assert.equal(stdout, 'code 0\n');
  assert.equal(readFileSync(join(out, 'progress.csv'), 'utf8').split('\n').length, 32);
  const trace = shell(
    '{ { "$@"; echo "code $?" >&3; } | head -n 1 >/dev/null; } 3>&1',
    ...['trace', 'cartpole', '--steps', '10000000'],
  );
  assert.equal(trace.stdout, 'code 141\n');
});

test('output that cannot be written is told, once the run is done', {
  skip: (windows || !existsSync('/dev/full')) && 'needs a POSIX shell and /dev/full',
}, () => {
  const out = join(root, 'full');
  const { status, stderr } = shell('"$@" >/dev/full', 'train', 'cartpole', '--iterations', '2', '--out', out, ...small);
  assert.equal(status, 1);
  assert.match(stderr, /^trellis: cannot write to standard output: ENOSPC\n$/);
  assert.doesNotMatch(stderr, /\n\s+at /);
  assert.ok(existsSync(join(out, 'final.json')));
});

test('nothing is written where nothing was named, nor into files; no stack is shown', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  const cases: [string[], number, RegExp][] = [
    [['train', 'cartpole', '--out', ''], 2, /expected a path/],
    [['report', ''], 2, /expected a path/],
    [['train', 'cartpole', '--out', join(file, 'below')], 1, /a file/i],
    [['reproduce', 'theory', '--budget', '0.001', '--out', join(file, 'below')], 1, /a file/i],
    [['reproduce', 'fig4', '--only', 'cartpole-vine', '--out', join(file, 'below')], 1, /a file/i],
    [['render', 'cartpole', '--seconds', '0.1', '--out', join(file, 'x.html')], 1, /file/],
  ];
  for (const [words, status, message] of cases) {
    const result = spawnSync(command[0], [...command.slice(1), ...words], { encoding: 'utf8' });
    assert.match(result.stderr, message, words.join(' '));
    assert.equal(result.status, status, words.join(' '));
    assert.doesNotMatch(result.stderr, /\n\s+at /, words.join(' '));
  }
});

test('the end of the terminal, or of a parent, is an interruption', { skip: windows && 'needs signals' }, async () => {
  const hangup = join(root, 'hangup');
  const orphan = join(root, 'orphan');
  const start = (out: string, stdio: 'ignore' | 'ipc') =>
    spawn(command[0], [...command.slice(1), 'train', 'cartpole', '--iterations', '100000', '--out', out, ...small], {
      stdio: ['ignore', 'pipe', 'ignore', stdio],
    });
  const first = start(hangup, 'ignore');
  await once(first.stdout!, 'data');
  first.kill('SIGHUP');
  assert.deepEqual(await once(first, 'exit'), [130, null]);
  const second = start(orphan, 'ipc');
  await once(second.stdout!, 'data');
  second.disconnect();
  assert.deepEqual(await once(second, 'exit'), [130, null]);
  for (const out of [hangup, orphan]) assert.ok(existsSync(join(out, 'policy.json')));
});
