import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hopper, hopperDefaults, hopperStarts } from '../../envs/mujoco/hopper.js';
import { modelText } from '../../envs/mujoco/model-text.js';
import { PlanarShape } from '../../envs/mujoco/planar.js';
import { walker, walkerDefaults } from '../../envs/mujoco/walker.js';
import { uniform } from '../../src/base/random.js';
import { isMujocoEnv } from '../../src/env/define-mujoco-env.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { environmentIdentity } from '../../src/train/identity.js';

const SLOTS = 20;
const robots = [
  {
    name: 'hopper',
    make: hopper,
    xml: modelText('hopper'),
    own: hopperDefaults,
    coordinates: 6,
    inputs: 41,
    seconds: 0.02,
    height: 1.25,
    impact: 0,
  },
  {
    name: 'walker',
    make: walker,
    xml: modelText('walker'),
    own: walkerDefaults,
    coordinates: 9,
    inputs: 68,
    seconds: 0.01,
    height: 1.2,
    impact: 1e-6,
  },
];

for (const { name, make, xml, own, coordinates, inputs, seconds, height, impact } of robots) {
  describe(name, () => {
    const model = MujocoModel.fromXml(xml);
    const reference = new MujocoBatch(model, { slots: SLOTS, threads: 1 });
    const qpos = reference.state('qpos');
    const trees = reference.output('subtree_com');
    const range = model.field('actuator_ctrlrange');

    /** MuJoCo's own centre of mass at the environment's present states. */
    const centers = (states: Float64Array[]) => {
      states.forEach((state, slot) => {
        qpos.array.set(state.subarray(0, coordinates), qpos.offset + slot * qpos.stride);
      });
      reference.forward({ stage: 'position' });
      return states.map((_, slot) => trees[3 * (slot * model.sizes.nbody! + 1)]);
    };

    it('has as many inputs as the published networks need', () => {
      assert.equal(make().spec.observationSpace.low.length, inputs);
    });

    it('starts within ±0.2 of upright, nothing below the ground', () => {
      const env = make().make(200, { threads: 1 });
      env.reset();
      const shape = new PlanarShape(model);
      for (let slot = 0; slot < 200; slot++) {
        const state = env.readState!(slot);
        state.forEach((value, i) => {
          if (i === 1) assert.ok(value >= height - 0.2);
          else assert.ok(Math.abs(value) <= 0.2);
        });
        assert.ok(shape.lowest(state.subarray(0, coordinates)) > -1e-12);
        const forces = env.observations.subarray((slot + 1) * inputs - coordinates, (slot + 1) * inputs);
        assert.ok(forces.every((force) => force === 0));
      }
      env.close();
    });

    it('pays for speed, life, effort and impacts; ends outside the bounds with nothing', () => {
      const env = make().make(SLOTS, { threads: 1 });
      env.reset();
      const controls = env.spec.actionSpace.kind === 'box' ? env.spec.actionSpace.low.length : 0;
      const actions = new Float32Array(SLOTS * controls);
      const states = () => Array.from({ length: SLOTS }, (_, slot) => env.readState!(slot));
      let ended = 0;
      for (let step = 0; ended < SLOTS && step < 1000; step++) {
        for (let i = 0; i < actions.length; i++) actions[i] = 2.2 * uniform(1, 1, step, i) - 1.1;
        const before = centers(states());
        const running = Array.from(env.terminated, (flag) => flag === 0);
        env.step(actions);
        const after = centers(states());
        for (let slot = 0; slot < SLOTS; slot++) {
          if (!running[slot]) continue;
          const [, z, pitch] = env.readState!(slot) as unknown as [number, number, number];
          const inside = z > 0.8 && z < 2 && Math.abs(pitch) < 1;
          assert.equal(env.terminated[slot], inside ? 0 : 1);
          if (!inside) {
            assert.equal(env.rewards[slot], 0);
            ended++;
            continue;
          }
          let effort = 0;
          for (let i = 0; i < controls; i++) {
            const [low, high] = [Number(range[2 * i]), Number(range[2 * i + 1])];
            effort += ((low + high) / 2 + ((high - low) / 2) * actions[slot * controls + i]) ** 2;
          }
          const forces = env.observations.subarray((slot + 1) * inputs - coordinates, (slot + 1) * inputs);
          const force = Array.from(forces).reduce((sum, f) => sum + f * f, 0);
          const speed = (after[slot] - before[slot]) / seconds;
          const expected = speed + 1 - 1e-5 * effort - Math.min(10, 0.5 * impact * force);
          // Forces are read in single precision: 1e-7 of at most 10.
          assert.ok(Math.abs(env.rewards[slot] - expected) < 1e-5, `${env.rewards[slot]} ${expected}`);
        }
      }
      assert.equal(ended, SLOTS);
      assert.ok(env.terminated.every((flag) => flag === 1));
      env.close();
    });

    it('has the joints of its model file, or those that it is given; the root has none', () => {
      const rows = (model: MujocoModel) =>
        ['dof_armature', 'dof_damping'].map((name) => Array.from(model.field(name), Number));
      const wanted = ({ armature, damping }: { armature: number; damping: number }) =>
        [armature, damping].map((value) => [0, 0, 0, ...new Array<number>(coordinates - 3).fill(value)]);
      const loaded = (settings: { armature?: number } = {}) => {
        const made = make(settings);
        return isMujocoEnv(made) ? made.model() : assert.fail();
      };
      const [plain, given] = [loaded(), loaded({ armature: 0.125 })];
      assert.deepEqual(rows(plain), wanted(own));
      assert.deepEqual(rows(given), wanted({ ...own, armature: 0.125 }));
      for (const field of plain.fieldNames()) {
        if (/armature|M0|invweight0|acc0/.test(field)) continue;
        assert.deepEqual(given.field(field), plain.field(field), field);
      }
    });

    it('takes other joints and costs as settings', () => {
      const numbers = { armature: 0.2, damping: 0.7, aliveReward: 0, controlCost: 0, impactCost: 0.01 };
      assert.notEqual(make(numbers).spec.modelHash, make().spec.modelHash);
      const env = make({ aliveReward: 5, controlCost: 0, impactCost: 0 }).make(1, { threads: 1 });
      const plain = make({ aliveReward: 0, controlCost: 0, impactCost: 0 }).make(1, { threads: 1 });
      for (const one of [env, plain]) {
        one.reset();
        one.step(new Float32Array(coordinates - 3));
      }
      assert.ok(Math.abs(env.rewards[0] - plain.rewards[0] - 5) < 1e-12);
      env.close();
      plain.close();
    });
  });
}

