/** Evaluation while training: its draws, its files, and that a resumed run has them as an uninterrupted one. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { registerEnv } from '../../src/env/registry.js';
import { readPolicy } from '../../src/policy/storage.js';
import { evaluatePolicy, evaluateRun } from '../../src/train/evaluate.js';
import { parseEvaluations } from '../../src/train/evaluations.js';
import type { TrainOptions } from '../../src/train/options.js';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-evaluations-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = () => join(root, `run${made++}`);

const env = countingEnv(5);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 7,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
  evaluation: { every: 2, episodes: 6 },
};
const files = ['evaluations.csv', 'evaluations.sha256', 'best-policy.json', 'best-policy.safetensors', 'checkpoint'];
const assertSame = (one: string, other: string) => {
  for (const name of files) assert.deepEqual(readFileSync(join(one, name)), readFileSync(join(other, name)), name);
  assert.deepEqual(readFileSync(join(one, 'final.json')), readFileSync(join(other, 'final.json')));
};

const whole = join(root, 'whole');
const seen: boolean[] = [];
before(async () => {
  let evaluated: number | undefined;
  await train(input, {
    env,
    directory: whole,
    onEvaluation({ evaluation, best }) {
      evaluated = evaluation.iteration;
      seen.push(best);
    },
    onIteration({ row, evaluation }) {
      assert.equal(evaluation?.iteration, row.iteration % 2 === 1 ? row.iteration : undefined);
      if (evaluation !== null) assert.equal(evaluated, row.iteration, 'told of it before');
    },
  });
});

test('every second iteration has a row; the best policy is that of the highest', async () => {
  const rows = parseEvaluations(readFileSync(join(whole, 'evaluations.csv'), 'utf8'));
  assert.deepEqual(
    rows.map(({ iteration, episodes }) => [iteration, episodes]),
    [1, 3, 5].map((iteration) => [iteration, 6]),
  );
  let best = Number.NEGATIVE_INFINITY;
  for (const [i, { mean_return }] of rows.entries()) {
    assert.equal(seen[i], mean_return > best);
    best = Math.max(best, mean_return);
  }
  const { metadata, theta } = await readPolicy(whole, 'best-policy');
  const row = rows.find(({ mean_return }) => mean_return === best)!;
  assert.equal(metadata['iteration'], row.iteration + 1);
  assert.deepEqual(metadata['evaluation'], row);
  const at = await train({ ...input, iterations: row.iteration + 1, evaluation: undefined }, { env });
  assert.deepEqual(theta, at.theta);
});

test('its draws are those of neither training nor eval, and its seed and kind of actions decide', async () => {
  const { rows } = await train(input, { env });
  const without = await train({ ...input, evaluation: undefined }, { env });
  const timeless = (list: readonly object[]) =>
    list.map((row) => Object.entries(row).filter(([name]) => !name.startsWith('seconds_')));
  assert.deepEqual(timeless(rows), timeless(without.rows));
  const one = { ...input, iterations: 2 };
  const means = async (evaluation: object) => {
    const { evaluations } = await train({ ...one, evaluation: { ...input.evaluation, ...evaluation } }, { env });
    return evaluations[0].mean_return;
  };
  const plain = await means({});
  assert.equal(await means({ seed: 0 }), plain);
  assert.notEqual(await means({ seed: 1 }), plain);
  assert.notEqual(await means({ deterministic: true }), plain);
  const { policy: spec, theta } = await train(one, { env });
  assert.notEqual((await evaluatePolicy({ spec, theta }, env, { episodes: 6 })).mean_return, plain);
});

test('stopped and resumed anywhere, it ends as the uninterrupted run', async () => {
  for (const iterations of [1, 2, 3, 4]) {
    const directory = fresh();
    await train({ ...input, iterations }, { env, directory });
    const { evaluations } = await resume(directory, 7, { env });
    assert.equal(evaluations.length, 3);
    assertSame(directory, whole);
  }
});

test('killed between a checkpoint and the evaluation that was due, it is made up for', async () => {
  const directory = fresh();
  // Of a run of two iterations, as it is before the evaluation: the best policy may be there, torn rows, too.
  await train({ ...input, iterations: 2 }, { env, directory });
  const header = readFileSync(join(directory, 'evaluations.csv'), 'utf8').split('\n')[0];
  for (const [torn, best] of [
    ['', false],
    ['1,120,6,', true],
  ] as const) {
    const killed = fresh();
    cpSync(directory, killed, { recursive: true });
    writeFileSync(join(killed, 'evaluations.csv'), `${header}\n${torn}`);
    for (const name of ['evaluations.sha256', 'final.json']) rmSync(join(killed, name));
    if (!best) for (const name of ['json', 'safetensors']) rmSync(join(killed, `best-policy.${name}`));
    const events: number[] = [];
    const onEvaluation: TrainOptions['onEvaluation'] = ({ evaluation }) => events.push(evaluation.iteration);
    await resume(killed, 2, { env, onEvaluation });
    assert.deepEqual(events, [1]);
    assertSame(killed, directory);
    await resume(killed, 7, { env });
    assertSame(killed, whole);
  }
});

test('interrupted in an evaluation, the iteration stays and the evaluation is made up for', async () => {
  const directory = fresh();
  const controller = new AbortController();
  const slow = {
    spec: env.spec,
    make(slots: number) {
      // Training makes four slots, evaluation six.
      if (slots === 6) controller.abort();
      return env.make(slots);
    },
  };
  const run = train(input, { env: slow, directory, signal: controller.signal });
  await assert.rejects(run, { code: 'ERR_ABORTED' });
  assert.equal(existsSync(join(directory, 'final.json')), false);
  await resume(directory, undefined, { env });
  assertSame(directory, whole);
});

test('rows that were changed or are missing are noticed', async () => {
  const edits: ((text: string) => string)[] = [
    (text) => text.replace(/(\d)\n$/, (_, digit) => `${(Number(digit) + 1) % 10}\n`),
    (text) => text.replace('\n1,', '\n3,'),
    (text) => `${text.split('\n').slice(0, 2).join('\n')}\n`,
  ];
  for (const edit of edits) {
    const directory = fresh();
    cpSync(whole, directory, { recursive: true });
    const file = join(directory, 'evaluations.csv');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    await assert.rejects(resume(directory, 9, { env }), {
      code: 'ERR_RUN_DIRECTORY',
      message: /evaluations\.csv is damaged/,
    });
  }
});

test('a best policy that is lost, damaged or another is noticed', async () => {
  const best = (name: string) => `best-policy.${name}`;
  const cases: ((directory: string) => void)[] = [
    (directory) => rmSync(join(directory, best('json'))),
    (directory) => writeFileSync(join(directory, best('safetensors')), ''),
    (directory) =>
      ['json', 'safetensors'].forEach((name) => {
        cpSync(join(directory, `policy.${name}`), join(directory, best(name)));
      }),
  ];
  for (const damage of cases) {
    const directory = fresh();
    cpSync(whole, directory, { recursive: true });
    damage(directory);
    await assert.rejects(resume(directory, 9, { env }), {
      code: 'ERR_RUN_DIRECTORY',
      message: /best-policy\.json or best-policy\.safetensors beside it is not that of iteration/,
    });
  }
});

test('eval takes the last policy or the best; settings are checked', async () => {
  registerEnv('counting', () => env);
  for (const [best, name] of [
    [false, 'policy'],
    [true, 'best-policy'],
  ] as const) {
    const expected = await evaluatePolicy(await readPolicy(whole, name), env, { episodes: 5 });
    assert.deepEqual(await evaluateRun(whole, { episodes: 5, best }), expected);
  }
  await assert.rejects(evaluateRun(fresh(), { best: true }), { message: /best-policy\.json/ });
  await assert.rejects(train({ ...input, evaluation: { every: 0 } }, { env }), { message: /evaluation\.every/ });
  await assert.rejects(train({ ...input, evaluation: { evry: 1 } as never }, { env }), { code: 'ERR_NOT_FOUND' });
});
