import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  AXIS_ENDS,
  calibrationCells,
  firstStage,
  nearest,
  predictedCosts,
  secondStage,
} from '../../paper/cells/calibration.js';
import { writeCalibration } from '../../paper/figures/calibration.js';
import { registerPaper } from '../../paper/index.js';
import { reproduceCalibration } from '../../paper/reproduce/calibration.js';
import { experimentConfig, getExperiment, parseAssignments, resolveConfig } from '../../src/index.js';
import { cellSettings } from '../../src/train/cell-status.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

registerPaper();
const root = mkdtempSync(join(tmpdir(), 'trellis-calibration-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('every cell has a folder of its own and settings that its preset takes', () => {
  const cells = calibrationCells();
  assert.equal(new Set(cells.map(({ name }) => name)).size, cells.length);
  assert.deepEqual([firstStage('hopper').length, firstStage('walker').length], [18, 24]);
  for (const { name, task, method, seed, settings, choice } of cells) {
    const chosen = choice === undefined ? settings : choice.settings(choice.among.map((_, i) => -i / 10));
    const given = parseAssignments(chosen);
    resolveConfig(experimentConfig(getExperiment(task), { method, seed, settings: given }));
    assert.match(name, /^(first|second|hypotheses)\//);
  }
});

test('predictions are in proportion to today: its own is what it ended at; the nearest to the axis come first', () => {
  const costs = firstStage('walker').map((_, i) => -1 - i / 10);
  const today = firstStage('walker').findIndex(
    ({ name }) => name === 'first/walker-armature0.02-damping0.3-impact1e-6-seed1',
  );
  assert.equal(today, 4);
  const predicted = predictedCosts('walker', costs);
  assert.ok(Math.abs(predicted[today] - -6) < 1e-12);
  // -1 + (cost + 1) * 5 / 0.4: the axis' end of -3.5 is at a cost of -1.2.
  assert.deepEqual(nearest('walker', costs).slice(0, 3), [2, 1, 3]);
  const still = costs.map((cost, i) => (i === today ? -1 : cost));
  assert.deepEqual(predictedCosts('walker', still), still, 'no proportion where today does not move');
});

test('the second stage takes its settings from the first and waits for it', () => {
  const out = join(root, 'stages');
  const cells = firstStage('hopper');
  const second = secondStage('hopper');
  const total = () => 20;
  assert.equal(cellSettings(out, second[0], total), null);
  cells.forEach(({ name }, i) => {
    writeSyntheticRun(out, { name, experiment: 'hopper', iterations: 20, planned: 20, final: i === 7 ? -1.6 : -1.1 });
  });
  // Today's moves by 0.1 and ended at -2.51: by 0.6 is far beyond, by 0.1 near the axis' end.
  const settings = second.map((cell) => cellSettings(out, cell, total)!.join(' '));
  assert.equal(new Set(settings.slice(0, 3)).size, 3);
  assert.deepEqual(settings.slice(0, 3), settings.slice(3), 'both seeds have the same settings');
  assert.ok(!settings.includes(cells[7].settings.slice(-3).join(' ')));
});

test('the page has the rule, every run, and the choice once all runs are there', async () => {
  const out = join(root, 'page');
  const budget = 20 / 150;
  for (const { name } of firstStage('walker')) writeSyntheticRun(out, { name, experiment: 'walker', final: -2 });
  let page = await writeCalibration(out, budget);
  assert.match(page, /## Second stage: walker[^#]*No choice yet/);
  assert.match(page, /first\/walker-armature1-damping1-impact1e-6-seed1 \| done \|/);
  assert.match(page, /first\/hopper-armature1-damping1-upright-seed1 \| not run \|/);
  const finals = [-4.4, -3.2, -3.4];
  secondStage('walker').forEach(({ name }, i) => {
    const directory = writeSyntheticRun(out, {
      name,
      experiment: 'walker',
      iterations: 27,
      planned: 27,
      final: finals[i % 3],
    });
    const config = { experiment: 'walker', environment: { id: 'walker', settings: { damping: i % 3 } } };
    writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
    // The nearest to the axis' end hardly touches the ground.
    writeFileSync(
      join(directory, 'gait.json'),
      JSON.stringify({ speed: 2, on_ground: i % 3 === 2 ? 0.3 : 0.7, length: 900 }),
    );
  });
  page = await writeCalibration(out, budget);
  assert.match(page, /By the rule: damping 1, .* on the ground 0\.7 of the steps; nearer ones fly\./);
  const readme = readFileSync(join(out, 'README.md'), 'utf8');
  assert.ok(readme.includes('Only single path is looked at') && readme.includes(String(AXIS_ENDS.walker)));
});

test('the command trains a cell, looks at its gait, and leaves both alone when called again', async () => {
  const out = join(root, 'command');
  const only = 'first/hopper-armature1-damping1-flexed-seed1';
  mkdirSync(out);
  const options = { only, budget: 0.005, jobs: 1, out, json: true };
  const { argv } = process;
  process.argv = [argv[0], fileURLToPath(new URL('../../bin/trellis.ts', import.meta.url))];
  try {
    await reproduceCalibration(options, new AbortController().signal);
    const file = join(out, only, 'gait.json');
    const gait = JSON.parse(readFileSync(file, 'utf8'));
    assert.ok(
      gait.length >= 1 && gait.length <= 1000 && gait.on_ground >= 0 && gait.on_ground <= 1,
      JSON.stringify(gait),
    );
    assert.ok(Number.isFinite(gait.speed));
    writeFileSync(file, '{"speed":7,"on_ground":0.25,"length":3}');
    await reproduceCalibration(options, new AbortController().signal);
    assert.match(
      readFileSync(join(out, 'README.md'), 'utf8'),
      /flexed-seed1 \| done \| [^|]+ \| {2}\| {2}\| 7 \| 0\.25 \| 3 \|/,
    );
    assert.ok(existsSync(join(out, 'calibration.csv')));
  } finally {
    process.argv = argv;
  }
  await assert.rejects(
    reproduceCalibration({ ...options, only: 'third' }, new AbortController().signal),
    /--only third/,
  );
});
