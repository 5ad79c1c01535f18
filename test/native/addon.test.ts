import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { doesNotLoad, noBinary, thisPlatform } from '../../src/native/addon-faults.js';
import { addonPath } from '../../src/native/platform.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-addon-'));
after(() => rmSync(folder, { recursive: true }));
const module = new URL('../../src/native/platform.ts', import.meta.url).href;

/** What a fresh process says when the addon is `file`. */
function load(file: string): { code?: string; message?: string; system?: string } {
  const program = `const { platform } = await import('${module}');
    try { console.log(JSON.stringify(platform())); }
    catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }`;
  const env = { ...process.env, TRELLIS_ADDON: file };
  const arguments_ = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { env, encoding: 'utf8' });
  assert.ok(stdout.startsWith('{'), stderr);
  return JSON.parse(stdout);
}

test('the addon of this checkout loads', () => {
  assert.equal(load(addonPath()).system, `${process.platform}-${process.arch}`);
});

test('no such file, no binary, a binary of another version: the command that builds it', () => {
  const text = join(folder, 'text.node');
  writeFileSync(text, 'not a binary');
  const old = join(folder, 'old.cjs');
  writeFileSync(old, 'exports.platform = () => ({});');
  const other = join(folder, 'other.cjs');
  writeFileSync(other, "module.exports = new Proxy({ version: '0.0.1' }, { has: () => true });");
  const moved = join(folder, 'moved.node');
  copyFileSync(addonPath(), moved);
  for (const [file, what] of [
    [join(folder, 'nothing.node'), /names no file/],
    [text, /does not load/],
    [old, /of another version: it has no sampleGaussian/],
    [other, /is of version 0\.0\.1; expected \d+\.\d+\.\d+/],
    [moved, /MuJoCo's library is not beside the native binary.*expected it in .*Install the package again/s],
  ] as const) {
    const { code, message } = load(file);
    assert.equal(code, 'ERR_PLATFORM');
    assert.match(message ?? '', what);
    assert.match(message ?? '', /npm --prefix .* run build:native/);
  }
});

test('no prebuilt binary for this platform: those that there are', () => {
  for (const [platform, file] of [
    ['darwin-arm64', 'trellis.node'],
    ['linux-riscv64', 'trellis.glibc.node'],
    ['linux-riscv64', 'trellis.musl.node'],
  ] as const) {
    mkdirSync(join(folder, 'prebuilds', platform), { recursive: true });
    writeFileSync(join(folder, 'prebuilds', platform, file), '');
  }
  const { message, code } = noBinary(folder, 'Run "build"', null);
  assert.equal(code, 'ERR_PLATFORM');
  assert.ok(message.startsWith(`no native binary for ${thisPlatform()}, Node ${process.version}`), message);
  assert.match(message, /expected darwin-arm64, linux-riscv64 \(glibc\), linux-riscv64 \(musl\)\. Run "build"$/);
});

test('a machine whose glibc is too old is told so', () => {
  const said = "/lib/libm.so.6: version `GLIBC_2.28' not found (required by /x/trellis.glibc.node)";
  const { message } = doesNotLoad(join(folder, 'x.node'), 'Run "build"', new Error(said));
  assert.match(message, /needs glibc 2\.28, newer than this machine's\. Run "build"$/);
});
