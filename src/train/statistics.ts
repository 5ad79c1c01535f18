import type { Algorithm, AlgorithmState } from '../algorithms/types.js';
import type { EnvFactory } from '../env/types.js';
import { loadStatistics, saveStatistics } from '../env/wrappers/saved-statistics.js';

const PREFIX = 'environment.';

/**
 * An algorithm whose state includes the running statistics of its environment's wrappers, so that a checkpoint has them
 * and a resumed run goes on with them. The algorithm itself where there are none.
 */
export function withStatistics(algorithm: Algorithm, env: EnvFactory): Algorithm {
  if (Object.keys(saveStatistics(env)).length === 0) return algorithm;
  const { variableState } = algorithm;
  return {
    ...(variableState === undefined ? {} : { variableState }),
    async iterate(iteration, hooks) {
      const before = saveStatistics(env);
      try {
        return await algorithm.iterate(iteration, hooks);
      } catch (error) {
        // An iteration that was given up leaves no trace.
        loadStatistics(env, before);
        throw error;
      }
    },
    theta: () => algorithm.theta(),
    saveState() {
      const entries = Object.entries(saveStatistics(env)).map(([name, array]) => [PREFIX + name, array]);
      return { ...algorithm.saveState(), ...(Object.fromEntries(entries) as AlgorithmState) };
    },
    async loadState(state) {
      const own: AlgorithmState = {};
      const statistics: AlgorithmState = {};
      for (const [name, array] of Object.entries(state)) {
        if (name.startsWith(PREFIX)) statistics[name.slice(PREFIX.length)] = array;
        else own[name] = array;
      }
      loadStatistics(env, statistics);
      await algorithm.loadState(own);
    },
    close: () => algorithm.close(),
  };
}

/** For the notes of a policy: the statistics of its environment as lists of numbers, if there are some. */
export function notedStatistics(env: EnvFactory): { statistics?: Record<string, number[]> } {
  const entries = Object.entries(saveStatistics(env)).map(([name, array]) => [name, [...array]]);
  return entries.length === 0 ? {} : { statistics: Object.fromEntries(entries) as Record<string, number[]> };
}
