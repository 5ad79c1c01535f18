import { controlCost, distance } from './sums.js';
import { addUniform, equalControls, taskDefinition } from './task.js';

const SLOW = 0.005;

/**
 * Reacher-v5. Observation (10): cosines and sines of the two angles, the target's x and y, two angular velocities, and x and
 * y of fingertip - target (m). Reward: -distance - ‖u‖². Never terminates; 50 steps.
 */
export const reacher = taskDefinition({
  id: 'Reacher-v5',
  model: 'reacher',
  shape: { nq: 4, nv: 4, nbody: 5, controls: equalControls(2, 1), timestep: 0.01 },
  frameSkip: 2,
  maxEpisodeSteps: 50,
  options: { rewardDistWeight: 1, rewardControlWeight: 1 },
  create: ({ rewardDistWeight, rewardControlWeight }, { controls }) => ({
    observation: 10,
    outputs: ['xpos'],
    start(qpos, qvel, draws) {
      addUniform(qpos, 0.1, draws);
      let goal: [number, number];
      do goal = [draws.uniform(-0.2, 0.2), draws.uniform(-0.2, 0.2)];
      while (!(length(goal) < 0.2));
      qpos.set(goal, 2);
      addUniform(qvel, SLOW, draws);
      qvel.fill(0, 2);
    },
    functions(model) {
      const [tip, target] = [3 * model.body('fingertip').id, 3 * model.body('target').id];
      return {
        observe({ qpos, qvel, outputs, observations }, first, end) {
          const { data, stride } = outputs.xpos!;
          for (let slot = first; slot < end; slot++) {
            const [at, q, x] = [10 * slot, slot * qpos.stride, slot * stride];
            for (let i = 0; i < 2; i++) {
              observations[at + i] = Math.cos(qpos.data[q + i]);
              observations[at + 2 + i] = Math.sin(qpos.data[q + i]);
              observations[at + 4 + i] = qpos.data[q + 2 + i];
              observations[at + 6 + i] = qvel.data[slot * qvel.stride + i];
              observations[at + 8 + i] = data[x + tip + i] - data[x + target + i];
            }
          }
        },
        reward({ control, outputs, rewards }, first, end) {
          const { data, stride } = outputs.xpos!;
          for (let slot = first; slot < end; slot++) {
            const away = distance(data, slot * stride + tip, data, slot * stride + target, 3) * rewardDistWeight;
            rewards[slot] =
              -away - controlCost(rewardControlWeight, control.data, slot * control.stride, controls.length);
          }
        },
      };
    },
  }),
});

/**
 * Pusher-v5. Observation (23): seven joint angles, their velocities, positions of fingertips, object and goal (m). Reward:
 * -distance of object and goal - 0.1 ‖u‖² - 0.5 · distance of object and fingertips. Never terminates; 100 steps.
 */
export const pusher = taskDefinition({
  id: 'Pusher-v5',
  model: 'pusher',
  shape: { nq: 11, nv: 11, nbody: 13, controls: equalControls(7, 2), timestep: 0.01 },
  frameSkip: 5,
  maxEpisodeSteps: 100,
  options: { rewardNearWeight: 0.5, rewardDistWeight: 1, rewardControlWeight: 0.1 },
  create: ({ rewardNearWeight, rewardDistWeight, rewardControlWeight }, { controls }) => ({
    observation: 23,
    outputs: ['xpos'],
    start(qpos, qvel, draws) {
      let object: [number, number];
      do object = [draws.uniform(-0.3, 0), draws.uniform(-0.2, 0.2)];
      while (!(length(object) > 0.17));
      qpos.set(object, 7);
      qpos.fill(0, 9);
      addUniform(qvel, SLOW, draws);
      qvel.fill(0, 7);
    },
    functions(model) {
      const places = ['tips_arm', 'object', 'goal'].map((name) => 3 * model.body(name).id);
      const [tips, object, goal] = places as [number, number, number];
      return {
        observe({ qpos, qvel, outputs, observations }, first, end) {
          const { data, stride } = outputs.xpos!;
          for (let slot = first; slot < end; slot++) {
            const at = 23 * slot;
            for (let i = 0; i < 7; i++) {
              observations[at + i] = qpos.data[slot * qpos.stride + i];
              observations[at + 7 + i] = qvel.data[slot * qvel.stride + i];
            }
            for (let i = 0; i < 9; i++) {
              observations[at + 14 + i] = data[slot * stride + places[Math.floor(i / 3)] + (i % 3)];
            }
          }
        },
        reward({ control, outputs, rewards }, first, end) {
          const { data, stride } = outputs.xpos!;
          for (let slot = first; slot < end; slot++) {
            const at = slot * stride;
            const near = distance(data, at + object, data, at + tips, 3) * rewardNearWeight;
            const away = distance(data, at + object, data, at + goal, 3) * rewardDistWeight;
            const effort = controlCost(rewardControlWeight, control.data, slot * control.stride, controls.length);
            rewards[slot] = -away - effort - near;
          }
        },
      };
    },
  }),
});

function length([x, y]: readonly [number, number]): number {
  return Math.sqrt(x * x + y * y);
}
