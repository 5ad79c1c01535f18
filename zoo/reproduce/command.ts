import type { ReproduceTarget } from '../../src/cli/index.js';

/** The zoo's tables and figures. */
export const zooTargets: Readonly<Record<string, ReproduceTarget>> = {
  zoo: { load: async () => (await import('./zoo.js')).reproduceZoo, drawn: true },
};
