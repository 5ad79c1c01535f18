import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ArgumentError, ClosedError } from '../../src/base/errors.js';
import { ReferenceEngine } from '../../src/network/engines/reference.js';
import { parameterCount } from '../../src/network/layout.js';
import type { LoadedObservations, Metric, NetworkEngine, NetworkSpec } from '../../src/network/types.js';
import { trialObservations, trialParameters } from './conformance.js';
import { draws } from './draws.js';

const network = (activation: 'tanh' | 'softplus' | 'relu', clip: number | null = null): NetworkSpec => ({
  inputShape: [3],
  inputType: 'float32',
  inputScaling: clip === null ? null : { offset: 0, scale: 1, clip },
  layers: [
    { kind: 'dense', units: 5, activation },
    { kind: 'dense', units: 2, activation: 'linear' },
  ],
});
const gaussian = (activation: 'tanh' | 'softplus' | 'relu', clip?: number): NetworkSpec => ({
  ...network(activation, clip),
  stateIndependentOutputs: 2,
});
const metric: Metric = { kind: 'gaussian' };
const spec = gaussian('tanh');
const P = parameterCount(spec);
const n = 40;
const m = 4;

type Call = (engine: NetworkEngine, data: LoadedObservations) => Promise<unknown>;
type Loose = (...given: unknown[]) => Promise<unknown>;

/** A method of the engine that takes anything. */
const call = (engine: NetworkEngine, method: keyof NetworkEngine, ...given: unknown[]) =>
  (engine[method] as Loose).apply(engine, given);

