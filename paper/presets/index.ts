import { registerEnvs } from '../../envs/index.js';
import { registerExperiment } from '../../src/index.js';
import { atariExperiments } from './atari.js';
import { locomotionExperiments } from './locomotion.js';

let registered = false;

/** Makes the paper's presets known (`getExperiment`, `trellis train`), and with them the environments they name. */
export function registerPaper(): void {
  if (registered) return;
  registered = true;
  registerEnvs();
  for (const experiment of [...locomotionExperiments, ...atariExperiments]) registerExperiment(experiment);
}
