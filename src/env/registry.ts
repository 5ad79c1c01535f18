import { ArgumentError, NotFoundError } from '../base/errors.js';
import type { EnvFactory } from './types.js';

/** Settings of an environment, by name, e.g. { impactCost: 0 }: the alternatives listed in docs/fidelity.md. */
export type EnvSettings = Readonly<Record<string, number | string | boolean>>;
/** Makes the factory of one environment with these settings; defaults for what is not given. */
export type EnvDefinition = (settings?: EnvSettings) => EnvFactory;

const definitions = new Map<string, EnvDefinition>();

/** `-` and `_` are alike, and so are capitals. */
function normalise(id: string): string {
  return id.toLowerCase().replaceAll('_', '-');
}

/** Makes an environment known under its id. Registering the same id again replaces it. */
export function registerEnv(id: string, definition: EnvDefinition): void {
  definitions.set(normalise(id), definition);
}

/**
 * The environment with this id.
 * @param settings alternatives to its defaults; unknown names are an error
 * @throws NotFoundError naming the nearest ids
 */
export function getEnv(id: string, settings?: EnvSettings): EnvFactory {
  const definition = definitions.get(normalise(id));
  if (definition === undefined) throw new NotFoundError('environment', id, definitions.keys());
  return definition(settings);
}

/** Ids of all registered environments, in the order of registration. */
export function listEnvs(): string[] {
  return [...definitions.keys()];
}

/**
 * Settings over their defaults.
 * @throws NotFoundError for an unknown name, ArgumentError for a value of another type or a number that is not finite
 */
export function resolveSettings<T extends EnvSettings>(id: string, defaults: T, given: EnvSettings = {}): T {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaults)) throw new NotFoundError(`setting of "${id}"`, name, Object.keys(defaults));
    if (typeof value !== typeof defaults[name] || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new ArgumentError(`setting "${name}" of "${id}" is ${String(value)}`, {
        value,
        expected: `a ${typeof defaults[name] === 'number' ? 'finite number' : typeof defaults[name]}`,
      });
    }
  }
  return { ...defaults, ...given };
}
