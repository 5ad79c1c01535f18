import { defineMujocoEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../src/index.js';
import { robotColumns, robotFunctions, robotInputs } from './locomotion.js';
import { robotModel } from './model-text.js';
import { scaling } from './scaling.js';

/** Settings of `walker` and their defaults; docs/fidelity.md says where they come from. */
export const walkerDefaults = {
  armature: 0.02,
  damping: 0.3,
  aliveReward: 1,
  controlCost: 1e-5,
  impactCost: 1e-6,
  impactCap: 10,
  maxEpisodeSteps: 1000,
};

const COORDINATES = 9;
const BODIES = 7;
const CONTROLS = 6;
const SECONDS = 0.01;
const START = { positions: [0, 1.2], velocities: [] };

/**
 * The paper's walker, 100 Hz, six torques with the asymmetric bounds of its model file. 68 inputs: height, pitch, six
 * joint angles and the nine velocities (17); for torso, right thigh, shank, foot, left thigh, shank, foot the centre's
 * x from the root, z, vx, vz, pitch and pitch rate (42); nine joint-space constraint forces f of the step just made.
 * Reward: velocity of the centre of mass + 1 - 1e-5 ‖u‖² - min(10, impactCost/2 ‖f‖²); 0 and the end outside of height
 * (0.8, 2) m, pitch (-1, 1) rad.
 */
export function walker(settings?: EnvSettings): EnvFactory {
  const options = resolveSettings('walker', walkerDefaults, settings);
  return defineMujocoEnv({
    id: 'walker',
    model: robotModel('walker', options, walkerDefaults),
    parameters: { options, revision: 1 },
    actuators: CONTROLS,
    secondsPerStep: SECONDS,
    observation: robotInputs(BODIES, COORDINATES),
    observationScaling: scaling('walker'),
    maxEpisodeSteps: options.maxEpisodeSteps,
    kernel: 'planar',
    fast: true,
    gather: robotColumns,
    outputs: ['qfrc_constraint', 'planar_center'],
    // No step was made yet: no forces.
    startStage: 'none',
    memory: { motion: 2 },
    functions: robotFunctions(options, COORDINATES, CONTROLS, SECONDS, START),
    portable: {
      module: new URL('./locomotion.js', import.meta.url).href,
      name: 'robotFunctions',
      arguments: [options, COORDINATES, CONTROLS, SECONDS, START],
    },
  });
}
