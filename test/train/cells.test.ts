import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { figure4Cells } from '../../paper/cells/figure4.js';
import { AbortedError } from '../../src/base/errors.js';
import { isAlive } from '../../src/base/files.js';
import { cellStatus, describeStatus } from '../../src/train/cell-status.js';
import { budgetedIterations, type Cell, selectCells } from '../../src/train/cells.js';
import { type CellEvent, runCells } from '../../src/train/run-cells.js';
import { words as trellis } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-cells-'));
after(() => rmSync(root, { recursive: true, force: true }));
const command = [process.execPath, fileURLToPath(new URL('fake-trellis.mjs', import.meta.url))];

function cell(name: string, iterations: number, settings: readonly string[] = []): Cell {
  return { name, task: 'task', method: 'vine', seed: 1, iterations, settings };
}

async function run(
  folder: string,
  cells: readonly Cell[],
  options: { jobs?: number; budget?: number; signal?: AbortSignal } = {},
) {
  const events: CellEvent[] = [];
  const onEvent = (event: CellEvent) => void events.push(event);
  const out = join(root, folder);
  const failed = await runCells(cells, { out, command, jobs: 1, threads: 1, budget: 1, onEvent, ...options });
  return { out, failed, events, log: (name: string) => readFileSync(join(out, name, 'log'), 'utf8') };
}

test('the cells of Figure 4 are those of the paper, each with a directory of its own', () => {
  const cells = figure4Cells();
  assert.equal(new Set(cells.map(({ name }) => name)).size, cells.length);
  const count = (task: string, method: string) => cells.filter((c) => c.task === task && c.method === method).length;
  for (const task of ['cartpole', 'swimmer']) {
    for (const method of ['single-path', 'vine', 'natural-gradient', 'empirical-fim', 'cem', 'cma-es', 'rwr']) {
      assert.equal(count(task, method), 5, `${task} ${method}`);
    }
  }
  assert.deepEqual([count('cartpole', 'max-kl'), count('swimmer', 'max-kl')], [5, 0]);
  for (const task of ['hopper', 'walker']) {
    for (const method of ['single-path', 'vine', 'natural-gradient']) assert.equal(count(task, method), 5);
    for (const method of ['cem', 'rwr']) assert.equal(count(task, method), 3);
    for (const method of ['cma-es', 'empirical-fim', 'max-kl']) assert.equal(count(task, method), 0);
  }
  for (const method of ['vine', 'single-path']) {
    const growing = cells.filter((cell) => cell.method === `${method}/growing`);
    assert.deepEqual(
      growing.map(({ name, optional }) => [name, optional]),
      [1, 2, 3, 4, 5].map((seed) => [`hopper-${method}-growing-seed${seed}`, true]),
    );
  }
  const sweep = cells.find(({ task, method }) => task === 'hopper' && method === 'natural-gradient')!.choice!;
  assert.deepEqual(
    sweep.among.map(({ settings, iterations }) => [settings[0], iterations]),
    [
      ['penalty=3', 20],
      ['penalty=1', 20],
      ['penalty=0.3', 20],
      ['penalty=0.1', 20],
      ['penalty=0.03', 20],
      ['penalty=0.01', 20],
    ],
  );
  assert.deepEqual(sweep.settings([-1, -2, -5, -3, -2, Infinity]), ['penalty=0.3']);
});

test('selection by task, method, both, cell and seeds; optional cells only by name', () => {
  const plan = figure4Cells();
  const names = (only?: string, seeds?: number) => selectCells(plan, { only, seeds }).map(({ name }) => name);
  assert.ok(!names().some((name) => name.includes('reps')));
  assert.ok(!names('swimmer').some((name) => name.includes('reps') || name.includes('hopper')));
  assert.deepEqual(names('swimmer-reps'), ['swimmer-reps-seed1']);
  assert.deepEqual(names('cartpole-vine', 2), ['cartpole-vine-seed1', 'cartpole-vine-seed2']);
  assert.deepEqual(names('walker-cem-seed3'), ['walker-cem-seed3']);
  const sweep = names('swimmer-natural-gradient', 1);
  assert.equal(sweep.length, 7);
  assert.equal(sweep.at(-1), 'swimmer-natural-gradient-seed1');
  assert.equal(new Set(names()).size, names().length);
});

