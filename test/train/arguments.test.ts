import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPaper } from '../../paper/index.js';
import * as trellis from '../../src/index.js';
import { ReferenceEngine } from '../../src/network/engines/reference.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

registerPaper();

// What plain JavaScript may call: nothing of it is checked by types.
const { evaluatePolicy, evaluateRun, experimentConfig, getExperiment, resolveConfig, resume, train } =
  trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const { advantages, conjugateGradient, discountedReturns, klDivergence, logLikelihood, meanEntropy, mergeSettings } =
  trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const { getAlgorithm, importanceSampledSurrogate, parseAssignments, policySpecFor, timeDependentBaseline } =
  trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const { defineAlgorithm, getLogger, registerAlgorithm, registerExperiment, registerLogger } =
  trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const { askActor, discountedQ, drawActions, playEpisodes, takeModes } = trellis as unknown as Record<
  string,
  (...given: unknown[]) => unknown
>;
const { Lockstep, VineSampler } = trellis as unknown as Record<string, new (...given: unknown[]) => unknown>;
const { trustRegionStep } = trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const { deserializeSnapshot, findAtariGame, initialTheta, readPolicy, readRom, readRun, savePolicy } =
  trellis as unknown as Record<string, (...given: unknown[]) => unknown>;
const createPolicy = trellis.Policy.create as unknown as (...given: unknown[]) => unknown;
const deserializeStates = trellis.AtariStates.deserialize as unknown as (...given: unknown[]) => unknown;

/** Only the prototype, or all but the memory, is that of a typed array. */
const forged = () => Object.create(Float64Array.prototype) as unknown;
const proxied = () => new Proxy(new Float64Array(2), {});
function detached() {
  const bytes = new Uint8Array(100);
  structuredClone(null, { transfer: [bytes.buffer] });
  return bytes;
}
const once = { iterations: 1, residualTolerance: 0 };

const config = {
  experiment: 'test',
  track: 'custom',
  method: 'single-path',
  seed: 3,
  iterations: 1,
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
};
const env = countingEnv(5);
const spec = gaussianPolicy(2, [], 1);
const policy = { spec, theta: new Float32Array(4) };
const distribution = trellis.makeDistribution(spec.distribution);
const cartpole = trellis.getExperiment('cartpole');
const acting = { engine: new ReferenceEngine(spec.network), distribution };
const branching = { rolloutStates: 2, rolloutLength: 2 };
const set = { actions: new Float32Array(3), logQ: new Float32Array(3) };

/** Paths of one step each, so many, with so many times. */
const steps = (count: number, times: number) => ({
  rewards: new Float32Array(count),
  timeIndex: new Int32Array(times),
  episodes: { offsets: Int32Array.from({ length: count + 1 }, (_, i) => i) },
});

