import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Purpose, streamKeys } from '../../src/base/random.js';
import {
  defineMujocoEnv,
  type MujocoEnvFactory,
  type MujocoEnvSource,
  type MujocoFunctions,
} from '../../src/env/define-mujoco-env.js';
import type { EnvFactory, VectorEnv } from '../../src/env/types.js';
import { environmentConformance } from './conformance.js';

/** A two-link arm on a table and a goal for its tip, which is a mocap body. */
const ARM = `<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <body name="upper"><joint name="shoulder" axis="0 0 1" damping="0.4"/><geom type="capsule" fromto="0 0 0 0.3 0 0" size="0.02"/>
      <body name="lower" pos="0.3 0 0"><joint name="elbow" axis="0 0 1" damping="0.4"/><geom type="capsule" fromto="0 0 0 0.3 0 0" size="0.02"/>
        <site name="tip" pos="0.3 0 0"/></body></body>
    <body name="goal" mocap="true"><geom size="0.02" contype="0" conaffinity="0"/></body>
  </worldbody>
  <actuator><motor joint="shoulder" ctrlrange="-1 1"/><motor joint="elbow" ctrlrange="-1 1"/></actuator>
  <sensor><framepos objtype="site" objname="tip" reftype="body" refname="goal"/></sensor>
  <keyframe><key name="bent" qpos="0.5 1" qvel="0 0.1"/></keyframe>
</mujoco>`;

/** Reach: a goal per episode, masses that differ between episodes, all of it from the episode's key. */
const reach = (changes: Partial<MujocoEnvSource> = {}): MujocoEnvFactory =>
  defineMujocoEnv({
    id: 'reach',
    model: { xml: ARM },
    actuators: 2,
    substeps: 2,
    secondsPerStep: 0.02,
    observation: 7,
    gather: ['qpos', 'qvel', 'sensordata'],
    maxEpisodeSteps: 100,
    stage: 'position',
    outputs: ['sensordata'],
    slotParameters: ['body_mass', 'body_inertia'],
    functions: () => ({
      start(qpos, _qvel, draw, { state, parameters }) {
        for (let i = 0; i < 2; i++) qpos[i] = draw(i) - 0.5;
        const [angle, radius] = [2 * Math.PI * draw(2), 0.2 + 0.3 * draw(3)];
        state('mocap_pos').set([radius * Math.cos(angle), radius * Math.sin(angle), 0]);
        const scale = 0.5 + draw(4);
        for (const values of [parameters.body_mass!, parameters.body_inertia!]) {
          for (let i = 0; i < values.length; i++) values[i] *= scale;
        }
      },
      reward({ outputs, rewards }, first, end) {
        const { data, stride } = outputs.sensordata!;
        for (let slot = first; slot < end; slot++) {
          rewards[slot] = -Math.hypot(data[slot * stride], data[slot * stride + 1]);
        }
      },
    }),
    ...changes,
  });

environmentConformance('reaching, randomised', reach(), {
  short: reach({ maxEpisodeSteps: 5 }),
  other: reach({ slotParameters: ['body_mass', 'body_inertia', 'dof_damping'] }),
  steps: 25,
});

/** Keeps the last control, looks at it before each step, and starts with whatever `start` puts there. */
const remembering = (changes: Partial<MujocoEnvSource> = {}, start?: MujocoFunctions['start']): EnvFactory =>
  reach({
    id: 'remembering',
    slotParameters: [],
    gather: ['qpos', 'sensordata'],
    observation: 5,
    outputs: ['sensordata', 'xpos', 'ncon'],
    stage: 'none',
    memory: { last: 1, seen: 3 },
    functions: () => ({
      ...(start === undefined ? {} : { start }),
      before({ memory, outputs, integers }, first, end) {
        assert.equal(integers.ncon!.data.length * outputs.xpos!.stride, outputs.xpos!.data.length);
        for (let slot = first; slot < end; slot++) {
          const { data, stride } = outputs.xpos!;
          memory.seen!.data.set(data.subarray(slot * stride + 6, slot * stride + 9), 3 * slot);
        }
      },
      reward({ control, memory, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) {
          const u = control.data[slot * control.stride];
          rewards[slot] = (u - memory.last!.data[slot]) ** 2 + memory.seen!.data[3 * slot];
          memory.last!.data[slot] = u;
        }
      },
    }),
    ...changes,
  });