test('a budget scales iterations, never below one', () => {
  assert.equal(budgetedIterations(cell('a', 200), 0.01), 2);
  assert.equal(budgetedIterations(cell('a', 50), 0.001), 1);
});

test('cells are trained once; a second call trains nothing, a larger budget goes on from where they are', async () => {
  const cells = [cell('a', 10), cell('b', 20)];
  const first = await run('resume', cells, { budget: 0.5, jobs: 2 });
  assert.deepEqual(first.failed, []);
  assert.equal(cellStatus(first.out, cells[0], 5).state, 'done');
  assert.equal(describeStatus(cellStatus(first.out, cells[1], 20)), 'partial at iteration 10');
  assert.equal((await run('resume', cells, { budget: 0.5 })).events.length, 0);
  const { log, out } = await run('resume', cells);
  assert.match(
    log('a'),
    /^train task --method vine --seed 1 --out \S+ --iterations 5 --threads 1 --json\ntrain --resume \S+ --iterations 10/,
  );
  assert.equal(cellStatus(out, cells[1], 20).state, 'done');
  assert.equal(cellStatus(out, cells[1], 20).finalCost, -17);
});

test('every event tells which cell of how many it is, and the time left by the pace so far', async () => {
  await run('places', [cell('a', 4), cell('b', 4)], { budget: 0.5 });
  const { events } = await run('places', [cell('a', 2), cell('b', 4), cell('c', 6), cell('d', 2)], { jobs: 2 });
  const told = (name: string, kind: CellEvent['kind']) =>
    events.filter((event) => event.cell.name === name && event.kind === kind).map(({ place }) => place);
  // Of a nothing is left; b has 2 of 4, c 6, d 2, of 2.5 s each, two at a time: the longest of them is what counts.
  assert.deepEqual(told('b', 'begun'), [{ number: 2, of: 4, secondsLeft: 15 }]);
  assert.deepEqual(told('c', 'begun'), [{ number: 3, of: 4, secondsLeft: 15 }]);
  assert.deepEqual(told('d', 'begun')[0].number, 4);
  assert.equal(Math.min(...events.map(({ place }) => place.secondsLeft!)), 0);
  assert.deepEqual(told('a', 'begun'), []);
});

test('an interrupted cell keeps what it did and is resumed, also one that was killed before it began', async () => {
  const controller = new AbortController();
  const stuck = cell('stuck', 10, ['stall=4']);
  const stopping = run('interrupt', [stuck], { signal: controller.signal });
  const progress = join(root, 'interrupt', 'stuck', 'progress.csv');
  while (!existsSync(progress) || !readFileSync(progress, 'utf8').includes('\n3,')) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  controller.abort();
  await assert.rejects(stopping, AbortedError);
  assert.equal(describeStatus(cellStatus(join(root, 'interrupt'), stuck, 10)), 'partial at iteration 4');
  writeFileSync(join(root, 'interrupt', 'stuck', 'config.json'), '{"settings":[]}');
  mkdirSync(join(root, 'interrupt', 'unbegun'));
  writeFileSync(join(root, 'interrupt', 'unbegun', 'lock'), '{}');
  const { failed, out } = await run('interrupt', [stuck, cell('unbegun', 2)]);
  assert.deepEqual(failed, []);
  assert.equal(cellStatus(out, stuck, 10).state, 'done');
  assert.equal(cellStatus(out, cell('unbegun', 2), 2).state, 'done');
});

