import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TrellisError } from '../../../src/base/errors.js';
import { watch } from '../../../src/report/watch/server.js';
import { type Update, WatchedFolders } from '../../../src/report/watch/watched-folders.js';
import { takeLock } from '../../../src/train/lock.js';
import { writeSyntheticRun } from '../synthetic-run.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-watch-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = () => join(root, `folder${folders++}`);

/** Longer than a look at the folders is good for. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 600));

const stateOf = (update: Update, name: string) => update.runs.find(({ facts }) => facts.name === name)?.facts;

/** One more row of a run of writeSyntheticRun, like its last. */
function addRow(directory: string): void {
  const rows = readFileSync(join(directory, 'progress.csv'), 'utf8').trimEnd().split('\n');
  const cells = rows.at(-1)!.split(',');
  const next = [Number(cells[0]) + 1, Number(cells[1]) + 50_000, ...cells.slice(2)];
  appendFileSync(join(directory, 'progress.csv'), `${next.join(',')}\n`);
}

test('runs are found in and below the folders, and told with their figures from iteration 1 on', async () => {
  const folder = newFolder();
  writeSyntheticRun(folder, { seed: 1, iterations: 20 });
  writeSyntheticRun(join(folder, 'sweep', 'deep'), { seed: 2, iterations: 7 });
  const update = (await new WatchedFolders([folder]).update('', -1))!;
  assert.deepEqual(
    update.runs.map(({ facts }) => [facts.name, facts.state, facts.iterations, facts.planned]),
    [
      ['swimmer-single-path-seed2', 'waiting', 7, 20],
      ['swimmer-single-path-seed1', 'done', 20, 20],
    ],
  );
  const [run] = update.runs;
  assert.deepEqual(run!.progress['iteration'], [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(run!.progress['mean_kl'][3], 0.0098);
  assert.equal(run!.facts.speed, 100_000);
  assert.deepEqual(
    update.order.map(({ label }) => label),
    ['swimmer single-path', 'swimmer single-path'],
  );
  assert.ok(update.quantities['swimmer'].some(({ column, logarithmic }) => column === 'mean_kl' && logarithmic));
});

test('only what changed is told, and nothing where nothing did; other sessions get everything', async () => {
  const folder = newFolder();
  const live = writeSyntheticRun(folder, { seed: 1, iterations: 5 });
  const other = writeSyntheticRun(folder, { seed: 2, iterations: 20 });
  const watched = new WatchedFolders([folder]);
  const first = (await watched.update('', -1))!;
  assert.equal(await watched.update(first.session, first.version), null);
  addRow(live);
  await settle();
  const second = (await watched.update(first.session, first.version))!;
  assert.deepEqual(
    second.runs.map(({ facts }) => [facts.name, facts.iterations]),
    [['swimmer-single-path-seed1', 6]],
  );
  assert.equal((await watched.update('another', second.version))!.runs.length, 2);
  rmSync(other, { recursive: true });
  await settle();
  const third = (await watched.update(first.session, second.version))!;
  assert.deepEqual([third.runs.length, third.order.length], [0, 1]);
});

test('a run at work is known by its lock: time left while it runs, interrupted when it has gone', async () => {
  const folder = newFolder();
  const directory = writeSyntheticRun(folder, { iterations: 5 });
  const lock = takeLock(join(directory, 'lock'));
  const watched = new WatchedFolders([folder]);
  const running = stateOf((await watched.update('', -1))!, 'swimmer-single-path-seed1')!;
  // 15 iterations of 0.5 s
  assert.deepEqual([running.state, running.left], ['running', '8 s']);
  lock.release();
  await settle();
  const { state, left } = stateOf((await watched.update('', -1))!, 'swimmer-single-path-seed1')!;
  assert.deepEqual([state, left], ['waiting', null]);
});

test('a lock that a killed process left does not count', async () => {
  const folder = newFolder();
  const directory = writeSyntheticRun(folder, { iterations: 5 });
  const lock = takeLock(join(directory, 'lock'));
  const text = readFileSync(join(directory, 'lock'), 'utf8');
  lock.release();
  writeFileSync(join(directory, 'lock'), text.replace(/"pid":\d+/, '"pid":2147483646'));
  assert.equal((await new WatchedFolders([folder]).update('', -1))!.runs[0].facts.state, 'waiting');
});

test('half-written and damaged run folders are told as such, and hide nothing else', async () => {
  const folder = newFolder();
  writeSyntheticRun(folder, { seed: 1 });
  const begun = join(folder, 'begun');
  mkdirSync(begun, { recursive: true });
  writeFileSync(join(begun, 'config.json'), '{}');
  const lock = takeLock(join(begun, 'lock'));
  const torn = writeSyntheticRun(folder, { name: 'torn', seed: 2, iterations: 5 });
  appendFileSync(join(torn, 'progress.csv'), '5,300000,');
  const config = writeSyntheticRun(folder, { name: 'config', seed: 3 });
  writeFileSync(join(config, 'config.json'), '{"experiment": "swim');
  const sums = writeSyntheticRun(folder, { name: 'sums', seed: 4 });
  writeFileSync(join(sums, 'progress.sha256'), '0123456789abcdef\n');
  const short = writeSyntheticRun(folder, { name: 'short', seed: 5 });
  writeFileSync(join(short, 'progress.csv'), 'iteration,mean_return\n1\n2,3\n');
  mkdirSync(join(folder, 'odd', 'progress.csv'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  const empty = writeSyntheticRun(folder, { name: 'nothing', seed: 6, iterations: 0 });
  writeFileSync(join(empty, 'progress.csv'), '');
  const update = (await new WatchedFolders([folder, join(root, 'not there')]).update('', -1))!;
  const states = Object.fromEntries(
    update.runs.map(({ facts: { name, state, iterations } }) => [name, [state, iterations]]),
  );
  assert.deepEqual(states, {
    'swimmer-single-path-seed1': ['done', 20],
    begun: ['running', 0],
    torn: ['waiting', 5],
    config: ['unreadable', 0],
    sums: ['unreadable', 0],
    short: ['unreadable', 0],
    odd: ['unreadable', 0],
    nothing: ['waiting', 0],
  });
  assert.match(stateOf(update, 'sums')!.status, /is damaged/);
  assert.equal(stateOf(update, 'begun')!.status, 'begins');
  lock.release();
});

/** Status and text of a reply, with a Host header of one's own. */
function get(port: number, path: string, { host = 'localhost', method = 'GET' } = {}) {
  return new Promise<{ status: number; text: string; policy: string }>((resolve, reject) => {
    const options = { port, path, method, host: '127.0.0.1', headers: { host }, agent: false } as const;
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode!, text, policy: String(response.headers['content-security-policy']) });
      });
    })
      .on('error', reject)
      .end();
  });
}

