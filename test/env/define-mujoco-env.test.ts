import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineMujocoEnv, type MujocoEnvSource } from '../../src/env/define-mujoco-env.js';
import { box, discrete } from '../../src/env/spaces.js';
import type { EnvFactory } from '../../src/env/types.js';
import { planarXml } from '../native/mujoco-models.js';
import { environmentConformance } from './conformance.js';

const xml = (gear: number) => `
<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <body name="rod" pos="0 0 1">
      <joint name="hinge" axis="0 1 0" damping="0.05"/>
      <geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.05"/>
      <site name="tip" pos="0 0 -0.5"/>
    </body>
  </worldbody>
  <actuator><motor joint="hinge" ctrllimited="true" ctrlrange="-2 4" gear="${gear}"/></actuator>
</mujoco>`;

/** A pendulum rewarded for the height of its tip: what a user writes for a model of their own. */
function pendulum(changes: Partial<MujocoEnvSource> = {}): EnvFactory {
  return defineMujocoEnv({
    id: 'pendulum',
    model: { xml: xml(1) },
    actuators: 1,
    substeps: 2,
    secondsPerStep: 0.02,
    observation: 3,
    maxEpisodeSteps: 50,
    outputs: ['site_xpos'],
    stage: 'position',
    functions: () => ({
      start(qpos, _qvel, draw) {
        qpos[0] = draw(0) - 0.5;
      },
      observe({ qpos, qvel, outputs, observations }, first, end) {
        for (let slot = first; slot < end; slot++) {
          observations[3 * slot] = qpos.data[slot * qpos.stride];
          observations[3 * slot + 1] = qvel.data[slot * qvel.stride];
          observations[3 * slot + 2] = outputs.site_xpos!.data[3 * slot + 2];
        }
      },
      reward({ observations, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) rewards[slot] = observations[3 * slot + 2];
      },
    }),
    ...changes,
  });
}

environmentConformance('a pendulum of a user', pendulum(), {
  short: pendulum({ maxEpisodeSteps: 5 }),
  other: pendulum({ model: { xml: xml(2) } }),
  steps: 30,
});

/** The same inputs, gathered. */
const gathered = (changes: Partial<MujocoEnvSource> = {}) =>
  pendulum({
    gather: ['qpos', 'qvel', { name: 'site_xpos', first: 2 }],
    functions: () => ({
      start(qpos, _qvel, draw) {
        qpos[0] = draw(0) - 0.5;
      },
      reward({ observations, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) rewards[slot] = observations[3 * slot + 2];
      },
    }),
    ...changes,
  });

environmentConformance('a pendulum with gathered observations', gathered(), {
  short: gathered({ maxEpisodeSteps: 5 }),
  other: gathered({ model: { xml: xml(2) } }),
  steps: 30,
});

