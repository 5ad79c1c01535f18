/** PPO, and TRPO with a value network. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { registerGymnasium } from '../../envs/index.js';
import { getAlgorithm, getEnv, type RunConfigInput, resume, train } from '../../src/index.js';
import { withMethod } from '../helpers/methods.js';

registerGymnasium();
const root = mkdtempSync(join(tmpdir(), 'trellis-actor-critic-'));
after(() => rmSync(root, { recursive: true }));

const small = { sampling: { steps: 300, slots: 4 }, critic: { epochs: 2 } };
const configOf = (method: string, options: object, iterations: number, id = 'cartpole') => ({
  experiment: 'test',
  track: 'custom' as const,
  method,
  seed: 1,
  iterations,
  engine: 'native',
  environment: { id },
  policy: { hidden: [16] },
  options: options as RunConfigInput['options'],
});
const file = (run: string, name: string) => readFileSync(join(root, run, name));
const timeless = (run: string) =>
  file(run, 'progress.csv')
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').slice(0, -2).join());

for (const [name, continued] of [
  ['ppo', false],
  ['ppo', true],
  ['trpo-gae', false],
  ['trpo-gae', true],
] as const) {
  describe(`${name}${continued ? ', episodes that go on' : ''}`, () => {
    const mode = continued ? { continued } : {};
    const small = { sampling: { steps: 300, slots: 4, ...mode }, critic: { epochs: 2 } };
    const run = `${name}${continued}`;

    test('learns to balance a pole in some ten thousand steps', async () => {
      const env = getEnv('CartPole-v1');
      const options = { sampling: { steps: 1000, slots: 8, ...mode } };
      const { rows } = await train(configOf(name, options, 16, 'CartPole-v1'), { env, threads: 1 });
      const returns = rows.map((row) => row.mean_return);
      assert.ok(returns[0]! < 40 && Math.max(...returns.slice(-3)) > 180, returns.join(' '));
      // The value function has learnt what comes, too.
      const explained = rows.map((row) => row['explained_variance']!);
      assert.ok(Math.max(...explained.slice(-3)) > explained[0]! + 1, explained.join(' '));
    });

    test('a resumed run, and one with other threads, has the bytes of an uninterrupted one', async () => {
      const env = cartpole();
      const config = configOf(name, small, 5);
      const whole = join(root, `${run}-whole`);
      const { theta } = await train(config, { env, directory: whole, threads: 1 });
      const cut = join(root, `${run}-cut`);
      await train({ ...config, iterations: 2 }, { env, directory: cut, threads: 2 });
      assert.deepEqual((await resume(cut, 5, { env, threads: 2 })).theta, theta);
      assert.deepEqual(timeless(`${run}-cut`), timeless(`${run}-whole`));
      for (const part of ['checkpoint', 'policy.safetensors', 'final.json']) {
        assert.deepEqual(file(`${run}-cut`, part), file(`${run}-whole`, part), part);
      }
    });

    test('the same state and iteration give the same numbers; what was given up leaves no trace', async () => {
      await withMethod(name, small, async (method) => {
        await method.iterate(0);
        const start = method.saveState();
        const first = await method.iterate(1);
        const after = method.saveState();
        assert.ok(Object.keys(start).every((part) => part === 'theta' || /^(value|optimizer|sampler)\./.test(part)));
        assert.notDeepEqual(after['value.theta'], start['value.theta']);
        await method.loadState(start);
        for (const phase of ['sampling', 'update']) {
          const controller = new AbortController();
          const onProgress = (_: number, now: string) => {
            if (now === phase) controller.abort();
          };
          if (phase === 'sampling') controller.abort();
          await assert.rejects(method.iterate(1, { signal: controller.signal, onProgress }), { code: 'ERR_ABORTED' });
          assert.deepEqual(method.saveState(), start);
        }
        assert.deepEqual(await method.iterate(1), first);
        assert.deepEqual(method.saveState(), after);
        const wrong = { ...start, theta: new Float32Array(3) };
        await assert.rejects(async () => method.loadState(wrong), { code: 'ERR_ARGUMENT', message: /policy/ });
        const { 'value.theta': _, ...missing } = start;
        await assert.rejects(async () => method.loadState(missing), { code: 'ERR_ARGUMENT' });
      });
    });

    test('one of the numbers of a group may be given alone; unknown ones are refused by the nearest', () => {
      const method = getAlgorithm(name);
      const { sampling } = method.parseOptions({ sampling: { steps: 500 } }) as { sampling: object };
      assert.deepEqual(sampling, { steps: 500, slots: 2, cutAtBudget: false, groups: 1, continued: false });
      assert.throws(() => method.parseOptions({ gae: { lamda: 0.9 } }), /gae\.lambda/);
      assert.throws(() => method.parseOptions({ critic: { epochs: 0 } }), /critic\.epochs/);
    });
  });
}

test('episodes that go on take whole shares of steps, and nothing that is of whole paths', async () => {
  for (const [wrong, message] of [
    [{ steps: 301 }, /sampling\.steps = 301.*multiple of 4/],
    [{ paths: 4 }, /continued together with paths/],
    [{ groups: 2 }, /groups/],
  ] as const) {
    const options = { ...small, sampling: { ...small.sampling, continued: true, ...wrong } };
    await assert.rejects(
      withMethod('ppo', options, async () => {}),
      { code: 'ERR_ARGUMENT', message },
    );
  }
});

/** Figures of some iterations, and what they changed of θ. */
async function figures(name: string, options: object, iterations = 1) {
  return withMethod(name, { ...small, ...options }, async (method) => {
    const before = method.theta();
    const rows = [];
    for (let i = 0; i < iterations; i++) rows.push((await method.iterate(i)).diagnostics);
    const after = method.theta();
    return { rows, moved: Math.hypot(...after.map((x, i) => x - before[i])) };
  });
}

