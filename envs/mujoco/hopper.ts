import { defineMujocoEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../src/index.js';
import { robotColumns, robotFunctions, robotInputs } from './locomotion.js';
import { robotModel } from './model-text.js';
import { scaling } from './scaling.js';

/** Settings of `hopper` and their defaults; docs/fidelity.md says where they come from. */
export const hopperDefaults = {
  armature: 0.05,
  damping: 0.4,
  aliveReward: 1,
  controlCost: 1e-5,
  impactCost: 0,
  impactCap: 10,
  maxEpisodeSteps: 1000,
};

const COORDINATES = 6;
const BODIES = 4;
const CONTROLS = 3;
const SECONDS = 0.02;
const START_HEIGHT = 1.25;

/**
 * The paper's hopper, 50 Hz, torques of ±15, ±60, ±70 N m at hip, knee and ankle. 41 inputs: height, pitch, three joint
 * angles and the six velocities (11); for torso, thigh, shank and foot the centre's x from the root, z, vx, vz, pitch
 * and pitch rate (24); six joint-space constraint forces of the step just made. Reward: velocity of the centre of mass
 * + 1 - 1e-5 ‖u‖²; 0 and the end outside of height (0.8, 2) m, pitch (-1, 1) rad.
 */
export function hopper(settings?: EnvSettings): EnvFactory {
  const options = resolveSettings('hopper', hopperDefaults, settings);
  return defineMujocoEnv({
    id: 'hopper',
    model: robotModel('hopper', options, hopperDefaults),
    parameters: { options, revision: 1 },
    actuators: CONTROLS,
    secondsPerStep: SECONDS,
    observation: robotInputs(BODIES, COORDINATES),
    observationScaling: scaling('hopper'),
    maxEpisodeSteps: options.maxEpisodeSteps,
    kernel: 'planar',
    fast: true,
    gather: robotColumns,
    outputs: ['qfrc_constraint', 'planar_center'],
    // No step was made yet: no forces.
    startStage: 'none',
    memory: { motion: 2 },
    functions: robotFunctions(options, COORDINATES, CONTROLS, SECONDS, START_HEIGHT),
    portable: {
      module: new URL('./locomotion.js', import.meta.url).href,
      name: 'robotFunctions',
      arguments: [options, COORDINATES, CONTROLS, SECONDS, START_HEIGHT],
    },
  });
}
