import { type Cell, runName } from '../src/index.js';
import { ZOO_IDS, ZOO_STEPS } from './recipes.js';

/** Tasks of the main table, with 20 seeds each; the others have 5. */
export const ZOO_MAIN: readonly string[] = ['hopper-v5', 'walker2d-v5', 'halfcheetah-v5', 'swimmer-v5', 'ant-v5'];
export const ZOO_METHODS = ['trpo-gae', 'ppo'] as const;
export type ZooMethod = (typeof ZOO_METHODS)[number];

/** Seeds of every task before any has more. */
const FIRST = 3;

/**
 * The runs of the zoo's tables in order of priority, seed by seed, so that an unfinished table has a bit of everything:
 * three seeds of the main tasks, the five of the others, then the main ones up to twenty.
 */
export function zooCells(): Cell[] {
  const others = ZOO_IDS.map((id) => id.toLowerCase()).filter((task) => !ZOO_MAIN.includes(task));
  return [...seeds(ZOO_MAIN, 1, FIRST), ...seeds(others, 1, 5), ...seeds(ZOO_MAIN, FIRST + 1, 20)];
}

function seeds(tasks: readonly string[], from: number, to: number): Cell[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((seed) =>
    ZOO_METHODS.flatMap((method) => tasks.map((task) => makeCell(task, method, seed))),
  );
}

function makeCell(task: string, method: string, seed: number): Cell {
  const limits = { iterations: ZOO_STEPS / 100, simulatorSteps: ZOO_STEPS };
  return { name: runName(task, method, seed), task, method, seed, ...limits, settings: [] };
}
