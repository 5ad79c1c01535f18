import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/mujoco-sdk.mjs', import.meta.url));
const sdk = (await import(script)) as {
  version: string;
  wheels: Record<string, { sha256: string; contents: string }>;
  contentHash(folder: string): string;
};
const folder = mkdtempSync(join(tmpdir(), 'trellis-sdk-'));
after(() => rmSync(folder, { recursive: true }));

/** The script with a cache of its own and a pip that "downloads" a file with these bytes. */
function find(prepare: (cache: string) => void, wheel = 'not the wheel') {
  const cache = mkdtempSync(join(folder, 'cache-'));
  const python = join(cache, 'python');
  const download = `while [ "$1" != --dest ] && [ $# -gt 0 ]; do shift; done; [ $# -eq 0 ] || printf '%s' '${wheel}' >"$2/x.whl"`;
  writeFileSync(python, `#!/bin/sh\n${download}\n`);
  chmodSync(python, 0o755);
  prepare(join(cache, 'trellis-rl'));
  const env = { PATH: process.env['PATH'], HOME: cache, XDG_CACHE_HOME: cache, PYTHON: python };
  return { cache, ...spawnSync(process.execPath, [script, 'linux-x64'], { env, encoding: 'utf8' }) };
}

describe('what the native build is made with', { skip: process.platform === 'win32' }, () => {
  it('refuses a wheel with other bytes, and uses nothing of it', () => {
    const { status, stderr, stdout, cache } = find(() => {});
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`not the one with SHA-256 ${sdk.wheels['linux-x64'].sha256}`));
    assert.match(stderr, /MUJOCO_DIR/);
    assert.deepEqual(readdirSync(join(cache, 'trellis-rl')).sort(), ['.writable', 'downloads']);
  });

  it('does not use an unpacked folder in which anything differs', () => {
    const { status, stdout } = find((cache) => {
      const unpacked = join(cache, `mujoco-${sdk.version}-linux-x64`, 'include/mujoco');
      mkdirSync(unpacked, { recursive: true });
      writeFileSync(join(unpacked, 'mjbatch.h'), '// looks like one');
    });
    assert.equal(status, 1);
    assert.equal(stdout, '');
  });

  it('knows every platform it builds for by two hashes', () => {
    assert.deepEqual(Object.keys(sdk.wheels).sort(), [
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
      'win32-x64',
    ]);
    for (const { sha256, contents } of Object.values(sdk.wheels)) {
      assert.match(sha256, /^[0-9a-f]{64}$/);
      assert.match(contents, /^[0-9a-f]{64}$/);
    }
  });

  it('hashes names and contents of a folder, in any order of writing', () => {
    const hash = (files: [string, string][]) => {
      const root = mkdtempSync(join(folder, 'tree-'));
      for (const [name, text] of files) {
        mkdirSync(join(root, name, '..'), { recursive: true });
        writeFileSync(join(root, name), text);
      }
      const copy = join(folder, 'copy');
      cpSync(root, copy, { recursive: true });
      assert.equal(sdk.contentHash(copy), sdk.contentHash(root));
      rmSync(copy, { recursive: true });
      return sdk.contentHash(root);
    };
    const sum = (text: string) => createHash('sha256').update(text).digest('hex');
    const ab = hash([
      ['b/c', '2'],
      ['a', '1'],
    ]);
    assert.equal(ab, sum(`a ${sum('1')}\nb/c ${sum('2')}\n`));
    assert.notEqual(hash([['a', '1']]), ab);
    assert.ok(!existsSync(join(folder, 'none')));
    assert.equal(sdk.contentHash(join(folder, 'none')), '');
  });
});
