import { box, defineEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../../src/index.js';
import { drawsOf } from '../draws.js';
import { checkSeeding } from '../settings.js';
import { mountainCarDrawer } from './drawers.js';

const { fround } = Math;
const POWER = 0.0015;
const GRAVITY = 0.0025;
const MOST_SPEED = 0.07;
const [LEFT, RIGHT] = [-1.2, 0.6];
const GOAL = 0.45;

const defaults = { goalVelocity: 0, maxEpisodeSteps: 999, seeding: 'keys' };

/**
 * MountainCarContinuous-v0 (Moore 1990, with a continuous force). Action: the engine's force in ±1, clipped. State and
 * observation (2): position -1.2 … 0.6, velocity at most ±0.07, of single precision. Terminates at position 0.45 with at least
 * `goalVelocity`. Reward: 100 there, - 0.1 u² (not clipped) always.
 */
export function mountainCarContinuous(settings?: EnvSettings): EnvFactory {
  const id = 'MountainCarContinuous-v0';
  const options = resolveSettings(id, defaults, settings);
  checkSeeding(id, options.seeding);
  return defineEnv<Float32Array>({
    id,
    parameters: { options, revision: 1 },
    stateSize: 2,
    observation: box([2], [LEFT, -MOST_SPEED], [RIGHT, MOST_SPEED]),
    action: box([1], -1, 1),
    maxEpisodeSteps: options.maxEpisodeSteps,
    secondsPerStep: 1 / 30,
    drawer: mountainCarDrawer,
    start(state, at, draw, key) {
      state[at] = drawsOf(options.seeding, draw, key).uniform(-0.6, -0.4);
    },
    step({ state, actions, rewards, terminated, elapsed }, first, end) {
      for (let slot = first; slot < end; slot++) {
        const at = 2 * slot;
        const action = actions[slot];
        // A start state is of double precision, all others are of single precision, and so is what is done with them.
        const round = elapsed[slot] === 0 ? (x: number) => x : fround;
        const pull = GRAVITY * Math.cos(round(3 * state[at]));
        const push = Math.abs(action) > 1 ? round(Math.sign(action) * POWER - pull) : thrust(action, pull);
        const limit = round(MOST_SPEED);
        let velocity = round(state[at + 1] + push);
        velocity = Math.max(-limit, Math.min(limit, velocity));
        let position = round(state[at] + velocity);
        position = Math.max(round(LEFT), Math.min(round(RIGHT), position));
        if (position === round(LEFT) && velocity < 0) velocity = 0;
        const arrived = position >= round(GOAL) && velocity >= round(options.goalVelocity);
        rewards[slot] = (arrived ? 100 : 0) - action * action * 0.1;
        terminated[slot] = arrived ? 1 : 0;
        state[at] = fround(position);
        state[at + 1] = fround(velocity);
      }
    },
  });
}

/** Force less gravity, in single precision as the action is. */
function thrust(action: number, pull: number): number {
  return fround(fround(action * fround(POWER)) - fround(pull));
}
