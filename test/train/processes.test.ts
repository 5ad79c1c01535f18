import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { cartpole } from '../../envs/classic/cartpole.js';
import { defineAlgorithm } from '../../src/algorithms/define.js';
import type { Communicator } from '../../src/cluster/communicator.js';
import { normalizeObservations } from '../../src/env/wrappers/normalize-observations.js';
import { normalizeRewards } from '../../src/env/wrappers/normalize-rewards.js';
import type { RunConfigInput } from '../../src/train/config.js';
import type { TrainResult } from '../../src/train/run.js';
import { resume, train } from '../../src/train/train.js';
import { onRanks } from '../helpers/ranks.js';

const groups = 5;
const paths = { sampling: { steps: 300, slots: 6, groups } };
const methods: Record<string, Readonly<Record<string, unknown>>> = {
  'single-path': paths,
  'natural-gradient': paths,
  'policy-gradient': paths,
  'empirical-fim': paths,
  'max-kl': { sampling: { steps: 200, slots: 8, groups } },
  rwr: { ...paths, fit: { evaluations: 5 } },
  reps: { ...paths, fit: { evaluations: 5 } },
  ppo: { ...paths, epochs: 2, critic: { epochs: 2 } },
  'trpo-gae': { ...paths, critic: { epochs: 2 } },
  vine: { sampling: { trunks: 6, trunkSteps: 300, rolloutStates: 23, rolloutLength: 10, groups } },
  cem: { population: 13 },
  'cma-es': { population: 13 },
};

function configOf(
  method: string,
  options: Readonly<Record<string, unknown>>,
  more: Partial<RunConfigInput> = {},
): RunConfigInput {
  const environment = { id: 'cartpole' };
  return { experiment: 'test', method, seed: 3, iterations: 2, environment, policy: { hidden: [4] }, options, ...more };
}

/** θ and all figures but those that tell the time. */
function result({ theta, rows }: TrainResult) {
  return { theta: [...theta], rows: rows.map((row) => ({ ...row, seconds_sampling: 0, seconds_update: 0 })) };
}

/** A plain cart-pole, or one whose normalisers learn. */
const environments = {
  plain: () => cartpole(),
  normalized: () => normalizeRewards(normalizeObservations(cartpole())),
};

async function trainOn(size: number, config: RunConfigInput, env: () => ReturnType<typeof cartpole>) {
  const run = async (communicator: Communicator) =>
    result(await train(config, { env: env() as never, communicator, threads: 1 }));
  const results = await onRanks(size, run);
  for (const other of results) assert.deepEqual(other, results[0], 'all ranks have the same');
  return results[0];
}

for (const [method, options] of Object.entries(methods)) {
  test(`${method}: the same bytes on 1, 2 and 5 ranks`, async () => {
    const config = configOf(method, options);
    const expected = await trainOn(1, config, environments.plain as never);
    assert.notEqual(expected.rows[1].mean_return, undefined);
    for (const size of [2, 5]) {
      assert.deepEqual(await trainOn(size, config, environments.plain as never), expected, `${size} ranks`);
    }
  });
}

for (const method of ['single-path', 'vine', 'ppo']) {
  test(`${method} with running statistics: the same bytes on 1 and 3 ranks`, async () => {
    const config = configOf(method, methods[method]);
    const expected = await trainOn(1, config, environments.normalized as never);
    for (const size of [3]) {
      assert.deepEqual(await trainOn(size, config, environments.normalized as never), expected, `${size} ranks`);
    }
  });
}

test('"fancy" damping: the same bytes on 1 and 3 ranks', async () => {
  const config = configOf('single-path', { ...paths, trustRegion: { dampingKind: 'fancy' } });
  const expected = await trainOn(1, config, environments.plain as never);
  assert.deepEqual(await trainOn(3, config, environments.plain as never), expected);
});

test('only rank 0 writes, and another number of ranks goes on with the bytes of an uninterrupted run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-processes-'));
  const config = configOf('single-path', paths, { iterations: 3 });
  const told: string[] = [];
  const env = cartpole();
  const start = (name: string, size: number, iterations: number) =>
    onRanks(size, (communicator) =>
      train(
        { ...config, iterations },
        { directory: join(folder, name), env, communicator, onIteration: () => told.push(`${communicator.rank}`) },
      ),
    );
  await start('whole', 1, 3);
  await start('parts', 3, 1);
  assert.deepEqual(told, ['0', '0', '0', '0']);
  await onRanks(2, (communicator) => resume(join(folder, 'parts'), 3, { env, communicator }));
  assert.deepEqual(readdirSync(join(folder, 'parts')), readdirSync(join(folder, 'whole')));
  const bytes = (name: string) => readFileSync(join(folder, name, 'policy.safetensors')).toString('hex');
  assert.equal(bytes('parts'), bytes('whole'));
  const csv = (name: string) => readFileSync(join(folder, name, 'progress.csv'), 'utf8').replace(/,[^,]*,[^,]*$/gm, '');
  assert.equal(csv('parts'), csv('whole'));
});

test('a callback of rank 0 ends the run everywhere', async () => {
  const results = await onRanks(2, (communicator) =>
    train(configOf('single-path', paths, { iterations: 5 }), {
      env: cartpole(),
      communicator,
      onIteration: ({ stop }) => stop('enough'),
    }),
  );
  assert.deepEqual(
    results.map(({ rows }) => rows.length),
    [1, 1],
  );
});

test('what cannot run on several processes says so before anything starts', async () => {
  const own = defineAlgorithm({
    name: 'own',
    summary: 'not made for it',
    options: z.strictObject({}),
    create: () => assert.fail('it was started'),
  });
  const rejected = (size: number, config: (rank: number) => RunConfigInput, expected: RegExp, options = {}) =>
    onRanks(size, (communicator) =>
      assert.rejects(train(config(communicator.rank), { env: cartpole(), communicator, ...options }), {
        code: 'ERR_ARGUMENT',
        message: expected,
      }),
    );
  await rejected(2, () => configOf('own', {}), /method "own" runs in one process, not in 2.*single-path/, {
    algorithm: own,
  });
  const engine = () => configOf('single-path', paths, { engine: 'tfjs' });
  await rejected(2, engine, /engine "tfjs" in 2 processes/);
  await rejected(3, () => configOf('single-path', {}), /1 group of paths for 3 processes.*sampling\.groups=3/);
  const other = (rank: number) => configOf('single-path', paths, { seed: rank === 1 ? 4 : 3 });
  await rejected(2, other, /rank 1 on .* has another configuration.*rank 0/);
});
