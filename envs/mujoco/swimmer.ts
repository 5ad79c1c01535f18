import { defineMujocoEnv } from '../../src/env/define-mujoco-env.js';
import { type EnvSettings, resolveSettings } from '../../src/env/registry.js';
import type { EnvFactory } from '../../src/env/types.js';
import { modelText } from './locomotion.js';
import { scaling } from './scaling.js';

/** Settings of `swimmer` and their defaults. */
export const swimmerDefaults = { controlCost: 1e-5, maxEpisodeSteps: 1000 };

const COORDINATES = 5;
const INPUTS = 9;
const CONTROLS = 2;

/**
 * The paper's swimmer: three links, two torques of ±50 N m, 20 Hz. Observation: y, rotation, two joint angles, and the
 * five velocities (m, rad, s). Reward: the root's x velocity before the step - 1e-5 ‖u‖². It never terminates.
 */
export function swimmer(settings?: EnvSettings): EnvFactory {
  const options = resolveSettings('swimmer', swimmerDefaults, settings);
  const { controlCost, maxEpisodeSteps } = options;
  return defineMujocoEnv({
    id: 'swimmer',
    model: { xml: modelText('swimmer') },
    parameters: { options, revision: 1 },
    actuators: CONTROLS,
    secondsPerStep: 0.05,
    observation: INPUTS,
    observationScaling: scaling('swimmer'),
    maxEpisodeSteps,
    functions: () => ({
      start(qpos, qvel, draw) {
        for (let i = 0; i < COORDINATES; i++) {
          qpos[i] = 0.2 * (2 * draw(i) - 1);
          qvel[i] = 0.2 * (2 * draw(COORDINATES + i) - 1);
        }
      },
      before({ qvel, control, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) {
          const at = slot * control.stride;
          const effort = control.data[at]! * control.data[at]! + control.data[at + 1]! * control.data[at + 1]!;
          rewards[slot] = qvel.data[slot * qvel.stride]! - controlCost * effort;
        }
      },
      observe({ qpos, qvel, observations }, first, end) {
        for (let slot = first; slot < end; slot++) {
          const o = slot * INPUTS;
          const q = slot * qpos.stride;
          const v = slot * qvel.stride;
          for (let i = 1; i < COORDINATES; i++) observations[o + i - 1] = qpos.data[q + i]!;
          for (let i = 0; i < COORDINATES; i++) observations[o + i + 4] = qvel.data[v + i]!;
        }
      },
      reward() {},
    }),
  });
}
