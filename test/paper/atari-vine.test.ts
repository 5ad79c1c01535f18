import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  atariVineCells,
  bestValue,
  chosenBy,
  ESTIMATORS,
  START_FOLDER,
  STUDY_GAMES,
} from '../../paper/cells/atari-vine.js';
import { writeAtariVine } from '../../paper/figures/atari-vine.js';
import { registerPaper } from '../../paper/index.js';
import {
  experimentConfig,
  getExperiment,
  parseAssignments,
  readPolicy,
  resolveConfig,
  train,
} from '../../src/index.js';
import { listRoms } from '../../src/native/rom-library.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

registerPaper();
// The cartridge is the user's: skipped where it is not, unless TRELLIS_REQUIRE_ROMS is set (as in CI).
const playable =
  Boolean(process.env['TRELLIS_REQUIRE_ROMS']) ||
  listRoms().some((rom) => rom.state === 'imported' && rom.game.id === 'pong');

const root = mkdtempSync(join(tmpdir(), 'trellis-atari-vine-'));
after(() => rmSync(root, { recursive: true, force: true }));

const configOf = (cell: ReturnType<typeof atariVineCells>[number], settings: readonly string[]) =>
  experimentConfig(getExperiment(cell.task), { method: cell.method, seed: 1, settings: parseAssignments(settings) });

test('every cell has settings that the preset takes, and 400,000 simulator steps an iteration', () => {
  const cells = atariVineCells();
  assert.equal(cells.length, 24 + 12 + 12 + 12);
  assert.equal(new Set(cells.map(({ name }) => name)).size, cells.length);
  for (const cell of cells) {
    const settings = cell.choice?.settings(cell.choice.among.map((_, i) => i)) ?? [];
    const { options } = resolveConfig(configOf(cell, [...cell.settings, ...settings]));
    const { trunkSteps, rolloutStates, rolloutLength, firstActions } = options['sampling'] as Record<string, number> & {
      firstActions: string;
    };
    const steps = trunkSteps + rolloutStates * rolloutLength * (firstActions === 'all' ? 18 : 4);
    assert.ok(Math.abs(steps - 400_000) < 1000, `${cell.name}: ${steps}`);
  }
});

test('the best value is that of the best mean rank, the first where two are even', () => {
  assert.equal(
    bestValue([
      [-1, -5, -1],
      [-2, -4, -2],
    ]),
    1,
    'better on two of three, however little',
  );
  assert.equal(
    bestValue([
      [-1, -2],
      [-2, -1],
    ]),
    0,
  );
  assert.equal(
    bestValue([
      [Infinity, -1],
      [-1, Infinity],
      [-2, -2],
    ]),
    2,
  );
});

test('a round builds on what the rounds before chose', () => {
  const trials = 6;
  const estimators = ESTIMATORS.flatMap((name) => Array(trials).fill(name === 'ratio' ? -3 : -1));
  assert.deepEqual(chosenBy(estimators, 1), {
    estimator: 'ratio',
    rolloutLength: 100,
    trunkSteps: 64_000,
    lineSearch: 'halving',
  });
  const rollouts = [...Array(trials).fill(-5), ...Array(trials).fill(-2)];
  assert.equal(chosenBy([...estimators, ...rollouts], 2).rolloutLength, 30);
  const worse = [...Array(trials).fill(-2.5), ...Array(trials).fill(-2)];
  assert.equal(chosenBy([...estimators, ...worse], 2).rolloutLength, 100, "today's ran as the chosen estimator");
  const trunks = atariVineCells().find(({ name }) => name === 'trunks/pong-drawn-16000-seed1')!;
  const settings = trunks.choice!.settings([...estimators, ...rollouts]).join(' ');
  assert.match(
    settings,
    /surrogate=ratio sampling.rolloutStates=3200 sampling.rolloutLength=30 sampling.trunkSteps=16000/,
  );
});

test('the page has the rule, what ran, and a choice once a round is complete', async () => {
  const cells = atariVineCells().filter(({ name }) => name.startsWith('estimators/'));
  for (const { name, task } of cells) {
    const final = name.includes('full-sum') ? -0.9 : -0.5;
    writeSyntheticRun(root, { name, experiment: task, iterations: 40, planned: 40, final });
  }
  const page = await writeAtariVine(root, 1);
  assert.match(page, /Chosen by the rule: estimator = full-sum\./);
  assert.match(page, /## rollouts[^#]*No choice yet/);
  assert.match(page, /estimators\/pong-drawn-eq17-seed1 \| done \| [\d.]+ \| [\d.]+ \| 0\.0098 \| 1 \| 0 \| 2\.1 \|/);
  assert.match(readFileSync(join(root, 'README.md'), 'utf8'), /written down before any result/);
});

test('policies to start from are there, and of the paper network', async () => {
  for (const game of STUDY_GAMES) assert.equal((await readPolicy(join(START_FOLDER, game))).theta.length, 33_500);
});

for (const wanted of ['pong-drawn-full-sum', 'pong-trained-ratio']) {
  test(`a cell trains: ${wanted}, at a two-hundredth of its size`, { skip: !playable }, async () => {
    const cell = atariVineCells(0.005).find(({ name }) => name === `estimators/${wanted}-seed1`)!;
    // A trunk is finished: without a cap it would be a whole game.
    const settings = [...cell.settings, 'sampling.trunks=2', 'environment.maxEpisodeSteps=100'];
    const { rows, config } = await train({ ...configOf(cell, settings), iterations: 1 }, { threads: 1 });
    assert.ok(Number(rows[0]['branch_steps']) > 0 && rows[0].simulator_steps < 4000, JSON.stringify(rows[0]));
    const trained = wanted.includes('trained');
    assert.equal(config.policy.fromSha256 !== undefined, trained);
    assert.equal(Number(rows[0]['entropy']) < 2.8, trained, `entropy ${rows[0]['entropy']} of an even policy 2.89`);
  });
}
