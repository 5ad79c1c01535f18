import { box, defineEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../../src/index.js';
import { drawsOf } from '../draws.js';
import { checkSeeding } from '../settings.js';
import { pendulumDrawer } from './drawers.js';

const MOST_TORQUE = 2;
const MOST_SPEED = 8;
const SECONDS = 0.05;

const defaults = { g: 10, maxEpisodeSteps: 200, seeding: 'keys' };

/** Into [-π, π), as numpy's remainder does it. */
function normaliseAngle(angle: number): number {
  const rest = (angle + Math.PI) % (2 * Math.PI);
  return (rest < 0 ? rest + 2 * Math.PI : rest) - Math.PI;
}

/**
 * Pendulum-v1: a rod of 1 kg and 1 m. Action ±1 is a torque of ±2 N m, clipped. State: angle from upright (rad), angular
 * velocity, at most ±8; observation (3): cosine and sine of the angle, the velocity. Reward: -(θ² + 0.1 ω² + 0.001 u²) before
 * the step, θ in [-π, π). Never terminates.
 */
export function pendulum(settings?: EnvSettings): EnvFactory {
  const id = 'Pendulum-v1';
  const options = resolveSettings(id, defaults, settings);
  checkSeeding(id, options.seeding);
  return defineEnv<Float32Array>({
    id,
    parameters: { options, revision: 1 },
    stateSize: 2,
    observation: box([3], [-1, -1, -MOST_SPEED], [1, 1, MOST_SPEED]),
    action: box([1], -MOST_TORQUE, MOST_TORQUE),
    maxEpisodeSteps: options.maxEpisodeSteps,
    secondsPerStep: SECONDS,
    drawer: pendulumDrawer,
    start(state, at, draw, key) {
      const draws = drawsOf(options.seeding, draw, key);
      state[at] = draws.uniform(-Math.PI, Math.PI);
      state[at + 1] = draws.uniform(-1, 1);
    },
    step({ state, actions, rewards }, first, end) {
      const { fround } = Math;
      for (let slot = first; slot < end; slot++) {
        const at = 2 * slot;
        const [angle, speed, torque] = [state[at], state[at + 1], actions[slot]];
        const theta = normaliseAngle(angle);
        // Torques and what is made of them alone are of single precision there.
        const effort = fround(fround(0.001) * fround(torque * torque));
        rewards[slot] = -(theta * theta + 0.1 * (speed * speed) + effort);
        const faster = speed + (((3 * options.g) / 2) * Math.sin(angle) + fround(3 * torque)) * SECONDS;
        state[at + 1] = Math.max(-MOST_SPEED, Math.min(MOST_SPEED, faster));
        state[at] = angle + state[at + 1] * SECONDS;
      }
    },
    observe(state, observations, first, end) {
      for (let slot = first; slot < end; slot++) {
        observations[3 * slot] = Math.cos(state[2 * slot]);
        observations[3 * slot + 1] = Math.sin(state[2 * slot]);
        observations[3 * slot + 2] = state[2 * slot + 1];
      }
    },
  });
}
