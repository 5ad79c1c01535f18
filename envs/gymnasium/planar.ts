import type { EnvSettings, MujocoTables, Rows } from '../../src/index.js';
import { controlCost } from './sums.js';
import { addNormal, addUniform, clipRow, equalControls, type Task, type TaskParts, taskDefinition } from './task.js';

interface PlanarOptions extends EnvSettings {
  readonly forwardRewardWeight: number;
  readonly ctrlCostWeight: number;
  readonly resetNoiseScale: number;
  readonly excludeCurrentPositionsFromObservation: boolean;
}

interface HealthyOptions extends PlanarOptions {
  readonly healthyReward: number;
  readonly terminateWhenUnhealthy: boolean;
  readonly healthyZRange: readonly number[];
  readonly healthyAngleRange: readonly number[];
}

/** What a robot has beside its forward velocity. */
interface Planar {
  /** First positions, which an observation leaves out unless told otherwise. */
  readonly hidden: number;
  readonly velocities: typeof addUniform;
  /** Velocities are seen within ± this. */
  readonly clip?: number;
  readonly health?: Health;
}

interface Health {
  readonly reward: number;
  readonly terminates: boolean;
  healthy(q: Rows, v: Rows, slot: number): boolean;
}

/** Robots that are rewarded for the velocity of their first coordinate. */
function planar<Options extends PlanarOptions>(
  task: Omit<Task<Options>, 'create'>,
  robot: (options: Options, positions: number, velocities: number) => Planar,
) {
  return taskDefinition<Options>({
    ...task,
    create(options, { nq, nv, controls }, seconds): TaskParts {
      const { forwardRewardWeight, ctrlCostWeight, resetNoiseScale } = options;
      const { hidden, velocities, clip, health } = robot(options, nq, nv);
      const first = options.excludeCurrentPositionsFromObservation ? hidden : 0;
      const size = nq - first + nv;
      return {
        observation: size,
        gather: [{ name: 'qpos', first }, 'qvel'],
        memory: { x: 1 },
        start(qpos, qvel, draws) {
          addUniform(qpos, resetNoiseScale, draws);
          velocities(qvel, resetNoiseScale, draws);
        },
        functions: () => ({
          before: keepX,
          ...(clip === undefined ? {} : { observe: clipped(size, nv, clip) }),
          reward({ qpos, qvel, control, memory, rewards, terminated }, from, end) {
            for (let slot = from; slot < end; slot++) {
              const velocity = (qpos.data[slot * qpos.stride] - memory.x!.data[slot]) / seconds;
              const cost = controlCost(ctrlCostWeight, control.data, slot * control.stride, controls.length);
              let reward = forwardRewardWeight * velocity;
              if (health !== undefined) {
                const healthy = health.healthy(qpos, qvel, slot);
                if (healthy) reward += health.reward;
                else if (health.terminates) terminated[slot] = 1;
              }
              rewards[slot] = reward - cost;
            }
          },
        }),
      };
    },
  });
}

function keepX({ qpos, memory }: MujocoTables, first: number, end: number): void {
  for (let slot = first; slot < end; slot++) memory.x!.data[slot] = qpos.data[slot * qpos.stride];
}

function clipped(size: number, velocities: number, bound: number) {
  return ({ observations }: MujocoTables, first: number, end: number) => {
    for (let slot = first; slot < end; slot++) {
      clipRow(observations, (slot + 1) * size - velocities, (slot + 1) * size, -bound, bound);
    }
  };
}

/** Element i of a slot's row is between the bounds, both outside. */
function inside({ data, stride }: Rows, slot: number, i: number, range: readonly number[]): boolean {
  const value = data[slot * stride + i];
  return range[0] < value && value < range[1];
}

function allInside(rows: Rows, slot: number, first: number, end: number, range: readonly number[]): boolean {
  for (let i = first; i < end; i++) if (!inside(rows, slot, i, range)) return false;
  return true;
}

const upright = ({ healthyZRange, healthyAngleRange }: HealthyOptions, q: Rows, slot: number) =>
  inside(q, slot, 1, healthyZRange) && inside(q, slot, 2, healthyAngleRange);

