import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { takeLock } from '../../src/train/lock.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-lock-'));
after(() => rmSync(root, { recursive: true }));
const path = join(root, 'lock');
const refused = { name: 'RunDirectoryError', code: 'ERR_RUN_DIRECTORY', message: /another process/ };
const module = new URL('../../src/train/lock.ts', import.meta.url).href;
const old = (pid: number, host = hostname()) => JSON.stringify({ pid, host });
const foreign = () => JSON.stringify({ pid: process.pid, host: 'elsewhere', machine: 'another', token: 'x' });

function free(system = true): void {
  takeLock(path, { system }).release();
  assert.deepEqual(readdirSync(root), []);
}

for (const system of [true, false]) {
  const kind = system ? "the system's lock" : 'the file alone';
  test(`${kind}: one holder, also within a process; nothing is left`, () => {
    const lock = takeLock(path, { system });
    assert.throws(() => takeLock(path, { system }), { ...refused, message: new RegExp(`process ${process.pid} on`) });
    lock.check();
    lock.release();
    free(system);
  });

  test(`${kind}: of two that try at once, on no or a stale lock, never both win`, async () => {
    const children = [0, 1].map(() =>
      fork(new URL('lock-racer.ts', import.meta.url), [path, String(system)], { execArgv: ['--import', 'tsx'] }),
    );
    const ask = async (child: ChildProcess, message: object) => {
      child.send(message);
      return (await once(child, 'message'))[0] as { held?: boolean };
    };
    await Promise.all(children.map((child) => once(child, 'message')));
    const winners = [0, 0, 0];
    for (let round = 0; round < 150; round++) {
      rmSync(path, { force: true });
      if (round % 2 === 1) {
        writeFileSync(path, old(2 ** 22 + 1));
        utimesSync(path, 1, 1);
      }
      const at = Date.now() + 3;
      const answers = await Promise.all(children.map((child) => ask(child, { at })));
      winners[answers.filter(({ held }) => held).length]++;
      await Promise.all(children.map((child) => ask(child, { release: true })));
    }
    for (const child of children) child.kill();
    assert.deepEqual(winners, [0, 150, 0]);
  });
}

test('a holder that was killed, and a worker thread that was terminated, hold nothing', async () => {
  const script = `(await import('${module}')).takeLock(${JSON.stringify(path)}); process.stdout.write('taken'); setInterval(() => {}, 1e3);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  assert.throws(() => takeLock(path), { ...refused, message: new RegExp(`process ${child.pid} on`) });
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.ok(existsSync(path));
  free();

  const worker = new Worker(new URL('lock-worker.mjs', import.meta.url), { workerData: { path, module } });
  await once(worker, 'message');
  assert.throws(() => takeLock(path), refused);
  await worker.terminate();
  free();
});

test('a lock of another machine is kept while it shows signs of life', () => {
  writeFileSync(path, foreign());
  assert.throws(() => takeLock(path), { ...refused, message: /process \d+ on elsewhere.*120 s/ });
  assert.equal(readFileSync(path, 'utf8'), foreign(), 'left as it is');
  const minutesAgo = Date.now() / 1000 - 121;
  utimesSync(path, minutesAgo, minutesAgo);
  free();
});

test('locks of version 0.1.0, and what is no lock at all', async () => {
  const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e3)']);
  await once(living, 'spawn');
  writeFileSync(path, old(living.pid!));
  assert.throws(() => takeLock(path), refused);
  living.kill('SIGKILL');
  // The number that this process has: a container that was started anew.
  for (const text of [old(process.pid), old(2 ** 22 + 1), old(-1), old(0), 'null', '{}', 'garbage', '']) {
    writeFileSync(path, text);
    free();
  }
  mkdirSync(path);
  assert.throws(() => takeLock(path), { code: 'ERR_RUN_DIRECTORY', message: /is a folder/ });
  rmSync(path, { recursive: true });
});

test('a holder whose folder is gone, or that was taken over, is told so', {
  skip: process.platform === 'win32' && 'nobody can replace a file that is open there',
}, () => {
  const folder = join(root, 'moved');
  mkdirSync(folder);
  const lock = takeLock(join(folder, 'lock'));
  writeFileSync(join(folder, 'lock'), foreign());
  assert.throws(() => lock.check(), { code: 'ERR_RUN_DIRECTORY', message: /no longer ours/ });
  rmSync(folder, { recursive: true });
  assert.throws(() => lock.check(), { code: 'ERR_RUN_DIRECTORY' });
  lock.release();
});

const namespaces = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--uts'];
const canUnshare = spawnSync('unshare', [...namespaces, 'true']).status === 0;

test('containers: killed as process 1 and begun anew; another host name is refused', {
  skip: !canUnshare && 'needs namespaces of Linux',
}, async () => {
  const script = (what: string) =>
    `const l = (await import('${module}')).takeLock(${JSON.stringify(path)}); process.stdout.write(process.pid + ''); ${what}`;
  const container = (name: string, what: string) => [
    ...[...namespaces, '--kill-child', 'sh', '-c', 'hostname "$0" && exec "$@"', name],
    ...[process.execPath, '--import', 'tsx', '--input-type=module', '-e', script(what)],
  ];
  const first = spawn('unshare', container('here', 'setInterval(() => {}, 1e3)'));
  assert.equal(String((await once(first.stdout, 'data'))[0]), '1');
  const other = spawnSync('unshare', container('there', ''), { encoding: 'utf8' });
  assert.match(other.stderr, /another process is training in this run directory \(process 1 on here\)/);
  first.kill('SIGKILL');
  await once(first, 'close');
  assert.ok(existsSync(path));
  const again = spawnSync('unshare', container('here', 'l.release()'), { encoding: 'utf8' });
  assert.equal(again.stdout, '1', again.stderr);
  free();
});
