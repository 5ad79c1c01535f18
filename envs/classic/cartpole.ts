import { box, defineEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../src/index.js';
import { cartpoleDrawer } from './cartpole-drawer.js';

/** Settings of `cartpole` and their defaults. */
export const cartpoleDefaults = {
  /** The paper's 10 for every step alive; its cost is -10 + (1 - cos θ) + 1e-5 u². */
  aliveReward: 10,
  controlCost: 1e-5,
  maxEpisodeSteps: 1000,
};

const GRAVITY = 10;
const CART_MASS = 1;
const POLE_MASS = 0.1;
const POLE_LENGTH = 1;
const TOTAL_MASS = CART_MASS + POLE_MASS;
const CART_FRICTION = 0.0005;
const POLE_FRICTION = 0.000002;
const MAX_FORCE = 10;
const SECONDS = 0.05;
const MAX_POSITION = 2.4;
const MAX_ANGLE = 0.2;
const START_RANGE = 0.05;

/**
 * Accelerations of cart and pole (Barto, Sutton, Anderson 1983, appendix), with sign(0) = -1.
 * @param force in N, @param velocity of the cart in m/s, @param angle from upright in rad, @param angularVelocity rad/s
 * @param out [cart m/s², pole rad/s², cosine of the angle]
 */
export function cartpoleAccelerations(
  force: number,
  velocity: number,
  angle: number,
  angularVelocity: number,
  out: Float64Array,
): void {
  const sin = Math.sin(angle);
  const cos = Math.cos(angle);
  const drag = velocity > 0 ? CART_FRICTION : -CART_FRICTION;
  const centrifugal = POLE_MASS * POLE_LENGTH * angularVelocity * angularVelocity * sin;
  const pole =
    (GRAVITY * sin +
      (cos * (-force - centrifugal + drag)) / TOTAL_MASS -
      (POLE_FRICTION * angularVelocity) / (POLE_MASS * POLE_LENGTH)) /
    (POLE_LENGTH * (4 / 3 - (POLE_MASS * cos * cos) / TOTAL_MASS));
  out[0] = (force + centrifugal - POLE_MASS * POLE_LENGTH * pole * cos - drag) / TOTAL_MASS;
  out[1] = pole;
  out[2] = cos;
}

/**
 * The paper's cart-pole: Barto's equations with a continuous force, 20 Hz, semi-implicit Euler. State and observation:
 * cart position (m), velocity (m/s), pole angle (rad), angular velocity (rad/s). Action ±1 is ±10 N; the force is
 * clipped, its cost is not. Reward while alive: 10 - (1 - cos θ) - 1e-5 u². A state that has left the bounds ends the
 * episode with reward 0 at the step taken from it.
 */
export function cartpole(settings?: EnvSettings): EnvFactory {
  const options = resolveSettings('cartpole', cartpoleDefaults, settings);
  const { aliveReward, controlCost, maxEpisodeSteps } = options;
  const acceleration = new Float64Array(3);
  return defineEnv<Float32Array>({
    id: 'cartpole',
    parameters: { options, revision: 1 },
    stateSize: 4,
    observation: 4,
    action: box([1], -1, 1),
    maxEpisodeSteps,
    secondsPerStep: SECONDS,
    drawer: cartpoleDrawer,
    observationScaling: { offset: 0, scale: Float32Array.of(MAX_POSITION, 4, MAX_ANGLE, 4), clip: Infinity },
    start(state, at, draw) {
      for (let i = 0; i < 4; i++) state[at + i] = START_RANGE * (2 * draw(i) - 1);
    },
    step({ state, actions, rewards, terminated }, first, end) {
      for (let slot = first; slot < end; slot++) {
        const at = 4 * slot;
        const angle = state[at + 2];
        if (!(Math.abs(state[at]) <= MAX_POSITION && Math.abs(angle) <= MAX_ANGLE)) {
          terminated[slot] = 1;
          rewards[slot] = 0;
          continue;
        }
        const wanted = MAX_FORCE * actions[slot];
        const force = Math.max(-MAX_FORCE, Math.min(MAX_FORCE, wanted));
        cartpoleAccelerations(force, state[at + 1], angle, state[at + 3], acceleration);
        rewards[slot] = aliveReward - (1 - acceleration[2]) - controlCost * wanted * wanted;
        state[at + 1] += SECONDS * acceleration[0];
        state[at + 3] += SECONDS * acceleration[1];
        state[at] += SECONDS * state[at + 1];
        state[at + 2] += SECONDS * state[at + 3];
      }
    },
  });
}
