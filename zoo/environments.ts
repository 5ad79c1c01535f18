import {
  clipActions,
  type EnvDefinition,
  getEnv,
  normalizeObservations,
  normalizeRewards,
  registerEnv,
} from '../src/index.js';

/** Id under which a task is registered as the zoo's recipes see it. */
export function zooEnvironment(id: string): string {
  return `zoo/${id}`;
}

/**
 * A task as Stable-Baselines3 shows it to its methods: actions clipped to their bounds before they cost anything,
 * observations and rewards normalised by running statistics. Its settings are those of the task, and `discount`, the γ
 * of the return whose deviation scales the rewards (0.99).
 */
function normalised(id: string): EnvDefinition {
  return ({ discount = 0.99, ...settings } = {}) => {
    const observed = normalizeObservations(clipActions(getEnv(id, settings)));
    return normalizeRewards(observed, { discount: discount as number });
  };
}

/** Registers the tasks of these ids as `zoo/…`. */
export function registerZooEnvironments(ids: readonly string[]): void {
  for (const id of ids) registerEnv(zooEnvironment(id), normalised(id));
}
