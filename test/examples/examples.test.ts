/** The programs of examples/ do what their first lines promise. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { registerEnvs } from '../../envs/index.js';
import { cartPole } from '../../examples/bring-your-own-simulator.js';
import { actAtRandom, plan } from '../../examples/mpc.js';
import { makeGame, playAtRandom, search } from '../../examples/uct.js';
import { getEnv, listRoms, makeActions, streamKeys } from '../../src/index.js';

registerEnvs();
const imported = listRoms().some(({ game, state }) => game.id === 'space_invaders' && state === 'imported');
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trellis-examples-'));
after(() => rmSync(folder, { recursive: true }));

function trellis(...args: string[]) {
  const command = ['--import', 'tsx', join(root, 'bin/trellis.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('each is one file of at most 200 lines that imports the package by its name', () => {
  for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(root, 'examples', name), 'utf8');
    assert.ok(text.split('\n').length <= 201, `${name} has ${text.split('\n').length - 1} lines`);
    assert.match(text, /from 'trellis-rl'/, name);
    assert.doesNotMatch(text, /from '\.\.?\//, name);
  }
});

test("a simulator of one's own: restored states go on to the same bits", () => {
  const env = cartPole.make(4);
  env.reset(undefined, streamKeys(1, 1, 0, 0, 4));
  const actions = makeActions(env.spec.actionSpace, 4);
  const play = () => {
    for (let t = 0; t < 15; t++) env.step(actions.map((_, slot) => Math.sin(t + slot)) as Float32Array);
    return [...env.observations, ...env.rewards, ...env.terminated];
  };
  play();
  const saved = env.snapshot();
  const first = play();
  env.restore(saved, [0, 1, 2, 3]);
  assert.deepEqual(play(), first);
  // The same states in other slots.
  env.restore(saved, [3, 2, 1, 0], { rows: [3, 2, 1, 0] });
  assert.deepEqual([...(env.snapshot().parts['state'] as Uint8Array)], [...(saved.parts['state'] as Uint8Array)]);
  env.close();
});

for (const method of ['single-path', 'vine']) {
  test(`a simulator of one's own learns by ${method}`, () => {
    const run = join(folder, method);
    trellis('train', 'examples/bring-your-own-simulator.ts', '--method', method, '--iterations', '16', '--out', run);
    const rows = readFileSync(join(run, 'progress.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const at = rows[0]!.indexOf('mean_return');
    const first = Number(rows[1]![at]);
    const last = Number(rows.at(-1)![at]);
    assert.ok(last > 2 * first, `${first} → ${last}`);
  });
}

test('its runs are evaluated and drawn', () => {
  const run = join(folder, 'single-path');
  assert.ok(JSON.parse(trellis('eval', run, '--episodes', '3', '--json')).mean_return > 50);
  const film = join(folder, 'cart.html');
  trellis('render', run, '--out', film, '--seconds', '1');
  assert.ok(statSync(film).size > 5000);
});

test('planning by snapshots: the walker gets far where noise falls', () => {
  const walker = getEnv('walker');
  const { total } = plan(walker, { steps: 60, futures: 96, horizon: 40, seed: 1 });
  const untrained = actAtRandom(walker, 60, 1);
  assert.ok(total > 5 * untrained + 50, `planned ${total}, untrained ${untrained}`);
});

test('tree search: many times the score of random play', { skip: !imported }, () => {
  const game = makeGame('space_invaders');
  const { score } = search(game, { decisions: 50, expansions: 15, rollout: 15, seed: 1 });
  const random = playAtRandom(game, 50, 1);
  assert.ok(score > 3 * random, `searched ${score}, random ${random}`);
});