describe('variants of the hopper', () => {
  it('starts around the pose that is asked for, above the ground', () => {
    for (const [start, { positions, velocities }] of Object.entries(hopperStarts)) {
      const env = hopper({ start }).make(100, { threads: 1 });
      env.reset();
      for (let slot = 0; slot < 100; slot++) {
        const state = env.readState!(slot);
        for (let i = 0; i < 12; i++) {
          const middle = (i < 6 ? positions[i] : velocities[i - 6]) ?? 0;
          if (i === 1) assert.ok(state[1] >= middle - 0.2, `${start}: ${state[1]}`);
          else assert.ok(Math.abs(state[i] - middle) <= 0.2, `${start}, coordinate ${i}: ${state[i]}`);
        }
      }
      env.close();
    }
    assert.throws(() => hopper({ start: 'lying' }), /upright, flight, flexed/);
  });

  it('has the foot that is asked for; without variants it is the environment it was', () => {
    const length = (settings: object) => {
      const env = hopper({ ...settings });
      const model = MujocoModel.fromXml(isMujocoEnv(env) ? textOf(env.source.model) : '');
      return 2 * Number(model.field('geom_size')[3 * 4 + 1]);
    };
    assert.ok(Math.abs(length({}) - 0.39) < 1e-12);
    assert.ok(Math.abs(length({ foot: 0.5 }) - 0.195) < 1e-12);
    assert.throws(() => hopper({ foot: 0 }), /foot/);
    const identity = environmentIdentity(hopper().spec);
    assert.equal(identity, environmentIdentity(hopper({ start: 'upright', foot: 1 }).spec));
    for (const other of [{ start: 'flexed' }, { foot: 0.5 }]) {
      assert.notEqual(identity, environmentIdentity(hopper(other).spec));
    }
  });
});

function textOf(model: unknown): string {
  return (model as { xml: string }).xml;
}