test('a cell that fails is reported with what it said; the others run all the same', async () => {
  const cells = [cell('bad', 5, ['fail=2']), cell('good', 3)];
  const { failed, events, out } = await run('failing', cells);
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['bad'],
  );
  const event = events.find(({ kind }) => kind === 'failed')!;
  assert.deepEqual([event.cell.name, event.iterations, event.message], ['bad', 2, 'it diverged']);
  assert.equal(cellStatus(out, cells[1], 3).state, 'done');
});

test('a program that cannot be started is a failed cell, not a crash', async () => {
  const failed = await runCells([cell('a', 1)], {
    out: join(root, 'nothing'),
    command: [join(root, 'no-such-program')],
    jobs: 1,
    threads: 1,
    budget: 1,
  });
  assert.equal(failed.length, 1);
});

test('a choice waits for its sweep, takes the least cost, and passes over a sweep cell that failed', async () => {
  const among = [
    cell('sweep/p2', 8, ['penalty=2']),
    cell('sweep/p1', 8, ['penalty=1']),
    cell('sweep/p0.1', 8, ['penalty=0.1', 'fail=3']),
  ];
  const penalties = [2, 1, 0.1];
  const settings = (costs: readonly number[]) => [`penalty=${penalties[costs.indexOf(Math.min(...costs))]}`];
  const chosen: Cell = { ...cell('chosen', 4), choice: { among, settings } };
  const { failed, log } = await run('choice', selectCells([chosen], {}), { jobs: 3 });
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['sweep/p0.1'],
  );
  assert.match(log('chosen'), /--set penalty=1 /);
  const hopeless: Cell = { ...cell('hopeless', 4), choice: { among: [among[2]], settings } };
  const second = await run('choice', [among[2], hopeless]);
  assert.deepEqual(
    second.failed.map(({ name }) => name),
    ['sweep/p0.1', 'hopeless'],
  );
});

test('a choice is not made while a sweep cell could not run for a passing reason', async () => {
  const among = [cell('later/p1', 6, ['penalty=1']), cell('later/p2', 6, ['penalty=0.5', 'full=3'])];
  const settings = (costs: readonly number[]) => [`penalty=${[1, 0.5][costs.indexOf(Math.min(...costs))]}`];
  const chosen: Cell = { ...cell('chosen', 4), choice: { among, settings } };
  const first = await run('passing', selectCells([chosen], {}), { jobs: 2 });
  assert.deepEqual(
    first.failed.map(({ name }) => name),
    ['later/p2', 'chosen'],
  );
  assert.equal(existsSync(join(first.out, 'chosen')), false);
  writeFileSync(join(first.out, 'later', 'p2', 'freed'), '');
  const second = await run('passing', selectCells([chosen], {}), { jobs: 2 });
  assert.deepEqual(second.failed, []);
  assert.match(second.log('chosen'), /--set penalty=0\.5 /);
});

test('jobs end when whoever runs them is killed', {
  skip: process.platform === 'win32' && 'needs signals',
}, async () => {
  const out = join(root, 'orphans');
  const module = new URL('../../src/train/run-cells.ts', import.meta.url).href;
  const real: Cell = { ...cell('orphan', 100_000, ['sampling.steps=200']), task: 'cartpole', method: 'single-path' };
  const options = { out, command: [process.execPath, ...trellis], jobs: 1, threads: 1, budget: 1 };
  const script = `(await import('${module}')).runCells(${JSON.stringify([real])}, { ...${JSON.stringify(options)},
    onEvent: ({ kind, iterations }) => { if (kind === 'iteration' && iterations > 1) process.stdout.write('.'); } });`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(parent.stdout, 'data');
  const { pid } = JSON.parse(readFileSync(join(out, 'orphan', 'lock'), 'utf8')) as { pid: number };
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  for (const end = performance.now() + 10_000; isAlive(pid) && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(join(out, 'orphan', 'lock')), false, 'it let go of its run');
});
