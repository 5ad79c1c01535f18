import { controlCost, sumOfSquares } from './sums.js';
import { addNormal, addUniform, clipRow, equalControls, taskDefinition } from './task.js';

/**
 * Ant-v5. Observation (105): height, quaternion and eight joint angles, all fourteen velocities, and the external torque
 * and force on each of 13 bodies, clipped to ±1. Reward: forward velocity of the torso (m/s) + 1 while healthy - 0.5 ‖u‖²
 * - 5e-4 ‖clipped forces‖². Terminates outside of height [0.2, 1] m. `mainBody`: the body that is followed, by its name;
 * '' is the first.
 */
export const ant = taskDefinition({
  id: 'Ant-v5',
  model: 'ant',
  shape: { nq: 15, nv: 14, nbody: 14, controls: equalControls(8, 1), timestep: 0.01 },
  frameSkip: 5,
  maxEpisodeSteps: 1000,
  options: {
    forwardRewardWeight: 1,
    ctrlCostWeight: 0.5,
    contactCostWeight: 5e-4,
    healthyReward: 1,
    mainBody: '',
    terminateWhenUnhealthy: true,
    healthyZRange: [0.2, 1],
    contactForceRange: [-1, 1],
    resetNoiseScale: 0.1,
    excludeCurrentPositionsFromObservation: true,
    includeCfrcExtInObservation: true,
  },
  create(options, { nq, nv, nbody, controls }, seconds) {
    const { forwardRewardWeight, ctrlCostWeight, contactCostWeight, healthyReward, resetNoiseScale } = options;
    const [lowest, highest] = options.healthyZRange as [number, number];
    const [low, high] = options.contactForceRange as [number, number];
    const first = options.excludeCurrentPositionsFromObservation ? 2 : 0;
    const forces = options.includeCfrcExtInObservation ? 6 * (nbody - 1) : 0;
    const size = nq - first + nv + forces;
    return {
      observation: size,
      gather: [{ name: 'qpos', first }, 'qvel', ...(forces > 0 ? [{ name: 'cfrc_ext', first: 6 }] : [])],
      outputs: ['xpos', 'cfrc_ext'],
      // Where the body was after the last step, and whether the episode was seen.
      memory: { x: 1, seen: 1 },
      start(qpos, qvel, draws) {
        addUniform(qpos, resetNoiseScale, draws);
        addNormal(qvel, resetNoiseScale, draws);
      },
      functions(model) {
        const body = options.mainBody === '' ? 1 : model.body(options.mainBody).id;
        return {
          observe({ outputs, memory, observations }, from, end) {
            const { data, stride } = outputs.xpos!;
            for (let slot = from; slot < end; slot++) {
              const at = (slot + 1) * size;
              clipRow(observations, at - forces, at, low, high);
              if (memory.seen!.data[slot] !== 0) continue;
              memory.seen!.data[slot] = 1;
              memory.x!.data[slot] = data[slot * stride + 3 * body];
              // Gymnasium's reset does not compute them.
              observations.fill(0, at - forces, at);
            }
          },
          reward({ qpos, control, outputs, memory, rewards, terminated }, from, end) {
            const { data, stride } = outputs.xpos!;
            const contacts = outputs.cfrc_ext!;
            for (let slot = from; slot < end; slot++) {
              const x = data[slot * stride + 3 * body];
              const forward = ((x - memory.x!.data[slot]) / seconds) * forwardRewardWeight;
              memory.x!.data[slot] = x;
              const effort = controlCost(ctrlCostWeight, control.data, slot * control.stride, controls.length);
              const squares = sumOfSquares(contacts.data, slot * contacts.stride, 6 * nbody, low, high);
              const height = qpos.data[slot * qpos.stride + 2];
              const healthy = lowest <= height && height <= highest;
              rewards[slot] = forward + (healthy ? healthyReward : 0) - (effort + contactCostWeight * squares);
              if (!healthy && options.terminateWhenUnhealthy) terminated[slot] = 1;
            }
          },
        };
      },
    };
  },
});
