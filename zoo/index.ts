/** `trellis-rl/zoo`: recipes for Gymnasium's tasks by PPO and TRPO and for Pong by PPO, and the cells of their tables. */
import { registerEnvs } from '../envs/index.js';
import { registerExperiment } from '../src/index.js';
import { registerZooEnvironments } from './environments.js';
import { gameExperiments } from './games.js';
import { ZOO_IDS, zooExperiments } from './recipes.js';

export type { ZooMethod } from './cells.js';
export { ZOO_MAIN, ZOO_METHODS, zooCells } from './cells.js';
export { GAME_STEPS, gameCells } from './games.js';
export { ZOO_IDS, ZOO_STEPS } from './recipes.js';

let registered = false;

/** Makes the recipes known (`getExperiment`, `trellis train hopper-v5`), and with them the environments they name. */
export function registerZoo(): void {
  if (registered) return;
  registered = true;
  registerEnvs();
  registerZooEnvironments(ZOO_IDS);
  for (const experiment of [...zooExperiments, ...gameExperiments]) registerExperiment(experiment);
}
