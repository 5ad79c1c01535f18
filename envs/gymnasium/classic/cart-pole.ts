import { box, defineEnv, discrete, type EnvFactory, type EnvSettings, resolveSettings } from '../../../src/index.js';
import { cartpoleDrawer } from '../../classic/cartpole-drawer.js';
import { drawsOf } from '../draws.js';
import { checkSeeding } from '../settings.js';

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = POLE_MASS + 1;
/** Half of the pole. */
const LENGTH = 0.5;
const MOMENT = POLE_MASS * LENGTH;
const FORCE = 10;
const SECONDS = 0.02;
const MOST_X = 2.4;
const MOST_ANGLE = (12 * 2 * Math.PI) / 360;

const defaults = { suttonBartoReward: false, maxEpisodeSteps: 500, seeding: 'keys' };

/**
 * CartPole-v1 (Barto, Sutton, Anderson 1983, without friction). Action: 0 pushes with -10 N, 1 with 10 N; Euler, 50 Hz. State
 * and observation (4): position (m), velocity, angle (rad), angular velocity. Terminates outside of ±2.4 m or ±12°. Reward: 1
 * a step; with `suttonBartoReward` 0, and -1 at the end.
 */
export function cartPole(settings?: EnvSettings): EnvFactory {
  const id = 'CartPole-v1';
  const options = resolveSettings(id, defaults, settings);
  checkSeeding(id, options.seeding);
  const { suttonBartoReward, maxEpisodeSteps } = options;
  const bounds = [2 * MOST_X, Infinity, 2 * MOST_ANGLE, Infinity];
  return defineEnv<Int32Array>({
    id,
    parameters: { options, revision: 1 },
    stateSize: 4,
    observation: box(
      [4],
      bounds.map((bound) => -bound),
      bounds,
    ),
    action: discrete(2),
    maxEpisodeSteps,
    secondsPerStep: SECONDS,
    drawer: cartpoleDrawer,
    start(state, at, draw, key) {
      const draws = drawsOf(options.seeding, draw, key);
      for (let i = 0; i < 4; i++) state[at + i] = draws.uniform(-0.05, 0.05);
    },
    step({ state, actions, rewards, terminated }, first, end) {
      for (let slot = first; slot < end; slot++) {
        const at = 4 * slot;
        const [velocity, angle, spin] = [state[at + 1], state[at + 2], state[at + 3]];
        const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
        const pushed = ((actions[slot] === 1 ? FORCE : -FORCE) + MOMENT * (spin * spin) * sin) / TOTAL_MASS;
        const lever = LENGTH * (4 / 3 - (POLE_MASS * (cos * cos)) / TOTAL_MASS);
        const pole = (GRAVITY * sin - cos * pushed) / lever;
        const cart = pushed - (MOMENT * pole * cos) / TOTAL_MASS;
        state[at] += SECONDS * velocity;
        state[at + 1] = velocity + SECONDS * cart;
        state[at + 2] = angle + SECONDS * spin;
        state[at + 3] = spin + SECONDS * pole;
        const lost = Math.abs(state[at]) > MOST_X || Math.abs(state[at + 2]) > MOST_ANGLE;
        terminated[slot] = lost ? 1 : 0;
        rewards[slot] = suttonBartoReward ? (lost ? -1 : 0) : 1;
      }
    },
  });
}