const refused: [name: string, call: () => unknown, message: RegExp][] = [
  ['train()', () => train(), /configuration is undefined/],
  ['train: nothing of a configuration', () => train({}), /experiment: .*method: .*seed: .*iterations: .*environment: /],
  ['train: options that are none', () => train(config, 5), /training options: expected an object, not 5/],
  ['train: unknown option', () => train(config, { env, dir: 'x' }), /"dir".*Did you mean "directory"/],
  ['train: no directory', () => train(config, { env, directory: '' }), /directory: expected a path/],
  ['train: threads', () => train(config, { env, threads: 0.5 }), /threads: expected an integer, not 0\.5/],
  ['train: no environment', () => train(config, { env: {} }), /env: expected an EnvFactory/],
  ['train: no signal', () => train(config, { env, signal: true }), /signal: expected an AbortSignal/],
  ['train: callbacks', () => train(config, { env, onIteration: 1, onStart: 2 }), /onStart: .*onIteration: /],
  ['seed beyond 2^53', () => train({ ...config, seed: 2 ** 53 }), /seed: expected an integer up to 9007199254740991/],
  ['seed with a fraction', () => train({ ...config, seed: 1.5 }), /seed: expected an integer, not 1\.5/],
  ['one unit', () => resolveConfig({ ...config, policy: { hidden: 64 } }), /policy\.hidden: expected a list of units/],
  [
    'too many layers',
    () => resolveConfig({ ...config, policy: { hidden: Array(101).fill(1) } }),
    /policy\.hidden: expected 100 layers at most/,
  ],
  ['too wide', () => resolveConfig({ ...config, policy: { hidden: [1e9] } }), /policy\.hidden\.0: Too big/],
  ['too large', () => train({ ...config, policy: { hidden: Array(20).fill(60_000) } }, { env }), /2\^31/],
  [
    'unknown keys and wrong values at once',
    () => resolveConfig({ ...config, options: { sampling: { slts: 2, steps: 'x' }, trustRegion: { klLimt: 1 } } }),
    /"sampling\.slts".*sampling\.steps: expected a number, not "x".*"klLimt"/,
  ],
  [
    'growth backwards',
    () => resolveConfig({ ...config, options: { estimator: { growth: { discount: 0.9, from: 5, to: 3 } } } }),
    /growth: expected from < to/,
  ],
  ['resume()', () => resume(), /run directory is undefined/],
  ['resume: nowhere', () => resume(''), /run directory is ""/],
  ['resume: iterations', () => resume('x', '3'), /a total of "3" iterations/],
  ['resume: elsewhere', () => resume('x', 3, { directory: 'y' }), /stays in its directory/],
  ['evaluateRun()', () => evaluateRun(), /run directory is undefined/],
  ['evaluateRun: unknown option', () => evaluateRun('x', { episode: 3 }), /Did you mean "episodes"/],
  ['evaluatePolicy()', () => evaluatePolicy(), /environment is undefined/],
  ['evaluatePolicy: θ', () => evaluatePolicy({ spec, theta: [1] }, env), /θ of the policy is an array of 1/],
  ['evaluatePolicy: seed', () => evaluatePolicy(policy, env, { seed: 0.5 }), /seed: expected an integer/],
  ['getExperiment', () => getExperiment(5), /unknown experiment "5"/],
  ['train: no logger', () => train(config, { env, loggers: 'csv' }), /loggers: expected a list/],
  ['train: no method', () => train(config, { env, algorithm: 'cem' }), /algorithm: expected a method/],
  ['resume: no method', () => resume('x', 3, { algorithm: {} }), /a method: name: missing/],
  ['registerAlgorithm()', () => registerAlgorithm(), /a method: missing; expected an object/],
  ['defineAlgorithm: null', () => defineAlgorithm(null), /a method: expected an object, not null/],
  ['registerLogger()', () => registerLogger(), /a logger: missing; expected an object/],
  ['getLogger', () => getLogger(5), /unknown logger "5"/],
  ['registerExperiment()', () => registerExperiment(), /an experiment: missing; expected an object/],
  [
    'registerExperiment: nothing of a preset',
    () => registerExperiment({ name: 'a b', methods: {} }),
    /name: expected letters.*track: .*environment: missing.*policy: missing.*iterations: missing.*options of a method/,
  ],
  ['getAlgorithm', () => getAlgorithm(), /unknown method "undefined"/],
  ['experimentConfig()', () => experimentConfig(), /the experiment is undefined/],
  ['experimentConfig: unknown choice', () => experimentConfig(cartpole, { iteration: 1 }), /Did you mean "iterations"/],
  ['experimentConfig: settings', () => experimentConfig(cartpole, { settings: { policy: 5 } }), /settings\.policy: /],
  ['experimentConfig: inherited names', () => experimentConfig(cartpole, { method: 'toString' }), /unknown method/],
  ['mergeSettings', () => mergeSettings({}, 2), /settings are 2/],
  ['parseAssignments', () => parseAssignments('a=1'), /words are "a=1"/],
  ['policySpecFor()', () => policySpecFor(), /specification is undefined/],
  ['policySpecFor: settings', () => policySpecFor(env.spec, { hidden: 64 }), /hidden: expected a list of units/],
  ['advantages()', () => advantages(), /rewards: undefined/],
  ['advantages: options', () => advantages(steps(1, 1), { baseline: 'tim', scaling: 's' }), /baseline: .*scaling: /],
  ['advantages: lengths', () => advantages(steps(2, 1)), /timeIndex .*expected 2/],
  ['discountedQ', () => discountedQ('0.9'), /discount "0\.9"; expected 0 … 1/],
  ['VineSampler()', () => new VineSampler(), /sampling options/],
  [
    'VineSampler: estimate',
    () => new VineSampler(env, acting, branching),
    /estimate is undefined; expected a function/,
  ],
  ['VineSampler: options', () => new VineSampler(env, acting, { ...branching, trunk: 1 }), /"trunk".*"trunks"/],
  ['Lockstep()', () => new Lockstep(), /environment is undefined; expected a VectorEnv/],
  ['Lockstep: distParamSize', () => new Lockstep(env.make(1), {}), /distParamSize = undefined/],
  ['drawActions', () => drawActions({ engine: {} }), /the policy is an object; expected an object of an engine/],
  ['takeModes', () => takeModes(), /the policy is undefined/],
  ['askActor', () => askActor(5, env.spec), /the actor is 5; expected a function/],
  ['playEpisodes', () => playEpisodes(new Lockstep(env.make(1), { distParamSize: 0 }), {}, {}, {}), /mayBegin/],
  [
    'timeDependentBaseline: times that no path has',
    () => timeDependentBaseline(new Float64Array(2), Int32Array.of(0, 2 ** 31 - 1)),
    /timeIndex 1 is 2147483647/,
  ],
  ['timeDependentBaseline: no start', () => timeDependentBaseline(new Float64Array(2), Int32Array.of(1, 1)), /time 0/],
  ['discountedReturns', () => discountedReturns(new Float32Array(3), Int32Array.of(0, 9), 0.9), /offset 1 is 9/],
  ['discountedReturns: γ', () => discountedReturns(new Float32Array(3), Int32Array.of(0, 3), 2), /discount 2/],
  ['conjugateGradient()', () => conjugateGradient(), /product is undefined/],
  [
    'conjugateGradient: a product of another length',
    () =>
      conjugateGradient(() => new Float32Array(1), new Float64Array(2).fill(1), {
        iterations: 3,
        residualTolerance: 0,
      }),
    /product is Float32Array of 1; .* of 2/,
  ],
  ['conjugateGradient: forged', () => conjugateGradient((v: unknown) => v, forged(), once), /b is an object/],
  ['conjugateGradient: proxy', () => conjugateGradient((v: unknown) => v, proxied(), once), /b is an object/],
  [
    'conjugateGradient: a length that lies',
    () =>
      conjugateGradient((v: unknown) => v, Object.defineProperty(new Float64Array(2), 'length', { value: -1 }), once),
    /b: its length property says -1/,
  ],
  ['conjugateGradient: a forged product', () => conjugateGradient(forged, Float64Array.of(1), once), /the product is/],
  ['Policy.create()', () => createPolicy(), /policy: undefined/],
  ['Policy.create(null)', () => createPolicy(null), /policy: null; expected an object of spec and theta/],
  ['savePolicy: null', () => savePolicy('x', null), /policy: null/],
  ['savePolicy: no path', () => savePolicy('a\0b', policy), /directory of a policy: /],
  ['readPolicy: no path', () => readPolicy([1]), /directory of a policy: an array of 1; expected a path/],
  ['readRun: no path', () => readRun(new Float32Array(2)), /directory of a run: Float32Array of 2/],
  ['readRun: zero bytes', () => readRun('\0'), /directory of a run: /],
  ['findAtariGame: null', () => findAtariGame(null), /unknown Atari game "null"/],
  ['findAtariGame: an object', () => findAtariGame({ toLowerCase: 1 }), /unknown Atari game "an object"/],
  ['readRom: a number', () => readRom(3), /unknown Atari game "3"/],
  ['deserializeSnapshot: detached', () => deserializeSnapshot(detached()), /a snapshot: its memory was detached/],
  [
    'AtariStates.deserialize: detached',
    () => deserializeStates(detached()),
    /saved Atari states: its memory was detached/,
  ],
  ['initialTheta: no function', () => initialTheta(spec.network, 1, { output: [1] }), /output: an array of 1/],
  [
    'initialTheta: no list',
    () => initialTheta(spec.network, 1, { stateIndependent: { length: 1 } }),
    /state-independent outputs: an object/,
  ],
  ['importanceSampledSurrogate()', () => importanceSampledSurrogate(), /distribution is undefined/],
  [
    'importanceSampledSurrogate: lengths',
    () => importanceSampledSurrogate(distribution, set, new Float64Array(2)),
    /advantages .*expected 3/,
  ],
  ['logLikelihood', () => logLikelihood(distribution, set, new Float64Array(2)), /weights .*expected 3/],
  ['klDivergence', () => klDivergence(distribution, new Float32Array(4), new Float32Array(2)), /current has 1 rows/],
  ['meanEntropy', () => meanEntropy(distribution, new Float32Array(3)), /expected rows of 2/],
  ['trustRegionStep()', () => trustRegionStep(), /engine of the problem is undefined/],
  ['trustRegionStep: options', () => trustRegionStep({}, { klLimt: 1 }), /Did you mean "klLimit"/],
];