test('the server gives the page, settings and the replay, and nothing else', async () => {
  const folder = newFolder();
  const directory = writeSyntheticRun(folder, { experiment: '</script><script>alert(1)', name: 'run', method: 'vine' });
  writeFileSync(join(directory, 'replay.html'), '<p>moving</p>');
  writeFileSync(join(folder, 'secret.html'), 'secret');
  const server = await watch({ folders: [folder], port: 0 });
  after(() => server.close());
  const page = await get(server.port, '/');
  assert.equal(page.status, 200);
  assert.equal(page.text.includes('<script>alert'), false);
  assert.doesNotMatch(page.text, /(src|href)="?https?:/);
  assert.match(page.policy, /^default-src 'none'; script-src 'nonce-/);
  const settings = JSON.parse((await get(server.port, '/runs/0')).text) as { config: object; final: object };
  assert.deepEqual(settings.final, { parameters: 364 });
  const replay = await get(server.port, '/runs/0/replay.html?1');
  assert.equal(replay.text, '<p>moving</p>');
  assert.match(replay.policy, /^sandbox allow-scripts; default-src 'unsafe-inline'/);
  for (const path of [
    '/runs/0/config.json',
    '/runs/0/..%2Fsecret.html',
    '/runs/0/%',
    '/runs/7',
    '/runs/x',
    '/favicon.ico',
  ]) {
    const { status } = await get(server.port, path);
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
  }
  assert.equal((await get(server.port, '/', { method: 'POST' })).status, 405);
  assert.equal((await get(server.port, '/', { host: 'evil.example' })).status, 403);
  assert.equal((await get(server.port, '/', { host: '[::1]:80' })).status, 200);
  assert.equal((await get(server.port, '/update?session=x&since=NaN')).status, 200);
});

test('browsers that go away in the middle leave the server at work', async () => {
  const folder = newFolder();
  for (let seed = 0; seed < 8; seed++) writeSyntheticRun(folder, { seed, iterations: 500, planned: 500 });
  const server = await watch({ folders: [folder], port: 0 });
  after(() => server.close());
  for (let i = 0; i < 20; i++) {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
      socket.once('data', () => socket.destroy()).once('close', () => resolve());
    });
  }
  assert.equal((await get(server.port, '/')).status, 200);
});

test('a port in use: the next free one, or a typed error where it was asked for', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  after(() => taken.close());
  const { port } = taken.address() as { port: number };
  await assert.rejects(watch({ folders: [root], port }), (error: TrellisError) => {
    return error.code === 'ERR_ARGUMENT' && error.message.includes(`port ${port} is in use`);
  });
  const first = await watch({ folders: [root] });
  after(() => first.close());
  const second = await watch({ folders: [root] });
  after(() => second.close());
  assert.ok(second.port > first.port && first.port >= 8520 && second.port < 8540);
  await assert.rejects(watch({ folders: [root], host: '192.0.2.1', port: 0 }), { code: 'ERR_ARGUMENT' });
  await assert.rejects(watch({ folders: [root], port: 70_000 }), { code: 'ERR_ARGUMENT' });
});
