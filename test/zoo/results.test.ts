import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sealJson } from '../../src/base/sealed.js';
import { gameCells, zooCells } from '../../zoo/index.js';
import { formatCurve, GRID, gridCurve, readCurve, thinCurve } from '../../zoo/results/curves.js';
import { ownRuns, peerRuns } from '../../zoo/results/read.js';
import { verdict, zooLines, zooTable } from '../../zoo/results/table.js';
import { writeZoo } from '../../zoo/results/write.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-zoo-'));
after(() => rmSync(root, { recursive: true }));

const iteration = (steps: number, episodes: number, mean: number) => ({
  simulator_steps: steps,
  episodes,
  mean_return: mean,
  mean_length: 10,
  seconds_sampling: 1,
  seconds_update: 0.5,
});

test('a curve is put together in fiftieths of the steps, iterations weighted by their episodes', () => {
  const progress = [iteration(10, 1, 4), iteration(25, 3, 8), iteration(45, 1, 1), iteration(47, 1, 3)];
  const rows = thinCurve(progress, 1000);
  assert.deepEqual(rows, [
    { steps: 25, episodes: 4, mean_return: 7, mean_length: 10, seconds: 3 },
    { steps: 45, episodes: 1, mean_return: 1, mean_length: 10, seconds: 4.5 },
    { steps: 47, episodes: 1, mean_return: 3, mean_length: 10, seconds: 6 },
  ]);
  assert.deepEqual(readCurve(formatCurve(rows), 'x'), rows);
});

test('a peer’s curve is read by its columns’ names; parts in which no episode ended show the part before', () => {
  const text =
    'steps,episodes,mean_return,mean_length,seconds,cpu_seconds\n25,2,6,5,1,1\n50,0,nan,nan,2,2\n100,1,9,5,4,4\n';
  const curve = gridCurve(readCurve(text, 'x'), 1000);
  assert.deepEqual(curve, [6, 6, 6, 9]);
  assert.equal(gridCurve(readCurve(text, 'x'), 100).length, GRID);
});

/** A run of each library with this score. */
function writeRuns(seeds: readonly number[], score: (seed: number) => number): void {
  const curve = 'steps,episodes,mean_return,mean_length,seconds\n500000,10,50,10,30\n1000000,10,100,10,60\n';
  for (const seed of seeds) {
    const own = join(root, `hopper-v5-ppo-seed${seed}`);
    const peer = join(root, 'peers/sb3', `hopper-v5-ppo-seed${seed}`);
    for (const folder of [own, peer]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'curve.csv'), curve);
    }
    const evaluation = {
      iteration: 5,
      simulator_steps: 1_000_000,
      mean_return: 0,
      returns: [score(seed), score(seed)],
    };
    writeFileSync(join(own, 'evaluation.json'), sealJson(evaluation));
    const summary = `task,method,seed,mean_return,train_seconds\nHopper-v5,ppo,${seed},${2 * seed},600\n`;
    writeFileSync(join(peer, 'summary.csv'), summary);
  }
}

test('runs, peers and what was published make a line of the table each; figures and page are written', async () => {
  writeRuns([1, 2, 3, 4], (seed) => 10 * seed);
  const cells = zooCells();
  const [own, peers] = [ownRuns(root, cells), peerRuns(join(root, 'peers/sb3'))];
  const line = zooLines(own, peers, cells).find(({ task, method }) => task === 'hopper-v5' && method === 'ppo')!;
  assert.deepEqual([line.seeds, line.planned, line.peerSeeds, line.published], [4, 20, 4, 2609]);
  assert.deepEqual([line.score, line.peerScore, line.seconds, line.peerSeconds], [25, 5, 60, 600]);
  assert.equal(verdict(line), 'above');
  assert.equal(verdict({ ...line, score: line.peerInterval[0] }), 'within');
  assert.equal(verdict({ ...line, score: line.peerInterval[0] - 1 }), 'below');
  assert.equal(verdict({ ...line, peerSeeds: 2 }), '');
  assert.equal(verdict({ ...line, seeds: 0 }), '');
  assert.match(zooTable([line]), /\| ppo \| hopper-v5 \| 4 of 20 \| 25 \| [\d.]+ … [\d.]+ \| 4 \| 5 \|/);
  await writeZoo(root);
  assert.match(readFileSync(join(root, 'README.md'), 'utf8'), /hopper-v5 \| 4 of 20/);
  for (const name of ['curves', 'profiles', 'efficiency']) {
    assert.match(readFileSync(join(root, `${name}.svg`), 'utf8'), /PPO, Stable-Baselines3/);
  }
});

test('the two networks on Pong have a table and a figure of their own, once there is a run', async () => {
  const page = () => readFileSync(join(root, 'README.md'), 'utf8');
  await writeZoo(root);
  assert.doesNotMatch(page(), /## Pong/);
  const names = gameCells().map(({ name }) => name);
  assert.deepEqual(names, ['pong-v5-ppo-seed1', 'pong-v5-ppo-paper-network-seed1']);
  const run = join(root, names[1]);
  mkdirSync(run);
  const rows = [1, 2, 3].map((part) => ({
    steps: part * 1e6,
    episodes: 9,
    mean_return: part,
    mean_length: 9,
    seconds: 1800 * part,
  }));
  writeFileSync(join(run, 'curve.csv'), formatCurve(rows));
  writeFileSync(
    join(run, 'evaluation.json'),
    sealJson({ iteration: 2930, simulator_steps: 3e6, mean_return: 5, returns: [4, 6] }),
  );
  await writeZoo(root);
  assert.match(page(), /\| pong-v5 \| 52 × 40, the paper's network \| 5 \| 1\.5 \|/);
  assert.match(readFileSync(join(root, 'games.svg'), 'utf8'), /decisions/);
});

test('a damaged evaluation is named, folders of other names are passed over', () => {
  mkdirSync(join(root, 'peers/sb3/notes'), { recursive: true });
  assert.equal(peerRuns(join(root, 'peers/sb3')).length, 4);
  assert.deepEqual(peerRuns(join(root, 'nowhere')), []);
  writeFileSync(join(root, 'hopper-v5-ppo-seed1/evaluation.json'), '{');
  assert.throws(() => ownRuns(root, zooCells()), { code: 'ERR_RUN_DIRECTORY', message: /evaluation\.json/ });
});