environmentConformance(
  'outputs read before a step, and memory',
  remembering({}, (qpos, _, draw) => void qpos.fill(draw(0))),
  {
    short: remembering({ maxEpisodeSteps: 5 }),
    other: remembering({ keyframe: 'bent' }),
    steps: 25,
  },
);

const withEnv = (factory: EnvFactory, slots: number, use: (env: VectorEnv) => void) => {
  const env = factory.make(slots, { threads: 1 });
  try {
    use(env);
  } finally {
    env.close();
  }
};

describe('episodes on MuJoCo models', () => {
  it('see the outputs of their start state, in the first observation and the first `before`', () =>
    withEnv(
      remembering({}, (qpos) => void qpos.fill(0.5)),
      2,
      (env) => {
        env.reset();
        const [x, y] = [0.3 * Math.cos(0.5) + 0.3 * Math.cos(1), 0.3 * Math.sin(0.5) + 0.3 * Math.sin(1)];
        assert.ok(Math.hypot(env.observations[2] - x, env.observations[3] - y) < 1e-6);
        env.step(new Float32Array(4));
        assert.ok(Math.abs(env.rewards[0] - 0.3 * Math.cos(0.5)) < 1e-12);
      },
    ));

  it('find memory at zero, or what start put there, whoever was in the slot', () => {
    withEnv(remembering(), 1, (env) => {
      env.reset();
      env.step(Float32Array.of(1, 1));
      const first = env.rewards[0];
      env.step(Float32Array.of(1, 1));
      env.reset();
      env.step(Float32Array.of(1, 1));
      assert.equal(env.rewards[0], first);
    });
    withEnv(
      remembering({}, (_q, _v, _draw, { memory, slot }) => void memory.last!.fill(slot + 1)),
      2,
      (env) => {
        env.reset();
        env.step(Float32Array.of(1, 0, 2, 0).map((u) => Math.min(1, u)));
        assert.ok(Math.abs(env.rewards[0] - 0.3) < 1e-12 && Math.abs(env.rewards[1] - 1.3) < 1e-12);
      },
    );
  });

  it('begin in a keyframe, and start may choose another or write any state', () => {
    withEnv(remembering({ keyframe: 0 }), 1, (env) => {
      env.reset();
      assert.deepEqual([...env.readState!(0)], [0.5, 1, 0, 0.1]);
    });
    const bent = remembering({}, (qpos, _q, _d, { keyframe, state, slot }) => {
      if (slot === 1) keyframe('bent');
      assert.equal(qpos[0], slot === 1 ? 0.5 : 0);
      state('xfrc_applied')[6 * 2 + 5] = 3;
      state('ctrl').fill(0.25);
    });
    withEnv(bent, 2, (env) => {
      env.reset();
      env.step(new Float32Array(4));
      assert.ok(env.readState!(0)[3] > 0);
    });
    const missing = remembering({}, (_q, _v, _d, { keyframe }) => keyframe('straight'));
    withEnv(missing, 1, (env) => assert.throws(() => env.reset(), { code: 'ERR_NOT_FOUND', message: /bent/ }));
  });

  it('give each slot its own masses, from its key, also after a restore', () => {
    const swing = (env: VectorEnv, slots: number) => {
      for (let t = 0; t < 20; t++) env.step(new Float32Array(2 * slots).fill(1));
      return Array.from({ length: slots }, (_, slot) => env.readState!(slot)[2]);
    };
    const heavy = reach({
      functions: () => ({
        start(_q, _v, draw, { parameters }) {
          for (let i = 0; i < 4; i++) parameters.body_mass![i] *= 1 + 20 * draw(0);
        },
        reward() {},
      }),
    });
    withEnv(heavy, 3, (env) => {
      const keys = streamKeys(1, Purpose.scratch, 0, 0, 3);
      env.reset(undefined, keys);
      const saved = env.snapshot();
      const speeds = swing(env, 3);
      assert.equal(new Set(speeds).size, 3);
      env.restore(saved, [2, 0, 1]);
      const moved = swing(env, 3);
      assert.deepEqual([moved[2], moved[0], moved[1]], speeds);
      env.reset([0], keys.slice(4));
      env.reset([1, 2], keys.slice(0, 4));
      assert.deepEqual(swing(env, 3), [speeds[2], speeds[0], speeds[1]]);
    });
  });

  it('are told their key', () => {
    const keyed = remembering({}, (qpos, _v, _d, { key }) => void qpos.set(key));
    withEnv(keyed, 3, (env) => {
      env.reset([0, 2], Uint32Array.of(1, 2, 3, 4));
      assert.deepEqual([...env.readState!(0).subarray(0, 2), ...env.readState!(2).subarray(0, 2)], [1, 2, 3, 4]);
    });
  });

  it('name what start wrote that is no number', () => {
    const wild = remembering({}, (_q, qvel) => void qvel.fill(Number.NaN, 1));
    withEnv(wild, 2, (env) =>
      assert.throws(() => env.reset([1]), { code: 'ERR_DIVERGED', message: /qvel\[1\] of slot 1 starts as NaN/ }),
    );
  });

  it('tell which name a function reads that the source did not give', () => {
    const reading = (read: (tables: Parameters<NonNullable<MujocoFunctions['before']>>[0]) => unknown) =>
      remembering({ functions: () => ({ before: (tables) => void read(tables), reward() {} }) });
    for (const [read, message] of [
      [(t) => t.outputs.xquat, /"xquat".*outputs: \['xquat'/],
      [(t) => t.outputs.xpoz, /unknown output "xpoz".*"xpos"/],
      [(t) => t.outputs.ncon, /integers/],
      [(t) => t.integers.nefc, /"nefc"/],
      [(t) => t.memory.lost, /memory: \{ lost/],
      [(t) => t.parameters.body_mass, /slotParameters/],
      [(t) => t.state.mocap, /mocap_pos/],
    ] as [Parameters<typeof reading>[0], RegExp][]) {
      withEnv(reading(read), 1, (env) => {
        env.reset();
        assert.throws(() => env.step(new Float32Array(2)), { message });
      });
    }
  });

  it('report all faults of a definition and its model at once', () => {
    assert.throws(() => reach({ actuators: 3, substeps: 1, outputs: ['xpoz'], slotParameters: ['mass'] }).make(1), {
      code: 'ERR_MODEL',
      message: /4 faults:\n.*2 controls.*\n.*0\.01 s.*\n.*xpoz.*\n.*mass/,
    });
    const { functions, ...rest } = { functions: () => ({}) };
    assert.throws(() => reach({ ...rest, functions: functions as never }).make(1), {
      code: 'ERR_ARGUMENT',
      message: /reward/,
    });
    assert.throws(() => reach({ functions: () => ({ reward() {}, observed() {} }) as never }).make(1), {
      message: /observed/,
    });
    assert.throws(() => reach({ outputz: [] } as object), { code: 'ERR_NOT_FOUND', message: /outputs/ });
    assert.throws(() => reach({ model: { xml: ARM, assets: { a: 7 } } as never }), {
      code: 'ERR_ARGUMENT',
      message: /files by name/,
    });
  });

  it('load a model of text with the files that it names', () => {
    const part = '<mujocoinclude><option timestep="0.02"/></mujocoinclude>';
    const xml = ARM.replace('<option timestep="0.01"/>', '<include file="part.xml"/>');
    const make = (text: string) => reach({ model: { xml, assets: { 'part.xml': Buffer.from(text) } }, substeps: 1 });
    withEnv(make(part), 1, (env) => {
      env.reset();
      const other = make(part.replace('/>', ' gravity="0 0 -5"/>'));
      assert.notEqual(other.spec.modelHash, env.spec.modelHash);
      assert.equal(make(part).spec.modelHash, env.spec.modelHash);
      const dense = (jacobian: 'dense' | 'auto') => reach({ model: { xml: ARM, jacobian } });
      assert.equal(dense('dense').model().field('opt.jacobian')[0], 0);
      assert.notEqual(dense('dense').spec.modelHash, dense('auto').spec.modelHash);
      withEnv(other, 1, (changed) =>
        assert.throws(() => changed.restore(env.snapshot(), [0]), { code: 'ERR_SNAPSHOT' }),
      );
    });
  });
});
