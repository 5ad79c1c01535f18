import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { figure4Cells } from '../../paper/cells/figure4.js';
import { writeFigure4 } from '../../paper/figures/figure4.js';
import { parseCsv } from '../../src/report/csv.js';
import { meanCurve } from '../../src/report/panels.js';
import { readRun } from '../../src/report/run.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-figure4-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the figure draws what is there, in the order of the paper, and says what is not', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    writeSyntheticRun(folder, { method: 'single-path', seed, iterations: 50, planned: 50, final: -0.12 });
    writeSyntheticRun(folder, { method: 'vine', seed, iterations: seed === 5 ? 7 : 50, planned: 50, final: -0.14 });
  }
  const lines = await writeFigure4(folder, figure4Cells());
  const line = (task: string, method: string) => lines.find((l) => l.task === task && l.method === method)!;
  assert.equal(line('swimmer', 'single-path').status, 'done');
  assert.equal(line('swimmer', 'vine').status, 'seed 5 partial at iteration 7');
  assert.equal(line('hopper', 'vine').status, 'not run');
  assert.equal(line('hopper', 'vine').seeds, 0);
  assert.ok(!lines.some(({ method }) => method === 'reps'), 'an optional method that was not run has no line');
  const { finalCost, interval, interquartileMean } = line('swimmer', 'single-path');
  assert.ok(finalCost < -0.115 && finalCost > -0.125);
  assert.ok(interval[0] <= interquartileMean && interquartileMean <= interval[1] && interval[0] < interval[1]);
  const swimmer = lines.filter(({ task }) => task === 'swimmer').map(({ method }) => method);
  assert.deepEqual(swimmer.slice(0, 3), ['vine', 'single-path', 'natural-gradient']);

  const svg = readFileSync(join(folder, 'figure4.svg'), 'utf8');
  for (const title of ['Cartpole', 'Swimmer', 'Hopper', 'Walker', 'Vine', 'Single Path'])
    assert.ok(svg.includes(title), title);
  assert.ok(svg.indexOf('>Vine<') < svg.indexOf('>Single Path<'));
  assert.deepEqual([...readFileSync(join(folder, 'figure4.png')).subarray(1, 4)], [...Buffer.from('PNG')]);
  const cells = parseCsv(readFileSync(join(folder, 'cells.csv'), 'utf8'));
  assert.deepEqual(cells.rows.find(([name]) => name === 'swimmer-vine-seed5')?.slice(1, 3), ['7', '50']);
  assert.ok(cells.rows.some(([name]) => name === 'sweep/hopper-penalty0.3-seed1'));
  assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /\| swimmer \| vine \| 5 of 5 \|/);
});

test('a mean curve: mean and standard deviation at each iteration over the runs that got there', () => {
  const runs = [1, 2].map((seed) =>
    readRun(writeSyntheticRun(folder, { experiment: 'walker', seed, iterations: seed * 3 })),
  );
  const points = meanCurve('vine', runs, (row) => row.mean_cost_per_step);
  assert.equal(points.length, 6);
  const first = runs.map((run) => run.progress[0].mean_cost_per_step);
  assert.ok(Math.abs(points[0].mean - (first[0] + first[1]) / 2) < 1e-15);
  assert.ok(Math.abs(points[0].high - points[0].low - Math.SQRT2 * Math.abs(first[0] - first[1])) < 1e-12);
  assert.equal(points[5].high, points[5].low, 'one run has no spread');
});
