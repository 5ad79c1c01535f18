/** Who looks on: loggers, the order of what they are told, stopping, and the ends of a run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { EndEvent, RunEvent, TrainCallbacks, TrainedPolicy } from '../../src/index.js';
import { getLogger, listLoggers, readRun, registerLogger, resume, train, writeReport } from '../../src/index.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-loggers-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = () => join(root, `run${made++}`);

const env = countingEnv(5);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 3,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
};

/** Writes down what it is told, after a while: nobody overtakes it. */
function recorder(events: string[], name = ''): TrainCallbacks {
  const note = async (text: string) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    events.push(name + text);
  };
  return {
    onStart: ({ rows, columns, directory }) => note(`start ${rows.length} ${columns.length} ${directory !== null}`),
    onEvaluation: ({ evaluation }) => note(`evaluation ${evaluation.iteration}`),
    onIteration: ({ row }) => note(`iteration ${row.iteration}`),
    onCheckpoint: ({ iteration }) => note(`checkpoint ${iteration}`),
    onEnd: ({ status, reason }) => note(`end ${status} ${reason}`),
  };
}

test('all are told in order, each awaited; callbacks first, then loggers as they are listed', async () => {
  const events: string[] = [];
  registerLogger({ name: 'recorder', summary: 'for this test', create: () => recorder(events, 'B ') });
  const loggers = ['recorder', { name: 'C', onEnd: () => events.push('C end') }];
  const directory = fresh();
  const evaluation = { every: 2, episodes: 2 };
  await train({ ...input, evaluation }, { env, directory, loggers, ...recorder(events, 'A ') });
  const both = (text: string) => [`A ${text}`, `B ${text}`];
  assert.deepEqual(events, [
    ...both('start 0 17 true'),
    ...both('checkpoint 1'),
    ...both('iteration 0'),
    ...both('checkpoint 2'),
    ...both('evaluation 1'),
    ...both('iteration 1'),
    ...both('checkpoint 3'),
    ...both('iteration 2'),
    ...both('checkpoint 3'),
    ...both('end done null'),
    'C end',
  ]);
  events.length = 0;
  await resume(directory, 3, { env, ...recorder(events) });
  assert.deepEqual(events, ['start 3 17 true', 'end done null'], 'a finished run is left as it is');
});

test('a run that was stopped says why, and goes on later to the same end', async () => {
  const directory = fresh();
  let end: EndEvent | undefined;
  const { rows, final } = await train(input, {
    env,
    directory,
    onIteration: ({ row, stop }) => {
      if (row.iteration === 1) stop('good enough');
      if (row.iteration === 1) stop('another reason');
    },
    onEnd: (event) => {
      end = event;
    },
  });
  assert.equal(rows.length, 2);
  assert.deepEqual([final['status'], final['reason'], final['iterations']], ['stopped', 'good enough', 2]);
  assert.deepEqual([end?.status, end?.reason, end?.final], ['stopped', 'good enough', final]);
  const { sha256: _, ...stored } = JSON.parse(readFileSync(join(directory, 'final.json'), 'utf8'));
  assert.deepEqual(stored, final);
  const { summaryCsv } = await writeReport([directory], fresh());
  assert.match(readFileSync(summaryCsv, 'utf8'), /stopped at iteration 2: good enough/);
  assert.equal(readRun(directory).final?.['reason'], 'good enough');
  const resumed = await resume(directory, undefined, { env });
  const whole = await train(input, { env });
  assert.deepEqual(resumed.theta, whole.theta);
  assert.deepEqual(resumed.final, whole.final);
  assert.equal(whole.final['status'], 'done');
});

test('a stop in the last iteration is the end; in an evaluation it counts, too; a reason is needed', async () => {
  const stopAt = (iteration: number) => ({
    env,
    onIteration: ({ row, stop }: RunEvent & { row: { iteration: number } }) => {
      if (row.iteration === iteration) stop('enough');
    },
  });
  assert.equal((await train(input, stopAt(2))).final['status'], 'done');
  const evaluation = { every: 1, episodes: 2 };
  const onEvaluation = ({ stop }: RunEvent) => stop('seen enough');
  const stopped = await train({ ...input, evaluation }, { env, onEvaluation });
  assert.deepEqual([stopped.rows.length, stopped.final['reason']], [1, 'seen enough']);
  for (const reason of ['', undefined, 3]) {
    const onIteration = ({ stop }: RunEvent) => stop(reason as string);
    await assert.rejects(train(input, { env, onIteration }), { code: 'ERR_CALLBACK', message: /expected a reason/ });
  }
});

