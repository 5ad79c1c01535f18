import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { writeSyntheticRun } from '../report/synthetic-run.js';
import { words as trellis } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-watch-'));
after(() => rmSync(root, { recursive: true, force: true }));
const words = [...trellis, 'watch'];

/** The command at work in a folder, and what its first line says. */
async function begin(cwd: string, ...given: string[]) {
  const child = spawn(process.execPath, [...words, ...given], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, line };
}

test('watch tells its address, waits for runs/ to come, and Ctrl-C ends it', {
  skip: process.platform === 'win32' && 'needs signals',
}, async () => {
  const cwd = join(root, 'project');
  mkdirSync(cwd);
  const { child, line } = await begin(cwd, '--port', '0', '--json');
  const { event, url } = JSON.parse(line) as { event: string; url: string };
  assert.equal(event, 'watching');
  assert.match(await (await fetch(url)).text(), /no runs yet/);
  writeSyntheticRun(join(cwd, 'runs'), { seed: 3 });
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.match(await (await fetch(`${url}update`)).text(), /swimmer-single-path-seed3/);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a folder that is not there and a port in use are bad usage', async () => {
  const { line } = await begin(root, '.', '--port', '0');
  const [, port] = /^http:\/\/127\.0\.0\.1:(\d+)\/ /.exec(line)!;
  const cases: [string[], RegExp][] = [
    [['no-such-folder'], /there is no no-such-folder/],
    [['.', '--port', port!], new RegExp(`port ${port} is in use; expected another port`)],
    [['.', '--port', '70000'], /port is 70000.*65535/],
  ];
  for (const [given, message] of cases) {
    const { status, stderr } = spawnSync(process.execPath, [...words, ...given], { cwd: root, encoding: 'utf8' });
    assert.match(stderr, message);
    assert.equal(status, 2, stderr);
  }
});