describe('environments on MuJoCo models', () => {
  it('gather the observations that a function would write', () => {
    const envs = [pendulum(), gathered()].map((factory) => factory.make(4, { threads: 2 }));
    for (const env of envs) env.reset();
    for (let step = 0; step < 20; step++) {
      assert.deepEqual(envs[1].observations, envs[0].observations);
      for (const env of envs) env.step(Float32Array.of(0.3, -1, 1, 0));
    }
    assert.throws(() => gathered({ gather: ['qpos'] }).make(1), /gathers 1 columns/);
    assert.throws(() => pendulum({ functions: () => ({ reward() {} }) }).make(1), /neither/);
  });

  it('read derived quantities of the present state, at the start and after steps', () => {
    const env = pendulum().make(4, { threads: 1 });
    env.reset();
    for (let step = 0; step < 10; step++) {
      for (let slot = 0; slot < 4; slot++) {
        const height = 1 - 0.5 * Math.cos(env.observations[3 * slot]);
        assert.ok(Math.abs(env.observations[3 * slot + 2] - height) < 1e-6);
      }
      env.step(Float32Array.of(0, 0.5, -0.5, 1));
    }
    env.close();
  });

  it('map ±1 to the ends of the control range', () => {
    let seen: number[] = [];
    const functions = (): ReturnType<MujocoEnvSource['functions']> => ({
      before({ control }, first, end) {
        for (let slot = first; slot < end; slot++) seen.push(control.data[slot * control.stride]);
      },
      observe() {},
      reward() {},
    });
    const env = pendulum({ functions }).make(4, { threads: 1 });
    env.reset();
    env.step(Float32Array.of(-1, 0, 1, 2));
    assert.deepEqual(seen, [-2, 1, 4, 7]);
    seen = [];
    env.close();
  });

  it('take actions in the actuators’ units where the definition says so', () => {
    let seen: number[] = [];
    const functions = (): ReturnType<MujocoEnvSource['functions']> => ({
      before({ control }, first, end) {
        for (let slot = first; slot < end; slot++) seen.push(control.data[slot * control.stride]);
      },
      observe() {},
      reward() {},
    });
    const factory = pendulum({ functions, action: box([1], -2, 4) });
    assert.deepEqual(factory.spec.actionSpace, box([1], -2, 4));
    const env = factory.make(4, { threads: 1 });
    env.reset();
    env.step(Float32Array.of(-2, 0.1, 4, 9));
    assert.deepEqual(seen, [-2, Math.fround(0.1), 4, 9]);
    seen = [];
    env.close();
    assert.throws(() => pendulum({ action: box([2], -2, 4) }), { code: 'ERR_ARGUMENT', message: /2 elements/ });
    assert.throws(() => pendulum({ action: box([1], 0, 4, 'uint8') }), { code: 'ERR_ARGUMENT', message: /uint8/ });
    assert.throws(() => pendulum({ action: discrete(3) as never }), { code: 'ERR_ARGUMENT', message: /box/ });
  });

  it('end the episode of a slot that diverges, and leave the others alone', () => {
    const wild = { model: { xml: xml(1e12) } };
    const alone = pendulum(wild).make(2, { threads: 1 });
    const env = pendulum(wild).make(3, { threads: 2 });
    const keys = Uint32Array.of(1, 2, 3, 4, 5, 6);
    env.reset(undefined, keys);
    alone.reset(undefined, Uint32Array.of(1, 2, 5, 6));
    // Action -1/3 is control 0; anything else tears the wild pendulum apart.
    const still = Math.fround(-1 / 3);
    let before: number[] = [];
    for (let step = 0; step < 40 && env.diverged === 0; step++) {
      before = [...env.observations.subarray(3, 6)];
      env.step(Float32Array.of(still, step < 3 ? still : 1, still));
      alone.step(Float32Array.of(still, still));
    }
    assert.equal(env.diverged, 1);
    assert.deepEqual([...env.terminated], [0, 1, 0]);
    assert.equal(env.rewards[1], 0);
    assert.deepEqual([...env.observations.subarray(3, 6)], before);
    assert.ok(env.observations.every(Number.isFinite));
    for (let step = 0; step < 5; step++) {
      assert.deepEqual([...env.observations.subarray(0, 3)], [...alone.observations.subarray(0, 3)]);
      assert.deepEqual([...env.observations.subarray(6, 9)], [...alone.observations.subarray(3, 6)]);
      const steps = env.simulatorSteps;
      env.step(Float32Array.of(still, 1, still));
      alone.step(Float32Array.of(still, still));
      assert.equal(env.simulatorSteps, steps + 2);
    }
    env.reset([1]);
    env.step(Float32Array.of(still, still, still));
    assert.deepEqual([env.diverged, env.terminated[1]], [1, 0]);
    env.close();
    alone.close();
  });

  it('refuse models that are missing, malformed, or not what the definition says', () => {
    const missing = { file: '/nowhere/model.xml' };
    assert.throws(() => pendulum({ model: missing }), { code: 'ERR_MODEL', message: /nowhere/ });
    assert.throws(() => pendulum({ model: { file: '.' } }), { code: 'ERR_MODEL', message: /no file/ });
    const made = (changes: Partial<MujocoEnvSource>) => () => pendulum(changes).make(1);
    assert.throws(made({ model: { xml: '<mujoco><worldbody><bodi/></worldbody></mujoco>' } }), { code: 'ERR_MODEL' });
    assert.throws(made({ actuators: 2 }), { code: 'ERR_MODEL' });
    assert.throws(made({ secondsPerStep: 0.01 }), { code: 'ERR_MODEL' });
    assert.throws(made({ outputs: ['site_xpoz'] }), { code: 'ERR_NOT_FOUND', message: /site_xpos/ });
    assert.throws(made({ outputs: ['mocap_pos'] }), { code: 'ERR_ARGUMENT', message: /state\.mocap_pos/ });
    assert.throws(made({ outputs: ['qpos'] }), { code: 'ERR_ARGUMENT', message: /state\.qpos/ });
    assert.throws(made({ outputs: ['ten_length'] }), { code: 'ERR_ARGUMENT', message: /no elements/ });
    assert.throws(made({ keyframe: 'home' }), { code: 'ERR_MODEL', message: /no keyframes/ });
    assert.throws(made({ slotParameters: ['geom_typ'] }), { code: 'ERR_NOT_FOUND', message: /geom_type/ });
    assert.throws(made({ slotParameters: ['geom_type'] }), { code: 'ERR_ARGUMENT' });
    assert.throws(made({ kernel: 'planer' }), { code: 'ERR_NOT_FOUND', message: /row kernel "planer".*"planar"/ });
    assert.throws(made({ kernel: 'planar' }), { code: 'ERR_MODEL', message: /none for the row kernel "planar": / });
    const bytes = box([3], 0, 255, 'uint8');
    assert.throws(() => pendulum({ observation: bytes }), { code: 'ERR_ARGUMENT', message: /uint8; expected float32/ });
  });

  it('have the outputs of a row kernel, which need no stage, and keep to the fast path where they are told to', () => {
    const robot = (changes: Partial<MujocoEnvSource> = {}) =>
      pendulum({
        model: { xml: planarXml },
        substeps: 2,
        observation: 2,
        stage: 'none',
        kernel: 'planar',
        fast: true,
        gather: [{ name: 'planar_bodies', first: 1, count: 1 }, 'planar_center'],
        outputs: ['planar_center'],
        functions: () => ({
          start(qpos, _qvel, draw) {
            qpos[0] = draw(0);
          },
          reward({ outputs, rewards }, first, end) {
            const { data } = outputs.planar_center!;
            for (let slot = first; slot < end; slot++) rewards[slot] = data[slot];
          },
        }),
        ...changes,
      });
    const env = robot().make(3, { threads: 2 });
    env.reset();
    for (let step = 0; step < 5; step++) {
      for (let slot = 0; slot < 3; slot++) {
        const [height, center] = env.observations.subarray(2 * slot);
        assert.ok(height !== 0 && center !== 0);
        if (step > 0) assert.equal(Math.fround(env.rewards[slot]), center);
      }
      env.step(Float32Array.of(0.5, -0.5, 1));
    }
    env.close();
    const made = (changes: Partial<MujocoEnvSource>) => () => robot(changes).make(1);
    const leaves = { code: 'ERR_ARGUMENT', message: /general path/ };
    assert.throws(made({ outputs: ['planar_center', 'qLD'] }), leaves);
    assert.throws(made({ slotParameters: ['body_mass'] }), leaves);
    assert.throws(made({ persistent: true }), leaves);
    robot({ outputs: ['planar_center', 'qLD'], fast: false })
      .make(1)
      .close();
    assert.throws(made({ kernel: undefined as never }), { message: /planar_bodies/ });
  });
});