test('the policy acts, as long as the callbacks of its iteration last', async () => {
  const kept: TrainedPolicy[] = [];
  await train(input, {
    env,
    async onIteration({ policy }) {
      kept.push(policy);
      const actions = await policy.act(new Float32Array([0.1, 3, -0.2, 1]), { deterministic: true });
      assert.equal(actions.length, 2);
      const [weight0, weight1, bias] = policy.theta;
      const network = policy.spec.network;
      assert.equal(network.inputScaling, null);
      assert.ok(Math.abs(actions[0] - (weight0! * Math.fround(0.1) + weight1! * 3 + bias!)) < 1e-6);
    },
  });
  assert.equal(kept.length, 3);
  await assert.rejects(kept[0].act([0.1, 3]), { code: 'ERR_CLOSED' });
});

test('failed and interrupted runs end, too, with what ended them', async () => {
  const ends: [string, unknown][] = [];
  const onEnd = ({ status, error, final }: EndEvent) => {
    assert.equal(final, null);
    ends.push([status, error]);
    throw new Error('less important');
  };
  const onIteration = () => {
    throw new RangeError('mine');
  };
  const failure = train(input, { env, onEnd, onIteration });
  await assert.rejects(failure, { code: 'ERR_CALLBACK', message: 'the callback onIteration failed: mine' });
  const controller = new AbortController();
  const { signal } = controller;
  const interruption = train(input, { env, onEnd, signal, onIteration: () => controller.abort() });
  await assert.rejects(interruption, { code: 'ERR_ABORTED' });
  assert.deepEqual(
    ends.map(([status, error]) => [status, (error as { code: string }).code]),
    [
      ['failed', 'ERR_CALLBACK'],
      ['interrupted', 'ERR_ABORTED'],
    ],
  );
});

test('loggers that fail are named: when they throw, reject, or are asked for their progress', async () => {
  const directory = fresh();
  for (const [name, callbacks] of Object.entries<TrainCallbacks>({
    onIteration: { onIteration: () => Promise.reject(new Error('full disk')) },
    onProgress: { onProgress: () => Promise.reject(new Error('full disk')) },
    onCheckpoint: { onCheckpoint: () => assert.fail('full disk') },
    onEnd: { onEnd: () => assert.fail('full disk') },
  })) {
    const folder = `${directory}-${name}`;
    const loggers = [{ name: 'mine', ...callbacks }];
    await assert.rejects(train(input, { env, directory: folder, loggers }), {
      name: 'CallbackError',
      message: `${name} of logger "mine" failed: full disk`,
    });
    assert.equal((await resume(folder, undefined, { env })).rows.length, 3);
  }
});

test('what is no logger is refused by name, before anything is written', async () => {
  assert.deepEqual(
    listLoggers()
      .slice(0, 4)
      .map(({ name }) => name),
    ['console', 'json', 'csv', 'tensorboard'],
  );
  assert.throws(() => registerLogger({ ...getLogger('csv') }), { message: /logger "csv" is registered already/ });
  assert.throws(() => registerLogger({ name: 'a b', summary: '', create: () => ({}) }), { message: /name: expected/ });
  assert.throws(() => registerLogger({ name: 'x', summary: '' } as never), { message: /create: expected a function/ });
  registerLogger({ name: 'nothing', summary: '', create: () => undefined as never });
  registerLogger({ name: 'wrong', summary: '', create: () => ({ onIteration: 5 }) as never });
  const directory = fresh();
  for (const [logger, message] of [
    ['cvs', /unknown logger "cvs".*"csv"/],
    [5, /loggers\.0: expected a name, or a Logger/],
    [{ onIteration() {} }, /a logger: name: missing/],
    [{ name: 'x', onIteration: 5 }, /onIteration: expected a function/],
    ['nothing', /logger "nothing" created undefined/],
    ['wrong', /logger "wrong" created: onIteration: expected a function/],
  ] as const) {
    const options = { env, directory, loggers: [logger as string] };
    await assert.rejects(train(input, options), (error: { code: string; message: string }) => {
      assert.match(error.code, /^ERR_(ARGUMENT|NOT_FOUND)$/);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.throws(() => readRun(directory), { code: 'ERR_RUN_DIRECTORY' });
});

test('a logger made by a class keeps its own', async () => {
  class Counter {
    count = 0;
    onIteration() {
      this.count++;
    }
  }
  const counter = new Counter();
  registerLogger({ name: 'counter', summary: '', create: () => counter });
  await train(input, { env, loggers: ['counter'] });
  assert.equal(counter.count, 3);
});
