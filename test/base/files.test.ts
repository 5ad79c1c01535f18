import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { appendSynced, writeAllAtomic, writeAtomic } from '../../src/base/files.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-files-'));
after(() => rmSync(root, { recursive: true }));
const refused = (message: RegExp) => ({ name: 'RunDirectoryError', code: 'ERR_RUN_DIRECTORY', message });

test('a file is replaced as a whole, its folder made, and nothing else left', async () => {
  const folder = join(root, 'deep', 'er');
  await assert.rejects(writeAtomic(join(folder, 'a'), ''), refused(/removed/));
  await writeAllAtomic(folder, { a: 'one' });
  await writeAtomic(join(folder, 'a'), Uint8Array.of(50));
  assert.deepEqual(await writeAllAtomic(folder, { b: 'b', c: 'c' }), [join(folder, 'b'), join(folder, 'c')]);
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), '2');
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'b', 'c']);
});

test('killed at any moment, a writer leaves the old or the new file; the next one clears up', async () => {
  const file = join(root, 'killed.bin');
  const module = new URL('../../src/base/files.ts', import.meta.url).href;
  const script = `const { writeAtomic } = await import('${module}');
    for (let i = 0; ; i++) { await writeAtomic(${JSON.stringify(file)}, Buffer.alloc(2 ** 22, i)); process.stdout.write('.'); }`;
  for (let kill = 0; kill < 4; kill++) {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 7 * kill));
    child.kill('SIGKILL');
    await once(child, 'close');
    const bytes = readFileSync(file);
    assert.equal(bytes.length, 2 ** 22);
    assert.ok(bytes.every((value) => value === bytes[0]));
  }
  await writeAtomic(file, '');
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('killed')),
    ['killed.bin'],
  );
});

test('files of writers that may be alive are left alone', async () => {
  const mine = `kept.${'0'.repeat(6)}-1-0.tmp`;
  writeFileSync(join(root, mine), '');
  await writeAtomic(join(root, 'kept'), '');
  assert.ok(existsSync(join(root, mine)), 'of another machine, and young');
});

test('a full disk is a typed error', {
  skip: (process.platform === 'win32' || !existsSync('/dev/full')) && 'needs /dev/full',
}, async () => {
  await assert.rejects(appendSynced('/dev/full', 'x'), refused(/disk is full/));
});

test('what the system refuses is a typed error that says what to do', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(writeAtomic(join(root, 'file', 'x'), ''), refused(/a file/i));
  mkdirSync(join(root, 'folder', 'full'), { recursive: true });
  await assert.rejects(writeAtomic(join(root, 'folder'), ''), refused(/folder of that name/));
  await assert.rejects(writeAtomic(join(root, 'x'.repeat(300)), ''), refused(/too long/));
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith('.tmp') && !name.startsWith('kept')),
    [],
  );
});