function detach<Typed extends Float32Array | Uint8Array>(array: Typed): Typed {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

function resizable(length: number): { array: Float32Array; resize(bytes: number): void } {
  const Buffer = ArrayBuffer as unknown as new (
    bytes: number,
    options: object,
  ) => ArrayBuffer & { resize(bytes: number): void };
  const buffer = new Buffer(4 * length, { maxByteLength: 8 * length });
  return { array: new Float32Array(buffer), resize: (bytes) => buffer.resize(bytes) };
}

/** What cannot stand for a Float32Array of `length` numbers. */
const wrong = (length: number): [string, unknown][] => [
  ['a plain array', new Array(length).fill(0)],
  ['doubles', new Float64Array(length)],
  ['bytes', new Uint8Array(4 * length)],
  ['bytes of the same length', new Uint8Array(length)],
  ['integers', new Int32Array(length)],
  ['too short', new Float32Array(length - 1)],
  ['detached', detach(new Float32Array(length))],
  ['resizable', resizable(length).array],
  ['a prototype', Object.create(Float32Array.prototype)],
  ['a length of its own', Object.defineProperty(new Float32Array(1), 'length', { value: length })],
  ['null', null],
  ['a number', 3],
];

/** How every engine must meet arguments that do not fit, none at all, NaN, and arrays that go away while it works. */
export function argumentConformance(name: string, make: (spec: NetworkSpec) => Promise<NetworkEngine>): void {
  describe(`${name}: arguments`, () => {
    const theta = trialParameters(spec, 1);
    const observations = trialObservations(spec, n, 2) as Float32Array;

    async function prepared(): Promise<{ engine: NetworkEngine; data: LoadedObservations }> {
      const engine = await make(spec);
      await engine.setTheta(theta);
      return { engine, data: await engine.load(observations, n) };
    }

    const positions: Record<string, [number, (wrong: unknown) => Call]> = {
      setTheta: [P, (x) => (engine) => call(engine, 'setTheta', x)],
      'forward: observations': [3 * n, (x) => (engine) => call(engine, 'forward', x, n)],
      'forward: out': [m * n, (x) => (engine) => call(engine, 'forward', observations, n, x)],
      'forwardEach: thetas': [2 * P, (x) => (engine) => call(engine, 'forwardEach', x, observations, 2)],
      'forwardEach: out': [
        2 * m,
        (x) => (engine) => call(engine, 'forwardEach', new Float32Array(2 * P), observations, 2, x),
      ],
      load: [3 * n, (x) => (engine) => call(engine, 'load', x, n)],
      'evaluate: out': [m * n, (x) => (engine, data) => call(engine, 'evaluate', data, x)],
      'jvp: v': [P, (x) => (engine, data) => call(engine, 'jvp', data, x)],
      'jvp: out': [m * n, (x) => (engine, data) => call(engine, 'jvp', data, theta, x)],
      'vjp: cotangents': [m * n, (x) => (engine, data) => call(engine, 'vjp', data, x)],
      'inputGradient: cotangents': [m * n, (x) => (engine, data) => call(engine, 'inputGradient', data, x)],
      'inputGradient: out': [
        3 * n,
        (x) => (engine, data) => call(engine, 'inputGradient', data, new Float32Array(m * n), x),
      ],
      'weights of a diagonal metric': [
        n * m,
        (weights) => (engine, data) => call(engine, 'fisherVectorProduct', data, theta, { kind: 'diagonal', weights }),
      ],
      'weights of a dense metric': [
        n * m * m,
        (weights) => (engine, data) => call(engine, 'fisherVectorProduct', data, theta, { kind: 'dense', weights }),
      ],
      'vjp: out': [P, (x) => (engine, data) => call(engine, 'vjp', data, new Float32Array(m * n), x)],
      'fisherVectorProduct: v': [P, (x) => (engine, data) => call(engine, 'fisherVectorProduct', data, x, metric)],
      'fisherVectorProduct: weights': [
        n,
        (x) => (engine, data) => call(engine, 'fisherVectorProduct', data, theta, metric, x),
      ],
    };
    for (const [position, [length, using]] of Object.entries(positions)) {
      test(position, async () => {
        const { engine, data } = await prepared();
        const expected = await engine.evaluate(data);
        for (const [what, value] of wrong(length)) {
          await assert.rejects(using(value)(engine, data), ArgumentError, what);
        }
        assert.deepEqual(await engine.evaluate(data), expected, 'and nothing has changed');
        engine.close();
      });
    }
    test('θ and v of another length', async () => {
      const { engine, data } = await prepared();
      await assert.rejects(engine.setTheta(new Float32Array(P + 1)), ArgumentError);
      await assert.rejects(engine.jvp(data, new Float32Array(P + 1)), ArgumentError);
      await assert.rejects(engine.fisherVectorProduct(data, new Float32Array(P + 1), metric), ArgumentError);
      engine.close();
    });
    test('metrics that do not fit, and observations by numbers there are not', async () => {
      const { engine, data } = await prepared();
      const refused = (given: unknown) => call(engine, 'fisherVectorProduct', data, theta, given);
      for (const given of [null, undefined, 3, 'gaussian', { kind: 'categorical', sizes: [2, 1] }]) {
        await assert.rejects(refused(given), ArgumentError);
      }
      for (const sizes of [[0, 4], [-1, 5], [1.5, 2.5], [], null, 'four']) {
        await assert.rejects(refused({ kind: 'categorical', sizes }), ArgumentError);
      }
      for (const kind of ['gausian', undefined, {}]) {
        await assert.rejects(refused({ kind }), { code: 'ERR_NOT_FOUND', message: /metric/ });
      }
      const odd = await make({ ...spec, stateIndependentOutputs: 1 });
      const set = await odd.load(observations, n);
      await assert.rejects(call(odd, 'fisherVectorProduct', set, theta.slice(1), metric), ArgumentError);
      odd.close();
      for (const numbers of [[0, 1], Int32Array.of(n), Int32Array.of(-1), new Float32Array(2), null]) {
        assert.throws(() => data.gather(numbers as Int32Array), ArgumentError);
      }
      data.release();
      assert.throws(() => data.gather(Int32Array.of(0)), ClosedError);
      engine.close();
    });
    test('counts, strides and sets of observations', async () => {
      const { engine, data } = await prepared();
      for (const count of [-1, 0.5, Number.NaN, n + 1, 2 ** 40, '3', null, undefined, {}]) {
        await assert.rejects(call(engine, 'forward', observations, count), ArgumentError, String(count));
        await assert.rejects(call(engine, 'load', observations, count), ArgumentError, String(count));
      }
      for (const every of [0, -1, 1.5, '2', undefined])
        assert.throws(() => data.subset(every as number), ArgumentError);
      const other = await prepared();
      for (const set of [null, undefined, {}, { count: n }, observations, other.data]) {
        await assert.rejects(call(engine, 'evaluate', set), ArgumentError);
        await assert.rejects(call(engine, 'vjp', set, new Float32Array(m * n)), ArgumentError);
        await assert.rejects(call(engine, 'jacobian', set), ArgumentError);
      }
      data.release();
      data.release();
      await assert.rejects(engine.evaluate(data), ClosedError);
      assert.throws(() => data.subset(2), ClosedError);
      engine.close();
      engine.close();
      await assert.rejects(engine.forward(observations, n), ClosedError);
      await assert.rejects(engine.setTheta(theta), ClosedError);
      other.engine.close();
    });
    test('shared memory and the middle of a buffer are as good as memory of one’s own', async () => {
      const { engine, data } = await prepared();
      const shared = new Float32Array(new SharedArrayBuffer(4 * observations.length));
      shared.set(observations);
      const inside = new Float32Array(new ArrayBuffer(4 * observations.length + 44), 12, observations.length);
      inside.set(observations);
      const expected = await engine.evaluate(data);
      for (const given of [shared, inside]) {
        assert.deepEqual(await engine.forward(given, n), await engine.forward(observations, n));
        const set = await engine.load(given, n);
        assert.deepEqual(await engine.evaluate(set), expected);
        set.release();
      }
      engine.close();
    });
    test('no observations', async () => {
      const { engine } = await prepared();
      const none = new Float32Array(0);
      const data = await engine.load(none, 0);
      assert.equal(data.count, 0);
      for (const set of [data, data.subset(3), data.gather(new Int32Array(0))]) {
        assert.deepEqual(await engine.evaluate(set), none);
        assert.deepEqual(await engine.jvp(set, theta), none);
        assert.deepEqual(await engine.jacobian(set), none);
        assert.deepEqual(await engine.inputGradient(set, none), none);
        for (const sum of [
          await engine.vjp(set, none),
          await engine.fisherVectorProduct(set, theta, metric),
          await engine.fisherVectorProduct(set, theta, metric, none),
          await engine.fisherVectorProduct(set, theta, { kind: 'diagonal', weights: none }),
        ]) {
          assert.ok(sum.length === P && sum.every((x) => x === 0));
        }
      }
      assert.deepEqual(await engine.forward(none, 0), none);
      assert.deepEqual(await engine.forwardEach(none, none, 0), none);
      const out = Float32Array.of(7);
      await engine.forward(observations, 0, out);
      assert.equal(out[0], 7);
      engine.close();
    });
    test('arrays that go away while a call waits or runs: the right numbers, or a typed error', async () => {
      const { engine, data } = await prepared();
      const v = draws(P, 3);
      const cotangents = draws(m * n, 4);
      const expected = [await engine.evaluate(data), await engine.jvp(data, v), await engine.vjp(data, cotangents)];
      const own = observations.slice();
      const set = await engine.load(own, n);
      detach(own);
      const [copyV, copyC, next] = [v.slice(), cotangents.slice(), theta.slice()];
      const running = [engine.evaluate(set), engine.jvp(set, copyV), engine.vjp(set, copyC)];
      const changed = engine.setTheta(next);
      const out = new Float32Array(m * n);
      const lost = engine.evaluate(set, out).then(
        () => 'done',
        (error: unknown) => error,
      );
      for (const array of [copyV, copyC, next, out]) detach(array);
      for (const [i, result] of running.entries()) assert.deepEqual(await result, expected[i]);
      await changed;
      assert.deepEqual(await engine.evaluate(data), expected[0], 'θ was that of the call');
      if (name !== 'reference') assert.ok((await lost) instanceof ArgumentError);
      const shrinking = resizable(3 * n);
      await assert.rejects(engine.load(shrinking.array, n), ArgumentError);
      engine.close();
    });
    test('release and close while calls are pending', async () => {
      const { engine, data } = await prepared();
      const set = await engine.load(observations, n);
      const expected = await engine.evaluate(data);
      const first = engine.evaluate(set);
      const second = engine.evaluate(set);
      set.release();
      assert.deepEqual(await first, expected);
      await second.then(
        (result) => assert.deepEqual(result, expected),
        (error: unknown) => assert.ok(error instanceof ClosedError),
      );
      const last = [engine.vjp(data, new Float32Array(m * n)), engine.evaluate(data)];
      engine.close();
      for (const result of await Promise.allSettled(last)) {
        assert.ok(result.status === 'fulfilled' || result.reason instanceof ClosedError);
      }
    });
    test('what is no number stays none, and infinities are as in the reference engine', async () => {
      for (const activation of ['tanh', 'softplus', 'relu'] as const) {
        for (const given of [spec, gaussian(activation), gaussian(activation, 10)]) {
          const [engine, reference] = [await make(given), new ReferenceEngine(given)];
          const parameters = trialParameters(given, 5);
          const broken = parameters.slice();
          broken[0] = Number.NaN;
          for (const values of [parameters, broken]) {
            await engine.setTheta(values);
            await reference.setTheta(values);
            for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e37, 0]) {
              const rows = Float32Array.of(0.5, x, -0.25, 0.1, 0.2, 0.3);
              const ours = await engine.forward(rows, 2);
              const theirs = await reference.forward(rows, 2);
              assertAlike(ours, theirs, `${activation}, ${x}`);
              const sets = [await engine.load(rows, 2), await reference.load(rows, 2)] as const;
              assertAlike(
                await engine.jvp(sets[0], parameters),
                await reference.jvp(sets[1], parameters),
                `jvp at ${x}`,
              );
            }
          }
          engine.close();
        }
      }
    });
    test('logits that are no numbers: neither is their Fisher-vector product', async () => {
      const given = network('tanh');
      const engine = await make(given);
      const parameters = trialParameters(given, 5);
      parameters[parameters.length - 1] = Number.NaN;
      await engine.setTheta(parameters);
      const data = await engine.load(observations, n);
      const categorical: Metric = { kind: 'categorical', sizes: [2] };
      const product = await engine.fisherVectorProduct(data, draws(parameters.length, 6), categorical);
      assert.ok(Number.isNaN(product[product.length - 1]));
      engine.close();
    });
  });
}

function assertAlike(actual: Float32Array, expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length);
  for (const [i, x] of expected.entries()) {
    const same = Object.is(actual[i], x) || Math.abs(actual[i] - x) <= 1e-4 * Math.max(1, Math.abs(x));
    assert.ok(same, `${what}: ${actual[i]} where the reference has ${x}`);
  }
}
