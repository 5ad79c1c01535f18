/** What a method may be wrong about, and that it is told by name. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { registerPaper } from '../../paper/index.js';
import {
  type Algorithm,
  type AlgorithmDefinition,
  defineAlgorithm,
  experimentConfig,
  getAlgorithm,
  getExperiment,
  type IterationReport,
  listAlgorithms,
  registerAlgorithm,
  resume,
  type TrainOptions,
  train,
} from '../../src/index.js';
import { decodeCheckpoint } from '../../src/train/checkpoint.js';
import { line, search } from './own/search.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-define-'));
after(() => rmSync(root, { recursive: true }));
registerPaper();
let made = 0;
const fresh = () => join(root, `run${made++}`);

const config = {
  experiment: 'test',
  track: 'custom' as const,
  seed: 1,
  iterations: 3,
  engine: 'reference',
  environment: { id: 'own-line' },
};
const given = { env: line, algorithm: search, threads: 1 };

test('an unregistered method is trained and resumed to the same end; its settings are typed', async () => {
  const whole = fresh();
  const parts = fresh();
  const options = { spread: 0.2 };
  await train({ ...config, options }, { ...given, directory: whole });
  await train({ ...config, iterations: 1, options }, { ...given, directory: parts });
  const { rows } = await resume(parts, 3, given);
  assert.equal(rows.length, 3);
  for (const name of ['checkpoint', 'final.json', 'policy.safetensors', 'config.json']) {
    assert.deepEqual(readFileSync(join(parts, name)), readFileSync(join(whole, name)), name);
  }
  // @ts-expect-error an option of another type
  await assert.rejects(train({ ...config, options: { spread: 'wide' } }, given), {
    code: 'ERR_ARGUMENT',
    message: /settings of own-search: spread: expected a number, not "wide"/,
  });
  await assert.rejects(resume(parts, 4, { env: line }), {
    code: 'ERR_RUN_DIRECTORY',
    message: /unknown method "own-search".*registerAlgorithm.*\{ algorithm \}/,
  });
  const other = defineAlgorithm({ ...search, name: 'other' });
  await assert.rejects(resume(parts, 4, { ...given, algorithm: other }), { message: /method given is "other"/ });
  await assert.rejects(train({ ...config, method: 'cem' }, given), { message: /"own-search".*"cem"/ });
});

test('policy settings: defaults, then the method, then the run; or a specification of its own', async () => {
  const hidden = async (policy: { hidden?: number[] }, algorithm = search) =>
    (await train({ ...config, iterations: 1, policy }, { ...given, algorithm })).policy.network.layers.map((layer) =>
      layer.kind === 'dense' ? layer.units : 0,
    );
  assert.deepEqual(await hidden({}), [3, 1]);
  assert.deepEqual(await hidden({ hidden: [5, 4] }), [5, 4, 1]);
  const own = defineAlgorithm({
    ...search,
    policySpec: (env) => ({
      network: {
        inputShape: env.observationSpace.shape,
        inputType: 'float32',
        inputScaling: null,
        layers: [{ kind: 'dense', units: 2, activation: 'linear' }],
      },
      distribution: { kind: 'gaussian', dimensions: 1 },
    }),
  });
  assert.deepEqual(await hidden({}, own), [2]);
});

test('the state is checked for its shape on resume, but for what may vary', async () => {
  const directory = fresh();
  await train(config, { ...given, directory });
  const checkpoint = decodeCheckpoint(readFileSync(join(directory, 'checkpoint')), 'checkpoint');
  assert.deepEqual(checkpoint.state['history']?.constructor, Uint8Array);
  assert.equal(checkpoint.state['history']?.length, 3);
  /** The same method with a state of another shape. */
  const variant = (change: (algorithm: Algorithm) => Partial<Algorithm>) => {
    const create: (typeof search)['create'] = async (context, options) => {
      const algorithm = await search.create(context, options);
      const { variableState } = algorithm;
      const same: Algorithm = {
        iterate: (...call) => algorithm.iterate(...call),
        theta: () => algorithm.theta(),
        saveState: () => algorithm.saveState(),
        loadState: (state) => algorithm.loadState(state),
        close: () => algorithm.close(),
        variableState,
      };
      return { ...same, ...change(algorithm) };
    };
    return { ...given, algorithm: { ...search, create } };
  };
  const cases: [string, (algorithm: Algorithm) => Partial<Algorithm>, RegExp][] = [
    [
      'longer',
      (of) => ({ saveState: () => ({ ...of.saveState(), 'value.theta': new Float32Array(99) }) }),
      /Float32Array of 25 as "value\.theta" of method "own-search"; expected Float32Array of 99\..*new run/,
    ],
    [
      'of another type',
      (of) => ({ saveState: () => ({ ...of.saveState(), theta: new Float64Array(11) }) }),
      /Float32Array of 11 as "theta".*Float64Array of 11/,
    ],
    ['one more', (of) => ({ saveState: () => ({ ...of.saveState(), more: new Int32Array(1) }) }), /nothing as "more"/],
    ['nothing varies', () => ({ variableState: [] }), /Uint8Array of 3 as "history".*Uint8Array of 0/],
  ];
  for (const [name, change, message] of cases) {
    await assert.rejects(resume(directory, 4, variant(change)), { code: 'ERR_RUN_DIRECTORY', message }, name);
  }
  assert.equal(
    (
      await resume(
        directory,
        4,
        variant(() => ({ variableState: ['his*'] })),
      )
    ).rows.length,
    4,
  );
  const changed = { ...given, algorithm: { ...search, columns: ['difference'] } };
  await assert.rejects(resume(directory, 5, changed), {
    code: 'ERR_RUN_DIRECTORY',
    message: /progress\.csv has the columns .*value_loss.*those of method "own-search"/,
  });
  assert.equal((await resume(directory, 5, given)).rows.length, 5);
});

