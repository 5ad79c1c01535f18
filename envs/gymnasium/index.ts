import { type EnvDefinition, registerEnv } from '../../src/index.js';
import { ant } from './ant.js';
import { pusher, reacher } from './arms.js';
import { acrobot } from './classic/acrobot.js';
import { cartPole } from './classic/cart-pole.js';
import { mountainCarContinuous } from './classic/mountain-car-continuous.js';
import { pendulum } from './classic/pendulum.js';
import { humanoid, humanoidStandup } from './humanoid.js';
import { invertedDoublePendulum, invertedPendulum } from './pendulums.js';
import { halfCheetah, hopper, swimmer, walker2d } from './planar.js';

export { seedKeys } from './draws.js';

const definitions: Readonly<Record<string, EnvDefinition>> = {
  'Acrobot-v1': acrobot,
  'Ant-v5': ant,
  'CartPole-v1': cartPole,
  'HalfCheetah-v5': halfCheetah,
  'Hopper-v5': hopper,
  'Humanoid-v5': humanoid,
  'HumanoidStandup-v5': humanoidStandup,
  'InvertedDoublePendulum-v5': invertedDoublePendulum,
  'InvertedPendulum-v5': invertedPendulum,
  'MountainCarContinuous-v0': mountainCarContinuous,
  'Pendulum-v1': pendulum,
  'Pusher-v5': pusher,
  'Reacher-v5': reacher,
  'Swimmer-v5': swimmer,
  'Walker2d-v5': walker2d,
};

let registered = false;

/** Makes Gymnasium's environments known to `getEnv` under their ids there: `Hopper-v5`, `CartPole-v1` …. */
export function registerGymnasium(): void {
  if (registered) return;
  registered = true;
  for (const [id, definition] of Object.entries(definitions)) registerEnv(id, definition);
}