/**
 * HalfCheetah-v5. Observation (17): height, pitch and six joint angles, and all nine velocities. Reward: forward velocity
 * (m/s) - 0.1 ‖u‖². Never terminates.
 */
export const halfCheetah = planar(
  {
    id: 'HalfCheetah-v5',
    model: 'half-cheetah',
    shape: { nq: 9, nv: 9, nbody: 8, controls: equalControls(6, 1), timestep: 0.01 },
    frameSkip: 5,
    maxEpisodeSteps: 1000,
    options: {
      forwardRewardWeight: 1,
      ctrlCostWeight: 0.1,
      resetNoiseScale: 0.1,
      excludeCurrentPositionsFromObservation: true,
    },
  },
  () => ({ hidden: 1, velocities: addNormal }),
);

/**
 * Swimmer-v5. Observation (8): the angle of the front link, two joint angles, and all five velocities. Reward: velocity of
 * the front tip along x (m/s) - 1e-4 ‖u‖². Never terminates.
 */
export const swimmer = planar(
  {
    id: 'Swimmer-v5',
    model: 'swimmer',
    shape: { nq: 5, nv: 5, nbody: 4, controls: equalControls(2, 1), timestep: 0.01 },
    frameSkip: 4,
    maxEpisodeSteps: 1000,
    options: {
      forwardRewardWeight: 1,
      ctrlCostWeight: 1e-4,
      resetNoiseScale: 0.1,
      excludeCurrentPositionsFromObservation: true,
    },
  },
  () => ({ hidden: 2, velocities: addUniform }),
);

/**
 * Hopper-v5. Observation (11): height, pitch and three joint angles, and all six velocities clipped to ±10. Reward: forward
 * velocity (m/s) + 1 while healthy - 1e-3 ‖u‖². Terminates outside of height > 0.7 m, |pitch| < 0.2 rad, and ±100 for
 * everything but the first two positions.
 */
export const hopper = planar(
  {
    id: 'Hopper-v5',
    model: 'hopper',
    shape: { nq: 6, nv: 6, nbody: 5, controls: equalControls(3, 1), timestep: 0.002 },
    frameSkip: 4,
    maxEpisodeSteps: 1000,
    options: {
      forwardRewardWeight: 1,
      ctrlCostWeight: 1e-3,
      healthyReward: 1,
      terminateWhenUnhealthy: true,
      healthyStateRange: [-100, 100],
      healthyZRange: [0.7, Infinity],
      healthyAngleRange: [-0.2, 0.2],
      resetNoiseScale: 5e-3,
      excludeCurrentPositionsFromObservation: true,
    },
  },
  (options, nq, nv) => ({
    hidden: 1,
    velocities: addUniform,
    clip: 10,
    health: {
      reward: options.healthyReward,
      terminates: options.terminateWhenUnhealthy,
      healthy: (q, v, slot) =>
        upright(options, q, slot) &&
        allInside(q, slot, 2, nq, options.healthyStateRange) &&
        allInside(v, slot, 0, nv, options.healthyStateRange),
    },
  }),
);

/**
 * Walker2d-v5. Observation (17): height, pitch and six joint angles, and all nine velocities clipped to ±10. Reward:
 * forward velocity (m/s) + 1 while healthy - 1e-3 ‖u‖². Terminates outside of height (0.8, 2) m and |pitch| < 1 rad.
 */
export const walker2d = planar(
  {
    id: 'Walker2d-v5',
    model: 'walker2d',
    shape: { nq: 9, nv: 9, nbody: 8, controls: equalControls(6, 1), timestep: 0.002 },
    frameSkip: 4,
    maxEpisodeSteps: 1000,
    options: {
      forwardRewardWeight: 1,
      ctrlCostWeight: 1e-3,
      healthyReward: 1,
      terminateWhenUnhealthy: true,
      healthyZRange: [0.8, 2],
      healthyAngleRange: [-1, 1],
      resetNoiseScale: 5e-3,
      excludeCurrentPositionsFromObservation: true,
    },
  },
  (options) => ({
    hidden: 1,
    velocities: addUniform,
    clip: 10,
    health: {
      reward: options.healthyReward,
      terminates: options.terminateWhenUnhealthy,
      healthy: (q, _v, slot) => upright(options, q, slot),
    },
  }),
);
