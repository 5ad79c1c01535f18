import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPaper } from '../../paper/index.js';
import { resolveConfig } from '../../src/train/config.js';
import {
  type Experiment,
  experimentConfig,
  getExperiment,
  listExperiments,
  mergeSettings,
  parseAssignments,
} from '../../src/train/experiments.js';

registerPaper();

test('assignments: dotted keys, JSON values, text otherwise', () => {
  const settings = parseAssignments(['a.b.c=1e-3', 'a.b.d=[3,4]', 'a.e=true', 'f=identity', 'g=a=b', 'h=']);
  assert.deepEqual(settings, { a: { b: { c: 0.001, d: [3, 4] }, e: true }, f: 'identity', g: 'a=b', h: '' });
});

test('assignments that cannot be read', () => {
  for (const word of ['a', '=1', 'a..b=1', '.a=1', '__proto__.x=1']) {
    assert.throws(() => parseAssignments([word]), { code: 'ERR_ARGUMENT' }, word);
  }
  assert.throws(() => parseAssignments(['a=1', 'a.b=2']), { code: 'ERR_ARGUMENT' });
});

test('merging goes object by object and replaces arrays; the base is not touched', () => {
  const base = { a: { b: 1, c: [1, 2] }, d: 2 };
  assert.deepEqual(mergeSettings(base, { a: { c: [3] }, e: {} }), { a: { b: 1, c: [3] }, d: 2, e: {} });
  assert.deepEqual(base, { a: { b: 1, c: [1, 2] }, d: 2 });
});

test('every preset resolves with every method it names', () => {
  for (const experiment of listExperiments()) {
    for (const method of Object.keys(experiment.methods)) {
      const config = resolveConfig(experimentConfig(experiment, { method }));
      // A method may be set up in several ways: vine/q-per-state.
      assert.equal(config.method, method.split('/')[0]);
    }
  }
});

test('the batches of Table 2', () => {
  const sampling = (name: string) => {
    const { options } = resolveConfig(experimentConfig(getExperiment(name)));
    return (options as { sampling: { steps: number; slots: number } }).sampling;
  };
  const { steps, slots } = sampling('swimmer');
  assert.equal(steps, 50_000);
  // Whole paths of 1000 steps: exactly fifty only if the slots divide fifty.
  assert.equal(50 % slots, 0);
  assert.equal(sampling('cartpole').steps, 256_000);
  assert.equal(sampling('hopper').steps, 1_000_000);
  assert.equal(sampling('walker').steps, 1_000_000);
});

test('unknown names are refused with the nearest known', () => {
  assert.throws(() => getExperiment('swimer'), /Did you mean "swimmer"/);
  const swimmer = getExperiment('swimmer');
  assert.throws(() => experimentConfig(swimmer, { method: 'single-pth' }), /single-path/);
  assert.throws(() => experimentConfig(swimmer, { settings: { samplin: {} } }), /Did you mean "sampling"/);
  const nested = { environment: { settings: { rom: 'pong.bin' } } };
  assert.throws(() => experimentConfig(swimmer, { settings: nested }), /environment\.settings is not one value/);
  const resolve = (settings: object) => resolveConfig(experimentConfig(swimmer, { settings: { ...settings } }));
  assert.throws(() => resolve({ trustRegion: { dampng: 1 } }), /trustRegion\.damping/);
  assert.throws(() => resolve({ trustRegion: { lineSearch: { trys: 1 } } }), /lineSearch\.tries/);
  assert.throws(() => resolve({ policy: { hiden: [] } }), /hidden/);
  assert.throws(() => resolve({ trustRegion: { klLimit: -1 } }), { code: 'ERR_ARGUMENT', message: /klLimit/ });
  assert.throws(() => resolve({ policy: { hidden: 'many' } }), { code: 'ERR_ARGUMENT', message: /policy\.hidden/ });
});

test('what a method’s preset says of the run goes over the experiment, and settings over both', () => {
  const experiment: Experiment = {
    name: 'groups',
    summary: '',
    track: 'modern',
    environment: 'cartpole',
    environmentSettings: { a: 1, b: 1 },
    policy: { hidden: [8], activation: 'tanh' },
    iterations: 5,
    simulatorSteps: 1000,
    evaluation: { every: 2, episodes: 3 },
    methods: {
      'single-path': {},
      ppo: {
        policy: { hidden: [16] },
        environment: { b: 2 },
        evaluation: { episodes: 7 },
        clip: 0.1,
      },
    },
  };
  const plain = experimentConfig(experiment);
  assert.deepEqual(plain.policy, { hidden: [8], activation: 'tanh' });
  assert.deepEqual([plain.environment.settings, plain.simulatorSteps], [{ a: 1, b: 1 }, 1000]);
  const own = experimentConfig(experiment, { method: 'ppo' });
  assert.deepEqual(own.policy, { hidden: [16], activation: 'tanh' });
  assert.deepEqual(own.environment.settings, { a: 1, b: 2 });
  assert.deepEqual(own.evaluation, { every: 2, episodes: 7 });
  assert.deepEqual(own.options, { clip: 0.1 });
  const settings = { policy: { hidden: [4] }, environment: { b: 3 }, evaluation: { every: 1 } };
  const given = experimentConfig(experiment, { method: 'ppo', settings, simulatorSteps: 10 });
  assert.deepEqual(given.policy, { hidden: [4], activation: 'tanh' });
  assert.deepEqual(given.environment.settings, { a: 1, b: 3 });
  assert.deepEqual([given.evaluation, given.simulatorSteps], [{ every: 1, episodes: 7 }, 10]);
});
