import * as trellis from '../../src/index.js';
import { call, difference, type MakeTarget } from './target.js';

const SLOW = 1e5;

/** Engines, sets of observations, distributions and policies. */
export const policyTarget: MakeTarget = async (values, random) => {
  const spec = (categorical: boolean): trellis.PolicySpec => ({
    network: {
      inputShape: [5],
      inputType: 'float32',
      inputScaling: null,
      layers: [
        { kind: 'dense', name: 'trunk', units: 8, activation: 'tanh' },
        { kind: 'layerNorm' },
        { kind: 'dense', name: 'branch', units: 8, activation: 'relu' },
        { kind: 'add', inputs: ['trunk', 'branch'] },
        { kind: 'dense', units: categorical ? 5 : 2, activation: 'linear' },
      ],
      stateIndependentOutputs: categorical ? 0 : 2,
    },
    distribution: categorical ? { kind: 'categorical', sizes: [3, 2] } : { kind: 'gaussian', dimensions: 2 },
  });
  const n = 40;
  const rows = Float32Array.from({ length: 5 * n }, (_, i) => Math.sin(i));
  let categorical = false;
  let engine!: trellis.NetworkEngine;
  let data!: trellis.LoadedObservations;
  let distribution!: trellis.Distribution;
  let policy!: trellis.Policy;
  let expected!: Float32Array[];

  const known = async (of: trellis.NetworkEngine) => {
    const theta = trellis.initialTheta(of.spec, 7, { output: trellis.authors(1) });
    await of.setTheta(theta);
    const set = await of.load(rows, n);
    const outputs = await of.forward(rows, n);
    const results = [
      outputs,
      await of.evaluate(set.gather(Int32Array.from({ length: n }, (_, i) => i))),
      await of.inputGradient(set, outputs),
      await of.fisherVectorProduct(set, theta, distribution.metric(outputs)),
    ];
    set.release();
    return results;
  };
  const remake = async () => {
    engine?.close();
    policy?.close();
    categorical = random.oneIn(2);
    const { network } = spec(categorical);
    const options = { threads: 1 + random.integer(3) };
    engine = await trellis.createEngine(network, random.pick(['native', 'native', 'native', 'reference']), options);
    data = await engine.load(rows, n);
    distribution = trellis.makeDistribution(spec(categorical).distribution);
    const theta = trellis.initialPolicyParameters(spec(false), 1);
    policy = await trellis.Policy.create({ spec: spec(false), theta }, 'native', { threads: 1 });
    const twin = await trellis.createEngine(network, engine.name, { threads: 1 });
    expected = await known(twin);
    twin.close();
  };
  await remake();

  const f32 = (length: number) => values.array(Float32Array, length);
  const maybe = (length: number) => (random.oneIn(2) ? undefined : f32(length));
  const set = () => (random.oneIn(10) ? values.anything() : data);
  const actions = (count: number) => values.array(categorical ? Int32Array : Float32Array, 2 * count);
  const P = () => engine.parameterCount;
  const metric = () =>
    random.pick<() => unknown>([
      () => ({ kind: 'gaussian' }),
      () => ({ kind: 'categorical', sizes: [values.near(3), values.near(2)] }),
      () => ({ kind: 'identity' }),
      () => ({ kind: 'diagonal', weights: f32(random.oneIn(2) ? m() : n * m()) }),
      () => ({ kind: 'dense', weights: f32(n * m() * m()) }),
      () => values.anything(),
    ])();
  const m = () => engine.outputSize;
  const bounded = (count: unknown) => (typeof count === 'number' && count > SLOW ? 9 : count);
  type Any = never;
  const calls = [
    call(
      'engine.setTheta',
      () => [f32(P())],
      (theta) => engine.setTheta(theta),
    ),
    call(
      'engine.forward',
      () => [f32(35), bounded(values.near(7)), maybe(7 * m())],
      (...a: Any[]) => engine.forward(a[0], a[1], a[2]),
    ),
    call(
      'engine.forwardEach',
      () => [f32(3 * P()), f32(15), bounded(values.near(3)), maybe(3 * m())],
      (...a: Any[]) => engine.forwardEach(a[0], a[1], a[2], a[3]),
    ),
    call(
      'engine.load',
      () => [f32(5 * n), values.near(n)],
      async (...a: Any[]) => {
        const loaded = await engine.load(a[0], a[1]);
        if (loaded.count === n) data = loaded;
      },
    ),
    call(
      'observations.subset',
      () => [values.near(2)],
      (every) => {
        const subset = data.subset(every);
        if (random.oneIn(2)) return engine.evaluate(subset);
        subset.release();
        return undefined;
      },
    ),
    call(
      'observations.gather',
      () => [values.array(Int32Array, 3)],
      (numbers) => engine.evaluate(data.gather(numbers)),
    ),
    call(
      'observations.release',
      () => [],
      () => {
        if (random.oneIn(8)) data.release();
      },
    ),
    call(
      'engine.evaluate',
      () => [set(), maybe(n * m())],
      (...a: Any[]) => engine.evaluate(a[0], a[1]),
    ),
    call(
      'engine.jvp',
      () => [set(), f32(P()), maybe(n * m())],
      (...a: Any[]) => engine.jvp(a[0], a[1], a[2]),
    ),
    call(
      'engine.vjp',
      () => [set(), f32(n * m()), maybe(P())],
      (...a: Any[]) => engine.vjp(a[0], a[1], a[2]),
    ),
    call(
      'engine.fisherVectorProduct',
      () => [set(), f32(P()), metric(), maybe(n)],
      (...a: Any[]) => engine.fisherVectorProduct(a[0], a[1], a[2], a[3]),
    ),
    call(
      'engine.inputGradient',
      () => [set(), f32(n * m()), maybe(5 * n)],
      (...a: Any[]) => engine.inputGradient(a[0], a[1], a[2]),
    ),
    call(
      'engine.jacobian',
      () => [set()],
      (of) => engine.jacobian(of),
    ),
    call(
      'engine.close',
      () => [],
      () => {
        if (random.oneIn(20)) engine.close();
      },
    ),
    call(
      'calls whose arrays go away',
      () => [],
      async () => {
        const v = new Float32Array(P());
        const cotangents = new Float32Array(n * m());
        const out = new Float32Array(n * m());
        const own = rows.slice();
        const loaded = await engine.load(own, n);
        const pending = [
          engine.evaluate(loaded, out),
          engine.jvp(loaded, v, out),
          engine.vjp(loaded, cotangents),
          engine.setTheta(v),
          engine.forward(own, n, out),
        ].map((call) => call.catch(() => undefined));
        for (const array of [v, cotangents, out, own]) {
          if (random.oneIn(2)) structuredClone(array.buffer, { transfer: [array.buffer] });
        }
        if (random.oneIn(3)) loaded.release();
        if (random.oneIn(5)) engine.close();
        await Promise.all(pending);
      },
    ),
    call(
      'distribution.sample',
      () => [f32(4 * m()), values.array(Uint32Array, 8), values.array(Int32Array, 4), actions(4), f32(4)],
      (...a: Any[]) => distribution.sample(a[0], a[1], a[2], a[3], a[4]),
    ),
    call(
      'distribution.logProb',
      () => [
        f32(4 * m()),
        actions(4),
        random.oneIn(2) ? null : values.array(Int32Array, 4),
        random.oneIn(2) ? undefined : values.array(Float64Array, 4),
      ],
      (...a: Any[]) => distribution.logProb(a[0], a[1], a[2], a[3]),
    ),
    call(
      'distribution.kl',
      () => [f32(4 * m()), f32(4 * m())],
      (...a: Any[]) => distribution.kl(a[0], a[1]),
    ),
    call(
      'distribution.entropy',
      () => [f32(4 * m())],
      (a) => distribution.entropy(a),
    ),
    call(
      'distribution.mode',
      () => [f32(4 * m()), random.oneIn(2) ? undefined : actions(4)],
      (...a: Any[]) => distribution.mode(a[0], a[1]),
    ),
    call(
      'distribution.addLogProbGradient',
      () => [
        f32(4 * m()),
        actions(4),
        random.oneIn(2) ? [1, 2, 3, 4] : f32(4),
        f32(4 * m()),
        random.oneIn(2) ? null : values.array(Int32Array, 4),
      ],
      (...a: Any[]) => distribution.addLogProbGradient(a[0], a[1], a[2], a[3], a[4]),
    ),
    call(
      'distribution.addKlGradient',
      () => [f32(4 * m()), f32(4 * m()), values.near(1), f32(4 * m())],
      (...a: Any[]) => distribution.addKlGradient(a[0], a[1], a[2], a[3]),
    ),
    call(
      'distribution.addEntropyGradient',
      () => [f32(4 * m()), values.near(1), f32(4 * m())],
      (...a: Any[]) => distribution.addEntropyGradient(a[0], a[1], a[2]),
    ),
    call(
      'distribution.fisherProduct',
      () => [f32(4 * m()), f32(4 * m())],
      (...a: Any[]) => distribution.fisherProduct(a[0], a[1]),
    ),
    call(
      'makeDistribution',
      () => [
        random.pick<() => unknown>([
          () => ({ kind: 'gaussian', dimensions: values.number() }),
          () => ({ kind: 'categorical', sizes: [values.number(), values.near(2)] }),
          () => values.anything(),
        ])(),
      ],
      (given) => {
        trellis.makeDistribution(given);
      },
    ),
    call(
      'policy.act',
      () => [
        random.oneIn(2) ? f32(10) : random.pick([[], [1, 2, 3, 4, 5], [1], values.anything()]),
        values.options({ deterministic: () => values.near(true) }),
      ],
      (...a: Any[]) => policy.act(a[0], a[1]),
    ),
    call(
      'policy.reseed',
      () => [values.number()],
      (seed) => policy.reseed(seed),
    ),
    call(
      'Policy.create',
      () => [
        random.oneIn(5)
          ? values.anything()
          : { spec: spec(false), theta: f32(trellis.parameterCount(spec(false).network)) },
      ],
      async (given) => (await trellis.Policy.create(given, 'native', { threads: 1 })).close(),
    ),
    call(
      'createEngine',
      () => [
        values.options({
          inputShape: () => random.pick([[5], [1, 4, 4], [values.number()], values.anything()]),
          inputType: () => values.near(random.pick(['float32', 'uint8'])),
          inputScaling: () =>
            random.pick([
              null,
              { offset: values.number(), scale: values.number(), clip: values.number() },
              values.anything(),
            ]),
          outputs: () => random.pick([undefined, ['a'], ['a', 'b'], values.anything()]),
          stateIndependentOutputs: () => random.pick([undefined, values.near(2)]),
          layers: () =>
            random.pick<() => unknown>([
              () => [{ kind: 'dense', units: values.near(2), activation: values.near('linear') }],
              () => [
                {
                  kind: 'conv2d',
                  filters: values.near(3),
                  kernel: [values.near(2), values.number()],
                  stride: [values.near(1), values.number()],
                  activation: 'relu',
                },
                { kind: 'dense', units: 2, activation: 'linear' },
              ],
              () => [
                { kind: 'dense', name: values.near('a'), units: 4, activation: 'tanh' },
                { kind: values.near('layerNorm'), name: 'b' },
                { kind: 'add', inputs: [values.near('a'), 'b'], activation: values.near('relu') },
                { kind: 'dense', input: values.near('a'), units: 2, activation: 'linear' },
              ],
              () => values.anything(),
            ])(),
        }),
        random.pick(['native', 'native', 'reference', values.anything()]),
        values.options({ threads: () => values.near(2) }),
      ],
      async (...a: Any[]) => {
        const made = await trellis.createEngine(a[0], a[1], a[2]);
        const size = made.spec.inputShape.reduce((x, y) => x * y, 1);
        const bytes = made.spec.inputType === 'uint8';
        if (size < SLOW && made.parameterCount < SLOW)
          await made.forward(bytes ? new Uint8Array(size) : new Float32Array(size), 1);
        made.close();
      },
    ),
    call(
      'initialPolicyParameters',
      () => [
        spec(true),
        values.near(3),
        values.options({ output: () => values.anything(), standardDeviation: () => values.number() }),
      ],
      (...a: Any[]) => trellis.initialPolicyParameters(a[0], a[1], a[2]),
    ),
  ];
  return {
    name: 'policy',
    calls,
    remake,
    async verify() {
      try {
        const results = await known(engine);
        for (const [i, result] of results.entries()) {
          const wrong = difference(`result ${i}`, result, expected[i]);
          if (wrong !== null) return wrong;
        }
        return null;
      } catch (error) {
        if (error instanceof trellis.ClosedError) return null;
        throw error;
      }
    },
    provoke: () =>
      random.pick([
        () => engine.close(),
        () => data.release(),
        () => policy.reseed(1),
        () => void engine.evaluate(data).catch(() => undefined),
      ])(),
    close: () => {
      engine.close();
      policy.close();
    },
  };
};
