import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelText } from '../../envs/mujoco/model-text.js';
import { PlanarShape } from '../../envs/mujoco/planar.js';
import { uniform } from '../../src/base/random.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';

/** Double-precision sums of a few terms of size 10. */
const TOLERANCE = 1e-13;
/** Numbers a body. */
const FEATURES = 6;

for (const name of ['hopper', 'walker']) {
  describe(`planar bodies of the ${name}`, () => {
    const model = MujocoModel.fromXml(modelText(name));
    const shape = new PlanarShape(model);
    const { nq, nv, nbody } = model.sizes as { nq: number; nv: number; nbody: number };
    const batch = new MujocoBatch(model, { slots: 50, threads: 1, kernel: 'planar', fast: true });
    const qpos = batch.state('qpos');
    const qvel = batch.state('qvel');
    for (let slot = 0; slot < 50; slot++) {
      for (let i = 0; i < nq; i++) qpos.array[qpos.offset + slot * qpos.stride + i] = 3 * uniform(1, slot, 0, i) - 1.5;
      for (let i = 0; i < nv; i++) qvel.array[qvel.offset + slot * qvel.stride + i] = 6 * uniform(1, slot, 1, i) - 3;
    }
    const centers = batch.output('xipos');
    const frames = batch.output('xmat');
    const velocities = batch.output('cvel');
    const trees = batch.output('subtree_com');
    const contacts = batch.output('ncon');
    const bodies = batch.output('planar_bodies') as Float64Array;
    const masses = batch.output('planar_center') as Float64Array;
    batch.forward({ stage: 'velocity' });

    it("agree with MuJoCo's own positions, velocities and centre of mass", () => {
      for (let slot = 0; slot < 50; slot++) {
        const qAt = qpos.offset + slot * qpos.stride;
        const features = bodies.subarray(slot * FEATURES * (nbody - 1));
        const body = (b: number) => slot * nbody + b + 1;
        const tree = 3 * body(0);
        assert.ok(Math.abs(masses[slot] - trees[tree]) < 1e-14);
        for (let b = 0; b < nbody - 1; b++) {
          const [x, z] = [centers[3 * body(b)], centers[3 * body(b) + 2]];
          const c = 6 * body(b);
          // cvel: angular velocity, then the velocity of the point at the tree's centre of mass.
          const spin = velocities[c + 1];
          const vx = velocities[c + 3] + spin * (z - trees[tree + 2]);
          const vz = velocities[c + 5] - spin * (x - trees[tree]);
          const pitch = features[FEATURES * b + 4];
          const expected = [x - qpos.array[qAt], z, vx, vz, pitch, spin];
          expected.forEach((value, i) => {
            const difference = Math.abs(features[FEATURES * b + i] - value);
            assert.ok(difference < TOLERANCE, `slot ${slot}, body ${b}, feature ${i}: off by ${difference}`);
          });
          assert.ok(Math.abs(Math.cos(pitch) - frames[9 * body(b)]) < TOLERANCE);
          assert.ok(Math.abs(Math.sin(pitch) - frames[9 * body(b) + 2]) < TOLERANCE);
        }
      }
    });

    it('know their lowest point: lifted by it, they just do not touch the ground', () => {
      for (let slot = 0; slot < 50; slot++) {
        const at = qpos.offset + slot * qpos.stride;
        const q = qpos.array.slice(at, at + nq);
        qpos.array[at + 1] -= shape.lowest(q) - (slot % 2 === 0 ? 0.003 : -0.003);
      }
      batch.forward({ stage: 'position' });
      for (let slot = 0; slot < 50; slot++) assert.equal(contacts[slot] === 0, slot % 2 === 0, `slot ${slot}`);
    });
  });
}
