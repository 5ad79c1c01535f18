import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ATARI_GAMES, atariCells } from '../../paper/cells/atari.js';
import { writeFigure5, writeTable1 } from '../../paper/figures/atari-results.js';
import { parseCsv } from '../../src/report/csv.js';
import { cellStatus } from '../../src/train/cell-status.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-atari-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('seven games by two methods, Pong first', () => {
  const cells = atariCells();
  assert.equal(cells.length, 14);
  assert.equal(cells[0].name, 'pong-single-path-seed1');
  assert.ok(cells.every(({ iterations }) => iterations === 500));
});

test('a game that is won goes on to its last iteration', () => {
  // The synthetic return is -1000 times the cost: about 21 a game at the end.
  for (const experiment of ['pong', 'breakout'])
    writeSyntheticRun(folder, { experiment, iterations: 60, planned: 61, final: -0.021 });
  const state = (task: string) => {
    const cell = atariCells().find((c) => c.task === task && c.method === 'single-path')!;
    return cellStatus(folder, cell, 500).state;
  };
  assert.equal(state('pong'), 'partial');
  assert.equal(state('breakout'), 'partial');
});

test('table and figure hold our scores beside the published ones, and say what was not run', async () => {
  writeSyntheticRun(folder, { experiment: 'pong', iterations: 60, planned: 61, final: -0.021 });
  const evaluation = { iteration: 60, mean_return: 20.5, std_return: 1, returns: [20, 21] };
  writeFileSync(join(folder, 'pong-single-path-seed1', 'evaluation.json'), JSON.stringify(evaluation));
  const png = await writeFigure5(folder, atariCells(), 1);
  assert.ok(readFileSync(png).length > 10_000);
  const svg = readFileSync(join(folder, 'figure5.svg'), 'utf8');
  for (const title of ['Beam Rider', 'Q*bert', 'Space Invaders']) assert.ok(svg.includes(title));
  assert.equal(svg.match(/>not run</g)?.length, 5, 'all but Pong and Breakout');
  assert.equal(svg.match(/>Single Path</g)?.length, 1, 'one legend');
  const table = await writeTable1(folder, atariCells(), 1);
  const { columns, rows } = parseCsv(readFileSync(join(folder, 'table1.csv'), 'utf8'));
  assert.equal(rows.length, 2 * ATARI_GAMES.length);
  const pong = Object.fromEntries(columns.map((column, i) => [column, rows.find(([game]) => game === 'pong')![i]]));
  assert.equal(pong.evaluation, '20.5');
  assert.equal(pong.episodes, '2');
  assert.equal(pong['million steps'], '3');
  assert.equal(pong.status, 'partial at iteration 60');
  assert.equal(pong['paper: TRPO single path'], '20.9');
  assert.match(table, /\| qbert \| vine \| {2}\| {2}\| {2}\| {2}\| not run \| 157 \|/);
});

test('the status says how far a run is, and that its evaluation is older or missing', async () => {
  const status = (task: string) => {
    const { columns, rows } = parseCsv(readFileSync(join(folder, 'table1.csv'), 'utf8'));
    return rows.find(([game]) => game === task)![columns.indexOf('status')];
  };
  for (const experiment of ['breakout', 'enduro'])
    writeSyntheticRun(folder, { experiment, iterations: 40, planned: 500, final: -0.02 });
  const evaluation = { iteration: 25, mean_return: 12, std_return: 1, returns: [11, 13] };
  writeFileSync(join(folder, 'breakout-single-path-seed1', 'evaluation.json'), JSON.stringify(evaluation));
  await writeTable1(folder, atariCells(), 1);
  assert.equal(status('breakout'), 'partial at iteration 40, evaluated at 25');
  assert.equal(status('enduro'), 'partial at iteration 40, not evaluated');
  writeFileSync(join(folder, 'breakout-single-path-seed1', 'evaluation.json'), '{ half');
  await assert.rejects(writeTable1(folder, atariCells(), 1), { code: 'ERR_RUN_DIRECTORY', message: /evaluates again/ });
});
