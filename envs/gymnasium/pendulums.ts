import { addNormal, addUniform, clipRow, equalControls, taskDefinition } from './task.js';

/**
 * InvertedPendulum-v5. Observation (4): position of the cart (m), angle of the pole (rad), their velocities. Reward: 1 until
 * the pole leans more than 0.2 rad, which terminates.
 */
export const invertedPendulum = taskDefinition({
  id: 'InvertedPendulum-v5',
  model: 'inverted-pendulum',
  shape: { nq: 2, nv: 2, nbody: 3, controls: equalControls(1, 3), timestep: 0.02 },
  frameSkip: 2,
  maxEpisodeSteps: 1000,
  options: { resetNoiseScale: 0.01 },
  create: ({ resetNoiseScale }, { nq, nv }) => ({
    observation: nq + nv,
    gather: ['qpos', 'qvel'],
    start(qpos, qvel, draws) {
      addUniform(qpos, resetNoiseScale, draws);
      addUniform(qvel, resetNoiseScale, draws);
    },
    functions: () => ({
      reward({ qpos, rewards, terminated }, first, end) {
        for (let slot = first; slot < end; slot++) {
          const fallen = Math.abs(qpos.data[slot * qpos.stride + 1]) > 0.2;
          rewards[slot] = fallen ? 0 : 1;
          terminated[slot] = fallen ? 1 : 0;
        }
      },
    }),
  }),
});

/**
 * InvertedDoublePendulum-v5. Observation (9): position of the cart, sines and cosines of the two angles, velocities clipped
 * to ±10, the force of the cart's limit clipped to ±10. Reward: 10 - 0.01 x² - (z - 2)² - 1e-3 ω₁² - 5e-3 ω₂², with the tip
 * at (x, z); without the 10 where z <= 1 m, which terminates.
 */
export const invertedDoublePendulum = taskDefinition({
  id: 'InvertedDoublePendulum-v5',
  model: 'inverted-double-pendulum',
  shape: { nq: 3, nv: 3, nbody: 4, controls: equalControls(1, 1), timestep: 0.01 },
  frameSkip: 5,
  maxEpisodeSteps: 1000,
  options: { healthyReward: 10, resetNoiseScale: 0.1 },
  create: ({ healthyReward, resetNoiseScale }) => ({
    observation: 9,
    outputs: ['site_xpos', 'qfrc_constraint'],
    start(qpos, qvel, draws) {
      addUniform(qpos, resetNoiseScale, draws);
      addNormal(qvel, resetNoiseScale, draws);
    },
    functions: () => ({
      observe({ qpos, qvel, outputs, observations }, first, end) {
        const force = outputs.qfrc_constraint!;
        for (let slot = first; slot < end; slot++) {
          const [at, q, v] = [9 * slot, slot * qpos.stride, slot * qvel.stride];
          observations[at] = qpos.data[q];
          for (let i = 1; i <= 2; i++) {
            observations[at + i] = Math.sin(qpos.data[q + i]);
            observations[at + 2 + i] = Math.cos(qpos.data[q + i]);
          }
          for (let i = 0; i < 3; i++) observations[at + 5 + i] = qvel.data[v + i];
          observations[at + 8] = force.data[slot * force.stride];
          clipRow(observations, at + 5, at + 9, -10, 10);
        }
      },
      reward({ qvel, outputs, rewards, terminated }, first, end) {
        const tip = outputs.site_xpos!;
        for (let slot = first; slot < end; slot++) {
          const [x, z] = [tip.data[slot * tip.stride], tip.data[slot * tip.stride + 2]];
          const [first, second] = [qvel.data[slot * qvel.stride + 1], qvel.data[slot * qvel.stride + 2]];
          const away = 0.01 * (x * x) + (z - 2) * (z - 2);
          const motion = 1e-3 * (first * first) + 5e-3 * (second * second);
          const fallen = z <= 1;
          rewards[slot] = (fallen ? 0 : healthyReward) - away - motion;
          terminated[slot] = fallen ? 1 : 0;
        }
      },
    }),
  }),
});
