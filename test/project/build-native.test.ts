import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'trellis-build-'));
after(() => rmSync(folder, { recursive: true }));

/** The build script where only `tools` are installed; each does nothing, successfully. */
function build(tools: readonly string[], environment: Record<string, string> = {}) {
  const path = mkdtempSync(join(folder, 'bin-'));
  for (const tool of tools) symlinkSync('/bin/true', join(path, tool));
  const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
  const cache = mkdtempSync(join(folder, 'cache-'));
  const env = { PATH: path, HOME: cache, XDG_CACHE_HOME: cache, ...environment };
  const result = spawnSync(process.execPath, [script, '--out', join(cache, 'out')], { env, encoding: 'utf8' });
  assert.equal(result.status, 1);
  return result.stderr;
}

describe('a build that cannot work says what is missing', () => {
  it('cmake, compiler, build tool', () => {
    assert.match(build([]), /cmake is missing\. Get it: .*install cmake/);
    assert.match(build(['cmake']), /C\+\+20 compiler is missing .*Get it: /s);
    assert.match(build(['cmake', 'g++']), /build tool is missing\. Get it: .*ninja/);
  });

  it('a folder of MuJoCo that is none', () => {
    const wrong = join(folder, 'wrong');
    mkdirSync(wrong);
    writeFileSync(join(wrong, 'mujoco.h'), '');
    const message = build(['cmake', 'g++', 'make'], { MUJOCO_DIR: wrong });
    assert.match(message, /MUJOCO_DIR .*wrong.* holds no include\/mujoco\/mjbatch\.h/);
    assert.match(message, /--without-mujoco/);
  });
});

it('what a build or a workflow takes from elsewhere is pinned: the builder by version, actions by commit', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const { devDependencies, files } = JSON.parse(read('package.json'));
  assert.match(devDependencies['cmake-js'], /^\d+\.\d+\.\d+$/);
  assert.ok(read('scripts/build-native.mjs').includes(`'cmake-js@${devDependencies['cmake-js']}'`));
  assert.ok(files.includes('NOTICE'));
  assert.equal(new Set(files).size, files.length);
  for (const name of ['ci.yml', 'prebuild.yml']) {
    for (const [, action] of read(`.github/workflows/${name}`).matchAll(/uses: (.*)/g)) {
      assert.match(action!, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  }
});
