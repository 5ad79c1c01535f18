import { box, defineEnv, discrete, type EnvFactory, type EnvSettings, resolveSettings } from '../../../src/index.js';
import { drawsOf } from '../draws.js';
import { checkSeeding } from '../settings.js';
import { acrobotDrawer } from './drawers.js';

const GRAVITY = 9.8;
const SECONDS = 0.2;
const MOST_SPEEDS = [4 * Math.PI, 9 * Math.PI] as const;

const defaults = { maxEpisodeSteps: 500, seeding: 'keys' };

/** Angles and angular velocities of both links. */
type State = readonly [number, number, number, number];

/**
 * Time derivatives of the two-link arm (Sutton and Barto, Reinforcement Learning, section 11.3), links of 1 kg, 1 m and a
 * moment of inertia of 1 kg m², their centres half way.
 */
function derivatives([first, second, speed1, speed2]: State, torque: number): State {
  const [sin, cos] = [Math.sin(second), Math.cos(second)];
  const d1 = 0.25 + (1.25 + cos) + 1 + 1;
  const d2 = 0.25 + 0.5 * cos + 1;
  const phi2 = 0.5 * GRAVITY * Math.cos(first + second - Math.PI / 2);
  const phi1 =
    -0.5 * (speed2 * speed2) * sin - speed2 * speed1 * sin + 1.5 * GRAVITY * Math.cos(first - Math.PI / 2) + phi2;
  const acceleration2 =
    (torque + (d2 / d1) * phi1 - 0.5 * (speed1 * speed1) * sin - phi2) / (0.25 + 1 - (d2 * d2) / d1);
  const acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return [speed1, speed2, acceleration1, acceleration2];
}

/** One step of the classic Runge-Kutta method. */
function integrate(state: State, torque: number): State {
  const moved = (k: State, seconds: number) => state.map((x, i) => x + seconds * k[i]) as unknown as State;
  const k1 = derivatives(state, torque);
  const k2 = derivatives(moved(k1, SECONDS / 2), torque);
  const k3 = derivatives(moved(k2, SECONDS / 2), torque);
  const k4 = derivatives(moved(k3, SECONDS), torque);
  const sum = k1.map((k, i) => k + 2 * k2[i] + 2 * k3[i] + k4[i]) as unknown as State;
  return moved(sum, SECONDS / 6);
}

function wrap(angle: number): number {
  // Only a forged snapshot is that far out; turn by turn that would take for ever.
  let wrapped = Math.abs(angle) < 100 ? angle : angle % (2 * Math.PI);
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}

/**
 * Acrobot-v1: two links that hang, a torque of -1, 0 or 1 N m (actions 0, 1, 2) between them. State: two angles (rad; the
 * second relative to the first), their velocities; observation (6): cosine and sine of each angle, the velocities.
 * Terminates with the tip 1 m above the pivot. Reward: -1 a step, 0 at the end.
 */
export function acrobot(settings?: EnvSettings): EnvFactory {
  const id = 'Acrobot-v1';
  const options = resolveSettings(id, defaults, settings);
  checkSeeding(id, options.seeding);
  const bounds = [1, 1, 1, 1, ...MOST_SPEEDS];
  return defineEnv<Int32Array>({
    id,
    parameters: { options, revision: 1 },
    stateSize: 4,
    observation: box(
      [6],
      bounds.map((bound) => -bound),
      bounds,
    ),
    action: discrete(3),
    maxEpisodeSteps: options.maxEpisodeSteps,
    secondsPerStep: SECONDS,
    drawer: acrobotDrawer,
    start(state, at, draw, key) {
      const draws = drawsOf(options.seeding, draw, key);
      for (let i = 0; i < 4; i++) state[at + i] = Math.fround(draws.uniform(-0.1, 0.1));
    },
    step({ state, actions, rewards, terminated }, first, end) {
      for (let slot = first; slot < end; slot++) {
        const at = 4 * slot;
        const before = [state[at], state[at + 1], state[at + 2], state[at + 3]] as const;
        const after = integrate(before, actions[slot] - 1);
        const angles = [wrap(after[0]), wrap(after[1])] as const;
        for (let i = 0; i < 2; i++) {
          state[at + i] = angles[i];
          state[at + 2 + i] = Math.max(-MOST_SPEEDS[i], Math.min(MOST_SPEEDS[i], after[2 + i]));
        }
        const up = -Math.cos(angles[0]) - Math.cos(angles[1] + angles[0]) > 1;
        terminated[slot] = up ? 1 : 0;
        rewards[slot] = up ? 0 : -1;
      }
    },
    observe(state, observations, first, end) {
      for (let slot = first; slot < end; slot++) {
        const [from, to] = [4 * slot, 6 * slot];
        for (let i = 0; i < 2; i++) {
          observations[to + 2 * i] = Math.cos(state[from + i]);
          observations[to + 2 * i + 1] = Math.sin(state[from + i]);
          observations[to + 4 + i] = state[from + 2 + i];
        }
      }
    },
  });
}
