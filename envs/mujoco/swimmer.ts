import { ArgumentError, defineMujocoEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../src/index.js';
import { modelText } from './model-text.js';
import { scaling } from './scaling.js';
import { swimmerFunctions } from './swimming.js';

/** Settings of `swimmer` and their defaults. */
export const swimmerDefaults = {
  controlCost: 1e-5,
  /**
   * Whose x velocity is rewarded. `mass`: the centre of mass. `root`: the model's root, a point half a metre behind the
   * front link that moves with it; its swing is worth more than swimming to a policy that looks a hundred steps ahead.
   */
  velocity: 'mass',
  maxEpisodeSteps: 1000,
};

const INPUTS = 9;
const CONTROLS = 2;

/**
 * The paper's swimmer: three links, two torques of ±50 N m, 20 Hz. Observation: y, rotation, two joint angles, and the
 * five velocities (m, rad, s). Reward: x velocity of the centre of mass before the step - 1e-5 ‖u‖². It never
 * terminates.
 */
export function swimmer(settings?: EnvSettings): EnvFactory {
  const options = resolveSettings('swimmer', swimmerDefaults, settings);
  const { controlCost, maxEpisodeSteps, velocity } = options;
  if (velocity !== 'mass' && velocity !== 'root') {
    throw new ArgumentError(`velocity "${velocity}" of "swimmer"`, { value: velocity, expected: '"mass" or "root"' });
  }
  return defineMujocoEnv({
    id: 'swimmer',
    model: { xml: modelText('swimmer') },
    parameters: { options, revision: 2 },
    actuators: CONTROLS,
    secondsPerStep: 0.05,
    observation: INPUTS,
    fast: true,
    gather: [{ name: 'qpos', first: 1 }, 'qvel'],
    observationScaling: scaling('swimmer'),
    maxEpisodeSteps,
    functions: swimmerFunctions(controlCost, velocity),
    portable: {
      module: new URL('./swimming.js', import.meta.url).href,
      name: 'swimmerFunctions',
      arguments: [controlCost, velocity],
    },
  });
}