const report: IterationReport = { simulatorSteps: 1, episodes: { returns: [1], lengths: [1] }, diagnostics: {} };

/** A method that does nothing, but for what is wrong with it. */
function broken(wrong: Partial<Algorithm> | null, of: Partial<AlgorithmDefinition> = {}): TrainOptions {
  const algorithm: AlgorithmDefinition = {
    name: 'broken',
    summary: '',
    options: z.strictObject({}),
    columns: ['mine'],
    create: ({ initialTheta }) =>
      wrong === null
        ? (undefined as unknown as Algorithm)
        : {
            iterate: async () => report,
            theta: () => initialTheta,
            saveState: () => ({}),
            loadState: () => {},
            close: () => {},
            ...wrong,
          },
    ...of,
  };
  return { ...given, algorithm };
}

test('the smallest method there is', async () => {
  const { rows } = await train(config, broken({}));
  assert.deepEqual(
    rows.map(({ mean_return, mine }) => [mean_return, mine]),
    [1, 2, 3].map(() => [1, Number.NaN]),
  );
});

const reporting = (wrong: object) => ({ iterate: async () => ({ ...report, ...wrong }) });
const refused: [name: string, options: () => TrainOptions, message: RegExp][] = [
  ['no name', () => broken({}, { name: '' }), /name: expected lower-case letters/],
  ['a name with a slash', () => broken({}, { name: 'a/b' }), /name: expected lower-case letters/],
  ['an unknown part', () => broken({}, { optoins: 1 } as object), /"optoins".*"options"/],
  ['no schema', () => broken({}, { options: {} as never }), /options: expected an object schema of zod 4/],
  ['a schema of no object', () => broken({}, { options: z.number() as never }), /options: expected an object schema/],
  ['an option of every run', () => broken({}, { options: z.object({ policy: z.int() }) }), /has an option "policy"/],
  [
    'a column in capitals',
    () => broken({}, { columns: ['Mine'] }),
    /column 0 of method "broken": name: expected lower-case/,
  ],
  ['a column twice', () => broken({}, { columns: ['mine', 'mine'] }), /"mine" is there twice/],
  ['the first column', () => broken({}, { columns: ['iteration'] }), /"iteration" is every progress\.csv's first/],
  [
    'a column of nothing',
    () => broken({}, { columns: [{ name: 'a', titel: 'b' }] as never }),
    /"titel".*Did you mean "title"/,
  ],
  ['a policy that is none', () => broken({}, { policy: { hidden: 3 } as never }), /policy\.hidden: expected a list/],
  ['no create', () => broken({}, { create: 1 as never }), /create: expected a function/],
  ['nothing created', () => broken(null), /method "broken" created undefined without iterate\(\)/],
  ['no close', () => broken({ close: 1 as never }), /created an object without close\(\)/],
  ['no report', () => broken({ iterate: async () => undefined as never }), /report of method "broken": simulatorSteps/],
  ['no steps', () => broken(reporting({ simulatorSteps: NaN })), /report of method "broken": simulatorSteps is NaN/],
  ['no episodes', () => broken(reporting({ episodes: undefined })), /report of method "broken": episodes/],
  [
    'episodes that differ',
    () => broken(reporting({ episodes: { returns: [1], lengths: [] } })),
    /one of each an episode/,
  ],
  ['diverged', () => broken(reporting({ diverged: -1 })), /diverged is -1/],
  ['an unknown column', () => broken(reporting({ diagnostics: { mien: 1 } })), /"mien".*Did you mean "mine"/],
  ['text in a column', () => broken(reporting({ diagnostics: { mine: '1' } })), /mine is "1"; expected a number/],
  [
    'no diagnostics',
    () => broken(reporting({ diagnostics: null })),
    /diagnostics in the report of method "broken": null/,
  ],
  ['θ of another size', () => broken({ theta: () => new Float32Array(1) }), /theta\(\) of method "broken"/],
  ['θ of another type', () => broken({ theta: () => [1] as never }), /a Float32Array/],
  [
    'a state of lists',
    () => broken({ saveState: () => ({ x: [1] }) as never }),
    /"x" is an array of 1; expected one of/,
  ],
  ['no state', () => broken({ saveState: () => null as never }), /saveState\(\) of method "broken": null/],
  ['no method', () => ({ env: line, algorithm: 5 as never }), /algorithm: expected a method/],
];
for (const [name, options, message] of refused) {
  test(`refused by its name: ${name}`, async () => {
    await assert.rejects(
      async () => train(config, options()),
      (error: { code: string; message: string }) => {
        assert.match(error.code ?? String(error), /^ERR_(ARGUMENT|NOT_FOUND)$/);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('the registry: each name once, built-in ones included', () => {
  registerAlgorithm(search);
  assert.equal(getAlgorithm('own-search').summary, search.summary);
  assert.equal(listAlgorithms().at(-1)?.name, 'own-search');
  for (const name of ['own-search', 'cem']) {
    assert.throws(() => registerAlgorithm({ ...search, name }), {
      code: 'ERR_ARGUMENT',
      message: `the method "${name}" is registered already; expected a free name`,
    });
  }
  assert.throws(() => getAlgorithm('own-serch'), { code: 'ERR_NOT_FOUND', message: /Did you mean "own-search"/ });
});

test('a registered method trains on any experiment, with its own defaults and on no track of others', () => {
  const experiment = getExperiment('cartpole');
  const { method, track, options, policy } = experimentConfig(experiment, {
    method: 'own-search',
    settings: { spread: 0.3, evaluation: { every: 5 } },
  });
  assert.deepEqual([method, track, options], ['own-search', 'custom', { spread: 0.3 }]);
  assert.deepEqual(policy, experiment.policy);
  assert.equal(experimentConfig(experiment, { method: 'vine' }).track, '2015');
  for (const wrong of ['own-search/large', 'vine/large', 'none']) {
    assert.throws(() => experimentConfig(experiment, { method: wrong }), { code: 'ERR_NOT_FOUND' });
  }
});

test('what signal.throwIfAborted() throws is an interruption', async () => {
  const controller = new AbortController();
  const iterate: Algorithm['iterate'] = async (_iteration, hooks) => {
    controller.abort();
    hooks?.signal?.throwIfAborted();
    return report;
  };
  const run = train(config, { ...broken({ iterate }), signal: controller.signal });
  await assert.rejects(run, { name: 'AbortedError', code: 'ERR_ABORTED' });
});
