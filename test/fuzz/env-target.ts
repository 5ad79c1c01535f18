import { registerPaper } from '../../paper/index.js';
import * as trellis from '../../src/index.js';
import { call, difference, type MakeTarget } from './target.js';

registerPaper();

const N = 6;

/** Environments, snapshots and spaces. */
export const envTarget: MakeTarget = async (values, random) => {
  const ids = ['cartpole', 'swimmer'] as const;
  const makers = ids.map((id) => trellis.getEnv(id));
  let envs!: trellis.VectorEnv[];
  let snapshot!: trellis.Snapshot;
  let of = 0;

  const keys = trellis.streamKeys(3, trellis.Purpose.scratch, 0, 0, N);
  const known = (env: trellis.VectorEnv) => {
    env.reset(undefined, keys);
    const actions = trellis.makeActions(env.spec.actionSpace, N);
    for (let i = 0; i < 5; i++) env.step(actions.fill(i % 2));
    return Float32Array.from([...env.observations, ...env.rewards]);
  };
  const remake = () => {
    for (const env of envs ?? []) env.close();
    envs = makers.map((maker) => maker.make(N));
    of = 0;
    envs[0].reset(undefined, keys);
    snapshot = envs[0].snapshot([0, 1]);
  };
  remake();
  const expected = envs.map(known);
  remake();

  const slots = () => values.slots(N);
  const twisted = (): unknown => {
    if (random.oneIn(8)) return values.anything();
    if (!random.oneIn(2)) return snapshot;
    const parts: Record<string, unknown> = { ...snapshot.parts };
    const key = random.pick(Object.keys(parts));
    parts[key] = random.oneIn(4)
      ? values.anything()
      : values.array(random.pick([Float64Array, Float32Array, Int32Array, Uint8Array]), random.pick([0, 1, 7, 2 * N]));
    return { ...snapshot, parts, count: values.near(snapshot.count) };
  };
  type Any = never;
  const calls = [
    ...ids.flatMap((id, e) => [
      call(
        `${id}.reset`,
        () => [slots(), random.oneIn(2) ? undefined : values.array(Uint32Array, 2 * N)],
        (...a: Any[]) => envs[e].reset(a[0], a[1]),
      ),
      call(
        `${id}.step`,
        () => [
          values.array(
            id === 'cartpole' && random.oneIn(3) ? Int32Array : Float32Array,
            N * (id === 'swimmer' ? 2 : 1),
          ),
        ],
        (actions) => envs[e].step(actions),
      ),
      call(
        `${id}.snapshot`,
        () => [slots()],
        (which) => {
          const taken = envs[e].snapshot(which);
          if (taken.count > 0) [snapshot, of] = [taken, e];
        },
      ),
      call(
        `${id}.restore`,
        () => [
          twisted(),
          random.oneIn(3) ? slots() : [0, 1],
          values.options({ rows: slots, keys: () => values.array(Uint32Array, 4) }),
        ],
        (...a: Any[]) => envs[random.oneIn(6) ? e : of].restore(a[0], a[1], a[2]),
      ),
      call(
        `${id}.close`,
        () => [],
        () => {
          if (random.oneIn(30)) envs[e].close();
        },
      ),
    ]),
    call(
      'serializeSnapshot',
      () => [twisted()],
      (given) => {
        const bytes = trellis.serializeSnapshot(given);
        if (random.oneIn(2)) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
        const read = trellis.deserializeSnapshot(bytes);
        envs[of].restore(read, [0]);
      },
    ),
    call(
      'deserializeSnapshot',
      () => [values.array(Uint8Array, 200)],
      (bytes) => trellis.deserializeSnapshot(bytes),
    ),
    call(
      'getEnv().make',
      () => [
        values.near(random.pick([...ids])),
        random.oneIn(2) ? undefined : values.anything(),
        values.near(2),
        values.options({ threads: () => values.near(1) }),
      ],
      (...a: Any[]) => {
        trellis.getEnv(a[0], a[1]).make(a[2], a[3]).close();
      },
    ),
    call(
      'box',
      () => [values.near([3]), values.number(), values.number(), values.near('float32')],
      (...a: Any[]) => {
        trellis.box(a[0], a[1], a[2]);
      },
    ),
    call(
      'discrete',
      () => [values.near(3), values.near(2)],
      (...a: Any[]) => {
        trellis.discrete(a[0], a[1]);
      },
    ),
  ];
  return {
    name: 'env',
    calls,
    remake,
    verify() {
      for (const [e, maker] of makers.entries()) {
        const env = maker.make(N);
        const wrong = difference(ids[e], known(env), expected[e]);
        env.close();
        if (wrong !== null) return wrong;
      }
      return null;
    },
    provoke: () =>
      random.pick([
        () => envs[0].close(),
        () => envs[1].close(),
        () => envs[1].reset(),
        () => void envs[0].snapshot([0]),
      ])(),
    close: () => {
      for (const env of envs) env.close();
    },
  };
};