for (const [name, call, message] of refused) {
  test(`refused with the argument's name: ${name}`, async () => {
    await assert.rejects(
      async () => call(),
      (error: trellis.TrellisError) => {
        assert.ok(error instanceof trellis.TrellisError, String(error));
        assert.match(error.code, /^ERR_(ARGUMENT|NOT_FOUND|SNAPSHOT)$/);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

for (const definition of trellis.listAlgorithms()) {
  test(`${definition.name} is not created without a context, or with options that are none`, async () => {
    const create = definition.create as (...given: unknown[]) => unknown;
    const refusal = (message: RegExp) => ({ code: 'ERR_ARGUMENT', message });
    assert.throws(() => create(), refusal(/the context of an algorithm is undefined/));
    assert.throws(() => create({ env }, {}), refusal(/the context of an algorithm: policy is undefined/));
    const context = { env, policy: spec, ...(await referencePolicy(spec)), seed: 1 };
    assert.throws(() => create(context, {}), refusal(/initialTheta: undefined/));
    const whole = { ...context, initialTheta: new Float32Array(4) };
    assert.throws(() => create(whole, 5), refusal(/settings of .*: expected an object, not 5/));
    assert.throws(() => create(whole), refusal(/settings of /));
  });
}

test('a metric whose sizes are no numbers is refused', async () => {
  const { engine } = await referencePolicy(spec);
  const loaded = await engine.load(new Float32Array(2), 1);
  const holes = new Array(2 ** 32 - 1);
  for (const sizes of [[proxied()], [holes], holes, ['2'], [2n]]) {
    const metric = { kind: 'categorical', sizes } as never;
    const product = async () => engine.fisherVectorProduct(loaded, new Float32Array(4), metric);
    await assert.rejects(product, { code: 'ERR_ARGUMENT', message: /a categorical metric/ });
  }
});

test('a sampler refuses an engine whose policy does not fit its environment', async () => {
  const policy = await referencePolicy(gaussianPolicy(3, [], 1));
  const make = (options: object) => new trellis.SinglePathSampler(env, policy, options as trellis.SinglePathOptions);
  assert.throws(() => make({ steps: 10, slots: 2 }), { code: 'ERR_ARGUMENT', message: /observes float32 \[3\]/ });
  assert.throws(() => make({ steps: 10 }), { code: 'ERR_ARGUMENT', message: /slots: missing/ });
  const two = { ...policy, distribution: trellis.makeDistribution({ kind: 'gaussian', dimensions: 2 }) };
  for (const wrong of [undefined, policy.engine, {}, two]) {
    const sampler = () => new trellis.SinglePathSampler(env, wrong as trellis.ActingPolicy, { steps: 10, slots: 2 });
    assert.throws(sampler, { code: 'ERR_ARGUMENT', message: /policy|2 outputs for a gaussian/ });
  }
});

test('settings called like what every object has are settings', () => {
  assert.deepEqual(parseAssignments(['constructor.x=1']), { constructor: { x: 1 } });
  assert.throws(() => experimentConfig(cartpole, { settings: { constructor: { x: 1 } } }), { code: 'ERR_NOT_FOUND' });
});
