import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { registerPaper } from '../../paper/index.js';
import { defineEnv } from '../../src/env/define-env.js';
import { registerEnv } from '../../src/env/registry.js';
import { box, discrete } from '../../src/env/spaces.js';
import type { ActionSpace } from '../../src/env/types.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { evaluatePolicy, evaluateRun } from '../../src/train/evaluate.js';
import { resume, train } from '../../src/train/train.js';
import { withoutChecksums } from '../helpers/old-run.js';
import { gaussianPolicy } from '../helpers/training.js';

registerPaper();

const root = mkdtempSync(join(tmpdir(), 'trellis-identity-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = () => join(root, `run${made++}`);

interface Parts {
  id?: string;
  gain?: number;
  observation?: number;
  action?: ActionSpace;
  maxEpisodeSteps?: number;
}

function line({ id = 'line', gain = 1, observation = 2, action = box([1], -1, 1), maxEpisodeSteps = 5 }: Parts = {}) {
  return defineEnv({
    id,
    parameters: { gain },
    stateSize: 1,
    observation,
    action,
    maxEpisodeSteps,
    secondsPerStep: 1,
    start(state, at, draw) {
      state[at] = draw(0);
    },
    step({ state, actions, rewards }, first, end) {
      for (let slot = first; slot < end; slot++) {
        state[slot] += gain * actions[slot];
        rewards[slot] = -Math.abs(state[slot]);
      }
    },
    observe(state, observations, first, end) {
      for (let slot = first; slot < end; slot++)
        observations.fill(state[slot], slot * observation, (slot + 1) * observation);
    },
  });
}

const input = (id: string) => ({
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 1,
  environment: { id },
  options: { sampling: { steps: 60, slots: 4 } },
});
const edit = <T>(directory: string, name: string, change: (json: T) => void) => {
  withoutChecksums(directory);
  const json = JSON.parse(readFileSync(join(directory, name), 'utf8')) as T;
  change(json);
  writeFileSync(join(directory, name), JSON.stringify(json));
};

test('a policy is evaluated only where it observes and does what the environment says', async () => {
  const spec = gaussianPolicy(2, [], 1);
  const policy = { spec, theta: initialPolicyParameters(spec, 0) };
  await evaluatePolicy(policy, line(), { episodes: 1 });
  for (const [other, message] of [
    [line({ observation: 3 }), /observes float32 \[2\] .*expected float32 \[3\]/],
    [line({ action: box([2], -1, 1) }), /actions are 1 real numbers .*expected 2 real numbers/],
    [line({ action: discrete(3) }), /expected choices of \[3\]/],
  ] as const) {
    await assert.rejects(evaluatePolicy(policy, other, { episodes: 1 }), { code: 'ERR_ARGUMENT', message });
  }
});

test('a run goes on only with the environment it was trained on', async () => {
  const directory = fresh();
  const env = line();
  await train(input('line'), { env, directory });
  for (const other of [
    { id: 'other' },
    { gain: 2 },
    { observation: 3 },
    { maxEpisodeSteps: 6 },
    { action: discrete(2) },
  ]) {
    await assert.rejects(resume(directory, 2, { env: line(other) }), {
      code: 'ERR_ARGUMENT',
      message: /not the environment/,
    });
  }
  await assert.rejects(resume(directory, 2), { code: 'ERR_RUN_DIRECTORY', message: /program's own.*\{ env \}/ });
  assert.equal((await resume(directory, 2, { env: line() })).rows.length, 2);
  await assert.rejects(evaluateRun(directory), { code: 'ERR_RUN_DIRECTORY', message: /evaluatePolicy\(policy, env\)/ });
});

test("an own environment under a built-in's name is not evaluated, nor resumed, on the built-in", async () => {
  const directory = fresh();
  await train(input('cartpole'), { env: line({ observation: 4 }), directory });
  await assert.rejects(evaluateRun(directory), { code: 'ERR_RUN_DIRECTORY', message: /program's own/ });
  await assert.rejects(resume(directory, 2), { code: 'ERR_RUN_DIRECTORY', message: /program's own/ });
});

test('registered environments: evaluated by name, refused where another has the name meanwhile', async () => {
  const directory = fresh();
  let changes = {};
  registerEnv('test-line', () => line({ id: 'test-line', ...changes }));
  await train(input('test-line'), { directory });
  await evaluateRun(directory, { episodes: 2 });
  changes = { gain: 3 };
  await assert.rejects(evaluateRun(directory), {
    code: 'ERR_RUN_DIRECTORY',
    message: /trained on another "test-line"/,
  });
  await assert.rejects(resume(directory, 2), { code: 'ERR_RUN_DIRECTORY', message: /trained on another "test-line"/ });
  // On another machine nobody can tell: a compiled model's hash may differ there.
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  edit(directory, 'policy.json', ({ metadata }: { metadata: { platform: { addon: string } } }) => {
    metadata.platform.addon = 'another';
  });
  await evaluateRun(directory, { episodes: 2, onWarning });
  assert.match(warnings.join(), /not quite what .* was trained on/);
});

test('runs of before, which do not say so exactly, go on with a note', async () => {
  const directory = fresh();
  await train(input('cartpole'), { directory });
  const forget = ({ environment }: { environment: { identity?: string } }) => {
    delete environment.identity;
  };
  edit(directory, 'config.json', forget);
  edit(directory, 'policy.json', ({ metadata }: { metadata: { environment: object; platform?: object } }) => {
    forget(metadata);
    delete metadata.platform;
  });
  for (const work of [evaluateRun, (path: string, options: object) => resume(path, 2, options)]) {
    const warnings: string[] = [];
    await work(directory, { onWarning: (message: string) => warnings.push(message) });
    assert.match(warnings.join(), /does not say which "cartpole"/);
  }
});

test('notes that are no environment: text, nothing, another shape', async () => {
  const directory = fresh();
  await train(input('cartpole'), { directory });
  for (const environment of ['cartpole', 7, { name: 'cartpole' }, [], null]) {
    edit(directory, 'policy.json', ({ metadata }: { metadata: { environment: unknown } }) => {
      metadata.environment = environment;
    });
    await assert.rejects(evaluateRun(directory), { code: 'ERR_RUN_DIRECTORY', message: /expected an object, such as/ });
  }
  edit(directory, 'policy.json', ({ metadata }: { metadata: { environment?: unknown } }) => {
    delete metadata.environment;
  });
  await assert.rejects(evaluateRun(directory), { code: 'ERR_RUN_DIRECTORY', message: /does not say which/ });
});
