import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cellStatus } from '../../src/train/cell-status.js';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-steps-'));
after(() => rmSync(root, { recursive: true }));

const env = countingEnv(5);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 50,
  simulatorSteps: 200,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
};

test('training ends with the iteration that reaches the steps; that run is done and stays as it is', async () => {
  const directory = join(root, 'run');
  const { rows, final } = await train(input, { env, directory });
  assert.ok(rows.at(-1)!.simulator_steps >= 200);
  assert.ok(rows.at(-2)!.simulator_steps < 200);
  assert.equal(final['status'], 'done');
  const files = () => ['progress.csv', 'final.json', 'checkpoint'].map((name) => readFileSync(join(directory, name)));
  const before = files();
  const again = await resume(directory, undefined, { env });
  assert.equal(again.rows.length, rows.length);
  assert.deepEqual(files(), before);
});

test('the iterations end it where they come first', async () => {
  const { rows } = await train({ ...input, iterations: 2 }, { env });
  assert.equal(rows.length, 2);
});

test('a run that was stopped goes on to the steps it was given', async () => {
  const directory = join(root, 'stopped');
  await train(input, { env, directory, onIteration: ({ row, stop }) => row.iteration === 0 && stop('enough') });
  const { rows } = await resume(directory, undefined, { env });
  const whole = await train(input, { env });
  assert.deepEqual(
    rows.map(({ simulator_steps, mean_return }) => [simulator_steps, mean_return]),
    whole.rows.map(({ simulator_steps, mean_return }) => [simulator_steps, mean_return]),
  );
});

test('a cell is done by its steps or its iterations; a budget scales both', () => {
  const cell = { name: 'cell', task: 't', method: 'm', seed: 1, iterations: 100, simulatorSteps: 1000, settings: [] };
  const directory = join(root, 'cell');
  mkdirSync(directory);
  const status = (steps: number, iterations: number) => {
    const row = (i: number) => `${i},${(steps * (i + 1)) / 4},1,1,1\n`;
    const header = 'iteration,simulator_steps,mean_cost_per_step,seconds_sampling,seconds_update\n';
    writeFileSync(join(directory, 'progress.csv'), `${header}${[0, 1, 2, 3].map(row).join('')}`);
    writeFileSync(join(directory, 'final.json'), '{}');
    return cellStatus(root, cell, iterations).state;
  };
  assert.equal(status(999, 100), 'partial');
  assert.equal(status(1000, 100), 'done');
  assert.equal(status(500, 50), 'done');
  assert.equal(status(499, 50), 'partial');
  assert.equal(status(10, 4), 'done');
});
