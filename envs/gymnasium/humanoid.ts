import type { ColumnSource, MujocoModel, MujocoTables, Rows } from '../../src/index.js';
import { numpySum, sumOfSquares } from './sums.js';
import { addUniform, equalControls, type ModelShape, type TaskParts, taskDefinition } from './task.js';

const shape: ModelShape = { nq: 24, nv: 23, nbody: 14, controls: equalControls(17, 0.4), timestep: 0.003 };

const observed = {
  resetNoiseScale: 1e-2,
  excludeCurrentPositionsFromObservation: true,
  includeCinertInObservation: true,
  includeCvelInObservation: true,
  includeQfrcActuatorInObservation: true,
  includeCfrcExtInObservation: true,
};

/**
 * What both tasks see (348): positions without x and y (22), velocities (23); of each of 13 bodies the inertia about the
 * centre of mass and its mass (10), velocity (6), external torque and force (6); actuator forces of the joints (17).
 */
function humanParts(options: typeof observed, { nq, nv, nbody }: ModelShape): Omit<TaskParts, 'functions'> {
  const hidden = options.excludeCurrentPositionsFromObservation ? 2 : 0;
  const columns: [ColumnSource, number][] = [
    [{ name: 'qpos', first: hidden }, nq - hidden],
    [{ name: 'qvel' }, nv],
  ];
  if (options.includeCinertInObservation) columns.push([{ name: 'cinert', first: 10 }, 10 * (nbody - 1)]);
  if (options.includeCvelInObservation) columns.push([{ name: 'cvel', first: 6 }, 6 * (nbody - 1)]);
  if (options.includeQfrcActuatorInObservation) columns.push([{ name: 'qfrc_actuator', first: 6 }, nv - 6]);
  if (options.includeCfrcExtInObservation) columns.push([{ name: 'cfrc_ext', first: 6 }, 6 * (nbody - 1)]);
  return {
    observation: columns.reduce((sum, [, count]) => sum + count, 0),
    gather: columns.map(([column]) => column),
    start(qpos, qvel, draws) {
      addUniform(qpos, options.resetNoiseScale, draws);
      addUniform(qvel, options.resetNoiseScale, draws);
    },
  };
}

/**
 * The first observation of an episode has no external forces: Gymnasium's reset does not compute them.
 * @param size of an observation
 * @param begin what else happens then
 */
function firstSight(options: typeof observed, nbody: number, size: number, begin?: Begin) {
  const forces = options.includeCfrcExtInObservation ? 6 * (nbody - 1) : 0;
  return (tables: MujocoTables, first: number, end: number) => {
    const seen = tables.memory.seen!.data;
    for (let slot = first; slot < end; slot++) {
      if (seen[slot] !== 0) continue;
      seen[slot] = 1;
      tables.observations.fill(0, (slot + 1) * size - forces, (slot + 1) * size);
      begin?.(tables, slot);
    }
  };
}

type Begin = (tables: MujocoTables, slot: number) => void;

/** min(high, max(low, weight · Σ f²)) over all external torques and forces. */
function impactCost({ data, stride }: Rows, slot: number, nbody: number, weight: number, range: readonly number[]) {
  return Math.min(range[1], Math.max(range[0], weight * sumOfSquares(data, slot * stride, 6 * nbody)));
}

/** x of the whole model's centre of mass, from the bodies' centres. */
function centerOf(model: MujocoModel): (xipos: Rows, slot: number) => number {
  const masses = Float64Array.from(model.field('body_mass'), Number);
  const total = numpySum(masses, 0, masses.length);
  return ({ data, stride }, slot) => {
    let sum = 0;
    for (let body = 0; body < masses.length; body++) sum += masses[body] * data[slot * stride + 3 * body];
    return sum / total;
  };
}

/**
 * Humanoid-v5. Observation: see `humanParts`. Reward: 1.25 · forward velocity of the centre of mass (m/s) + 5 while
 * healthy - 0.1 ‖u‖² - min(10, 5e-7 ‖external forces‖²). Terminates outside of height (1, 2) m.
 */
export const humanoid = taskDefinition({
  id: 'Humanoid-v5',
  model: 'humanoid',
  shape,
  frameSkip: 5,
  maxEpisodeSteps: 1000,
  options: {
    forwardRewardWeight: 1.25,
    ctrlCostWeight: 0.1,
    contactCostWeight: 5e-7,
    contactCostRange: [-Infinity, 10],
    healthyReward: 5,
    terminateWhenUnhealthy: true,
    healthyZRange: [1, 2],
    ...observed,
  },
  create(options, sizes, seconds) {
    const { forwardRewardWeight, ctrlCostWeight, contactCostWeight, contactCostRange, healthyReward } = options;
    const { nbody, controls } = sizes;
    const [lowest, highest] = options.healthyZRange as [number, number];
    const parts = humanParts(options, sizes);
    return {
      ...parts,
      outputs: ['xipos', 'cfrc_ext'],
      memory: { x: 1, seen: 1 },
      functions(model) {
        const center = centerOf(model);
        return {
          observe: firstSight(options, nbody, parts.observation, ({ outputs, memory }, slot) => {
            memory.x!.data[slot] = center(outputs.xipos!, slot);
          }),
          reward({ qpos, control, outputs, memory, rewards, terminated }, first, end) {
            for (let slot = first; slot < end; slot++) {
              const x = center(outputs.xipos!, slot);
              const forward = forwardRewardWeight * ((x - memory.x!.data[slot]) / seconds);
              memory.x!.data[slot] = x;
              const effort = ctrlCostWeight * sumOfSquares(control.data, slot * control.stride, controls.length);
              const impact = impactCost(outputs.cfrc_ext!, slot, nbody, contactCostWeight, contactCostRange);
              const height = qpos.data[slot * qpos.stride + 2];
              const healthy = lowest < height && height < highest;
              rewards[slot] = forward + (healthy ? healthyReward : 0) - (effort + impact);
              if (!healthy && options.terminateWhenUnhealthy) terminated[slot] = 1;
            }
          },
        };
      },
    };
  },
});

/**
 * HumanoidStandup-v5. Observation: see `humanParts`. Reward: height of the torso (m) / 0.003 - 0.1 ‖u‖² - min(10, 5e-7
 * ‖external forces‖²) + 1. Never terminates. `uphCostWeight` does nothing, as there.
 */
export const humanoidStandup = taskDefinition({
  id: 'HumanoidStandup-v5',
  model: 'humanoid-standup',
  shape,
  frameSkip: 5,
  maxEpisodeSteps: 1000,
  options: {
    uphCostWeight: 1,
    ctrlCostWeight: 0.1,
    impactCostWeight: 5e-7,
    impactCostRange: [-Infinity, 10],
    ...observed,
  },
  create(options, sizes) {
    const { ctrlCostWeight, impactCostWeight, impactCostRange } = options;
    const { nbody, controls, timestep } = sizes;
    const parts = humanParts(options, sizes);
    return {
      ...parts,
      outputs: ['cfrc_ext'],
      memory: { seen: 1 },
      functions: () => ({
        observe: firstSight(options, nbody, parts.observation),
        reward({ qpos, control, outputs, rewards }, first, end) {
          for (let slot = first; slot < end; slot++) {
            const height = qpos.data[slot * qpos.stride + 2] / timestep;
            const effort = ctrlCostWeight * sumOfSquares(control.data, slot * control.stride, controls.length);
            const impact = impactCost(outputs.cfrc_ext!, slot, nbody, impactCostWeight, impactCostRange);
            rewards[slot] = height - effort - impact + 1;
          }
        },
      }),
    };
  },
});
