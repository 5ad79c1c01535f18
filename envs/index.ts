import { atariGames, defineAtariEnv, HOMEBREW, isAtariGame, registerEnv, registerEnvFamily } from '../src/index.js';
import { cartpole } from './classic/cartpole.js';
import { registerGymnasium } from './gymnasium/index.js';
import { hopper } from './mujoco/hopper.js';
import { swimmer } from './mujoco/swimmer.js';
import { walker } from './mujoco/walker.js';

export { atariSeedKeys } from './atari/keys.js';
export { atariPresets } from './atari/presets.js';
export { registerGymnasium, seedKeys } from './gymnasium/index.js';

let registered = false;

/** Makes the built-in environments known to `getEnv`: cart-pole, the robots of the paper, Gymnasium's, every Atari game. */
export function registerEnvs(): void {
  if (registered) return;
  registered = true;
  registerEnv('cartpole', cartpole);
  registerEnv('swimmer', swimmer);
  registerEnv('hopper', hopper);
  registerEnv('walker', walker);
  registerGymnasium();
  registerEnvFamily({
    ids: () => [...atariGames().map((game) => game.id.replaceAll('_', '-')), HOMEBREW],
    understands: isAtariGame,
    define: defineAtariEnv,
  });
}
