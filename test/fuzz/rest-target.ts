import * as trellis from '../../src/index.js';
import { normalNoise, uniformNoise } from '../../src/native/noise.js';
import { copyRows } from '../../src/native/rows.js';
import { call, type MakeTarget } from './target.js';

/** What is left: draws, rows, estimates, optimisers, names and files. */
export const restTarget: MakeTarget = async (values, random) => {
  type Any = never;
  const few = (count: unknown) => (typeof count === 'number' && count > 1000 ? 3 : count);
  const f64 = (length: number) => values.array(Float64Array, length);
  const calls = [
    ...[uniformNoise, normalNoise].map((draw) =>
      call(
        draw.name,
        () => [values.array(Uint32Array, 8), values.array(Int32Array, 4), few(values.near(3)), f64(12)],
        (...a: Any[]) => draw(a[0], a[1], a[2], a[3]),
      ),
    ),
    call(
      'copyRows',
      () => {
        const Class = random.pick([Float64Array, Float32Array, Int32Array, Uint8Array]);
        const list = () => (random.oneIn(2) ? null : values.array(Int32Array, 4));
        return [values.array(Class, 12), list(), values.array(Class, 12), list(), values.near(4), values.near(3)];
      },
      (...a: Any[]) => copyRows(a[0], a[1], a[2], a[3], a[4], a[5]),
    ),
    call(
      'foldKey',
      () => [[values.number(), values.number()], values.number(), values.number()],
      (...a: Any[]) => trellis.foldKey(a[0], a[1], a[2]),
    ),
    call(
      'streamKey',
      () => [values.number(), values.number(), values.number(), values.number()],
      (...a: Any[]) => trellis.streamKey(a[0], a[1], a[2], a[3]),
    ),
    call(
      'discountedReturns',
      () => [
        f64(6),
        random.oneIn(2) ? Int32Array.of(0, 3, 6) : values.array(Int32Array, 3),
        values.near(0.99),
        random.oneIn(2) ? undefined : f64(6),
      ],
      (...a: Any[]) => trellis.discountedReturns(a[0], a[1], a[2], a[3]),
    ),
    call(
      'conjugateGradient',
      () => [
        random.pick([
          async (v: unknown) => v,
          async () => new Float32Array(0),
          async (v: Float64Array) => v.map(() => Number.NaN),
          values.anything(),
        ]),
        f64(5),
        values.options({ iterations: () => few(values.near(5)), residualTolerance: () => values.number() }),
      ],
      (...a: Any[]) => trellis.conjugateGradient(a[0], a[1], a[2]),
    ),
    call(
      'parseAssignments',
      () => [
        [
          random.pick([
            'a=1',
            '__proto__.x=1',
            'constructor.prototype.x=1',
            'policy={"__proto__":{"polluted":1}}',
            values.anything(),
          ]),
        ],
      ],
      (given) => {
        trellis.mergeSettings({ policy: {} } as never, trellis.parseAssignments(given) as never);
      },
    ),
    call(
      'names',
      () => [values.anything()],
      (name) => {
        random.pick<(of: never) => unknown>([
          trellis.getEnv,
          trellis.getAlgorithm,
          trellis.getExperiment,
          trellis.getLogger,
          trellis.registerAlgorithm,
          trellis.registerLogger,
          trellis.registerExperiment,
          trellis.resolveConfig,
        ])(name);
      },
    ),
    call(
      'readPolicy',
      () => [random.pick(['/tmp', '/nonexistent', '\0', values.anything()])],
      (path) => trellis.readPolicy(path),
    ),
    call(
      'readRun',
      () => [random.pick(['/tmp', '/nonexistent', '\0', values.anything()])],
      (path) => {
        trellis.readRun(path);
      },
    ),
  ];
  return {
    name: 'rest',
    calls,
    remake: () => undefined,
    verify: () => null,
    provoke: () => undefined,
    close: () => undefined,
  };
};
