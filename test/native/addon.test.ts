import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
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
  for (const [file, what] of [
    [join(folder, 'nothing.node'), /names no file/],
    [text, /does not load/],
    [old, /of another version: it has no sampleGaussian/],
  ] as const) {
    const { code, message } = load(file);
    assert.equal(code, 'ERR_PLATFORM');
    assert.match(message ?? '', what);
    assert.match(message ?? '', /npm --prefix .* run build:native/);
  }
});
