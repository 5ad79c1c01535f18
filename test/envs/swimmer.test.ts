import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainOfLinks } from '../../envs/mujoco/links.js';
import { modelText } from '../../envs/mujoco/model-text.js';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { uniform } from '../../src/base/random.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';

const draw = (slot: number, i: number) => 2 * uniform(2, slot, 0, i) - 1;

test("the rewarded velocity is that of MuJoCo's own centre of mass", () => {
  const model = MujocoModel.fromXml(modelText('swimmer'));
  const links = new ChainOfLinks(model);
  const batch = new MujocoBatch(model, { slots: 2, threads: 1 });
  const positions = batch.state('qpos');
  const trees = batch.output('subtree_com');
  const h = 1e-5;
  for (let trial = 0; trial < 20; trial++) {
    const q = Float64Array.from({ length: 5 }, (_, i) => 3 * draw(trial, i));
    const v = Float64Array.from({ length: 5 }, (_, i) => 4 * draw(trial, 5 + i));
    // One slot a moment before, one a moment after.
    for (const [slot, sign] of [-1, 1].entries()) {
      q.forEach((x, i) => {
        positions.array[positions.offset + slot * positions.stride + i] = x + sign * h * v[i];
      });
    }
    batch.forward({ stage: 'position' });
    const bodies = trees.length / 2;
    const velocity = (trees[bodies + 3] - trees[3]) / (2 * h);
    // Central differences of a function of size 10: h² and rounding / h, both some 1e-10.
    assert.ok(Math.abs(v[0] + links.massVelocity(q, 0, v, 0) - velocity) < 1e-7);
  }
  batch.close();
  model.close();
});

test('a chain of other links is read from its model, and what is none is refused', () => {
  const longer = modelText('swimmer').replace('fromto="0 0 0 -1 0 0"/>', 'fromto="0 0 0 -1.5 0 0" size="0.2"/>');
  const moved = longer.replace('pos="-1 0 0"', 'pos="-1.5 0 0"');
  const [q, v] = [Float64Array.of(0, 0, 0.3, 0.5, -0.4), Float64Array.of(0, 0, 1, -2, 0.5)];
  const of = (xml: string) => {
    const model = MujocoModel.fromXml(xml);
    const batch = new MujocoBatch(model, { slots: 1 });
    const [qpos, qvel] = [batch.state('qpos'), batch.state('qvel')];
    batch.states.set(q, qpos.offset);
    batch.states.set(v, qvel.offset);
    const velocities = batch.output('subtree_linvel');
    batch.forward();
    const velocity = velocities[3];
    batch.close();
    assert.ok(Math.abs(new ChainOfLinks(model).massVelocity(q, 0, v, 0) - velocity) < 1e-12);
    return velocity;
  };
  assert.ok(Math.abs(of(modelText('swimmer')) - of(moved)) > 0.01);
  for (const [from, to] of [
    ['axis="0 0 1"', 'axis="0 1 0"'],
    ['pos="0.5 0 0"', 'pos="0.5 0.1 0"'],
    ['fromto="1.5 0 0 0.5 0 0"', 'fromto="1.5 0 0 0.5 0.2 0"'],
  ] as const) {
    const other = MujocoModel.fromXml(modelText('swimmer').replace(from, to));
    assert.throws(() => new ChainOfLinks(other), { code: 'ERR_MODEL', message: /no link of a chain/ });
  }
});

test('the velocity rewarded is a choice, and only one of two', () => {
  const rewards = ['mass', 'root'].map((velocity) => {
    const env = swimmer({ velocity, controlCost: 0 }).make(1);
    env.reset();
    const [root] = env.observations.subarray(4, 5);
    env.step(new Float32Array(2));
    const reward = env.rewards[0];
    env.close();
    return reward - root;
  });
  assert.ok(Math.abs(rewards[0]) > 1e-3);
  // Observations are single precision.
  assert.ok(Math.abs(rewards[1]) < 1e-7);
  assert.throws(() => swimmer({ velocity: 'head' }), { code: 'ERR_ARGUMENT' });
});
