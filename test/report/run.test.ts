import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RunDirectoryError, type TrellisError } from '../../src/base/errors.js';
import { formatCsv, parseCsv } from '../../src/report/csv.js';
import { writeCurve } from '../../src/report/curve.js';
import { labelRuns } from '../../src/report/labels.js';
import { writeReport } from '../../src/report/page.js';
import { readRun } from '../../src/report/run.js';
import { runStatus } from '../../src/report/status.js';
import { writeSyntheticRun } from './synthetic-run.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-report-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('CSV survives a round trip with commas, quotes and line breaks', () => {
  const rows = [
    ['a,b', 'say "no"', 'two\nlines'],
    ['', '1e-300', '-0.1'],
  ];
  assert.deepEqual(parseCsv(formatCsv(['x', 'y', 'z'], rows)), { columns: ['x', 'y', 'z'], rows });
});

test('a half-written last line is dropped, a damaged line elsewhere is an error', () => {
  assert.deepEqual(parseCsv('a,b\n1,2\n3').rows, [['1', '2']]);
  assert.throws(
    () => parseCsv('a,b\n1\n3,4\n', 'progress.csv'),
    (error: TrellisError) => {
      return error.code === 'ERR_ARGUMENT' && error.message.includes('progress.csv, line 2');
    },
  );
});

test('a run directory reads back: configuration, rows, empty cells as NaN', () => {
  const run = readRun(writeSyntheticRun(folder, { method: 'natural-gradient', seed: 4, iterations: 7, planned: 9 }));
  assert.equal(run.method, 'natural-gradient');
  assert.equal(run.seed, 4);
  assert.equal(run.plannedIterations, 9);
  assert.equal(run.finished, false);
  assert.equal(run.progress.length, 7);
  assert.equal(run.progress[6].simulator_steps, 350000);
  assert.ok(Number.isNaN(run.progress[0].trunk_steps));
  assert.equal(runStatus(run), 'partial at iteration 7');
});

test('experiment, method and seed come from the name where there is no config.json', () => {
  const directory = writeSyntheticRun(folder, { experiment: 'beam-rider', method: 'cma-es', seed: 12 });
  rmSync(join(directory, 'config.json'));
  const { experiment, method, seed, finished } = readRun(directory);
  assert.deepEqual(
    { experiment, method, seed, finished },
    { experiment: 'beam-rider', method: 'cma-es', seed: 12, finished: true },
  );
});

test('a folder that is no run, and a damaged config, are typed errors', () => {
  assert.throws(() => readRun(folder), RunDirectoryError);
  const directory = writeSyntheticRun(folder, { seed: 99 });
  writeFileSync(join(directory, 'config.json'), '{ half');
  assert.throws(() => readRun(directory), RunDirectoryError);
});

test('writeCurve draws one line per known quantity into the run directory', async () => {
  const directory = writeSyntheticRun(folder, { seed: 5, iterations: 6 });
  const svg = readFileSync(await writeCurve(directory), 'utf8');
  assert.match(svg, /^<svg /);
  assert.match(svg, /swimmer single-path, seed 5/);
  assert.equal(svg.match(/aria-roledescription="line mark"/g)?.length, 5);
});

test('writeCurve draws a run of one iteration and of none', async () => {
  const one = writeSyntheticRun(folder, { seed: 6, iterations: 1 });
  assert.match(readFileSync(await writeCurve(one), 'utf8'), /symbol/);
  const none = writeSyntheticRun(folder, { seed: 7, iterations: 0 });
  assert.match(readFileSync(await writeCurve(none), 'utf8'), /^<svg /);
});

test('runs share a label where only seed and length differ; what tells others apart is named', () => {
  const vine = (seed: number, rolloutLength: number, growth?: object) =>
    readRun(
      writeSyntheticRun(folder, {
        method: 'vine',
        seed,
        iterations: seed,
        planned: 20 + seed,
        options: { sampling: { trunks: 16, rolloutLength, growth } },
      }),
    );
  const single = readRun(writeSyntheticRun(folder, { seed: 20 }));
  const alike = labelRuns([vine(21, 50), vine(22, 50), single]);
  assert.deepEqual(
    alike.map(({ label }) => label),
    ['swimmer vine', 'swimmer vine', 'swimmer single-path'],
  );
  const different = labelRuns([vine(23, 50), vine(24, 100), vine(25, 50, { length: 90 }), single]);
  assert.deepEqual(
    different.map(({ label }) => label),
    [
      'swimmer vine sampling.rolloutLength=50',
      'swimmer vine sampling.rolloutLength=100',
      'swimmer vine sampling.rolloutLength=50 sampling.growth.length=90',
      'swimmer single-path',
    ],
  );
});

test('the report is one page without outside references, with a PNG, and tables that hold the means', async () => {
  const runs = [1, 2].flatMap((seed) => [
    writeSyntheticRun(folder, { experiment: 'hopper', seed, final: -2 }),
    writeSyntheticRun(folder, { experiment: 'hopper', method: 'vine', seed, final: -3, iterations: 12 }),
  ]);
  const files = await writeReport(runs, join(folder, 'report'));
  const html = readFileSync(files.html, 'utf8');
  assert.match(html, /drawCharts\(document/);
  // Of each of two labels: two runs and their mean; where a label's runs end sooner, so do its mean and its spread.
  const svg = readFileSync(files.svg, 'utf8');
  assert.equal(svg.match(/aria-roledescription="line mark"/g)?.length, 5 * 2 * 3);
  assert.equal(svg.match(/aria-roledescription="area mark"/g)?.length, 5 * 2);
  assert.equal(svg.match(/aria-roledescription="legend"/g)?.length, 5);
  assert.doesNotMatch(html, /(src|href)="https?:/);
  assert.deepEqual([...readFileSync(files.png).subarray(1, 4)], [...Buffer.from('PNG')]);
  const summary = parseCsv(readFileSync(files.summaryCsv, 'utf8'));
  assert.deepEqual(
    summary.rows.map((row) => row[4]),
    ['done', 'partial at iteration 12', 'done', 'partial at iteration 12'],
  );
  const cost = Number(summary.rows[0][summary.columns.indexOf('mean_cost_per_step')]);
  const tail = readRun(runs[0]).progress.slice(-5);
  assert.equal(cost, tail.reduce((sum, row) => sum + row.mean_cost_per_step, 0) / 5);
  assert.equal(parseCsv(readFileSync(files.progressCsv, 'utf8')).rows.length, 20 + 12 + 20 + 12);
});