describe('options of ppo', () => {
  test('klLimit ends an update early', async () => {
    const free = (await figures('ppo', { minibatchSize: 32 })).rows[0];
    const held = (await figures('ppo', { minibatchSize: 32, klLimit: free['mean_kl'] / 4 })).rows[0];
    assert.equal(free['epochs'], 10);
    assert.ok(held['epochs'] < 10 && held['mean_kl'] > 0 && held['mean_kl'] < free['mean_kl']);
  });

  test('a decay takes learning rate and clip to zero, and nothing moves from then on', async () => {
    const { rows } = await figures('ppo', { decay: { iterations: 4 }, optimizer: { learningRate: 0.01 } }, 6);
    const rates = rows.map((row) => row['learning_rate']);
    for (const [i, rate] of [0.01, 0.0075, 0.005, 0.0025, 0, 0].entries()) assert.ok(Math.abs(rates[i] - rate) < 1e-12);
    assert.ok(rows[3]['mean_kl'] > 0 && rows[4]['mean_kl'] === 0);
    const clipped = await figures('ppo', { decay: { iterations: 2, learningRate: false, clip: true } }, 2);
    const plain = await figures('ppo', {}, 2);
    assert.equal(clipped.rows[1]['learning_rate'], plain.rows[1]['learning_rate']);
    assert.ok(clipped.rows[1]['clip_fraction'] > plain.rows[1]['clip_fraction']);
  });

  test('an entropy bonus keeps the policy wide; clipped values move less', async () => {
    const plain = (await figures('ppo', {}, 4)).rows.at(-1)!;
    const wide = (await figures('ppo', { entropyBonus: 0.5 }, 4)).rows.at(-1)!;
    assert.ok(wide['entropy'] > plain['entropy'] + 0.01);
    const held = (await figures('ppo', { critic: { ...small.critic, clip: 1e-3 } }, 2)).rows;
    const free = (await figures('ppo', {}, 2)).rows;
    assert.equal(held[0]['value_error'], free[0]['value_error']);
    assert.notEqual(held[1]['value_error'], free[1]['value_error']);
  });

  test('one epoch of one minibatch is the policy gradient of the advantages: no ratio has left 1', async () => {
    const { rows, moved } = await figures('ppo', { epochs: 1, minibatchSize: 100_000 });
    assert.ok(moved > 0);
    assert.equal(rows[0]['clip_fraction'], 0);
  });
});

test('the value function may have layers of its own; those that do not fit are refused', async () => {
  for (const name of ['ppo', 'trpo-gae']) {
    const network = { hidden: [7], activation: 'tanh' };
    await withMethod(name, { ...small, critic: { ...small.critic, network } }, async (method) => {
      // Four numbers of a pole to seven units to one.
      assert.equal((method.saveState()['value.theta'] as Float32Array).length, 5 * 7 + 8);
      await method.iterate(0);
    });
    await withMethod(name, { ...small, critic: { ...small.critic, network: {} } }, async (method) => {
      assert.equal((method.saveState()['value.theta'] as Float32Array).length, 5, 'linear');
    });
    const convolutions = [{ filters: 4, kernel: [2, 2], stride: [1, 1] }];
    const wrong = { ...small, critic: { ...small.critic, network: { convolutions } } };
    await assert.rejects(
      withMethod(name, wrong, async () => {}),
      { code: 'ERR_ARGUMENT', message: /channels, height, width/ },
    );
    assert.throws(
      () => getAlgorithm(name).parseOptions({ critic: { network: { hiden: [3] } } }),
      /critic\.network\.hidden/,
    );
  }
});

test('trpo-gae keeps within its trust region', async () => {
  const { rows } = await figures('trpo-gae', { trustRegion: { klLimit: 0.02 } }, 3);
  for (const row of rows) {
    assert.ok(row['mean_kl'] > 0 && row['mean_kl'] <= 0.02);
    assert.ok(row['surrogate_after'] > row['surrogate_before'] && row['step_fraction'] > 0);
  }
});
