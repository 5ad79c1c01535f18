import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import type { EnvFactory } from './types.js';

/** Settings of an environment, by name, e.g. { impactCost: 0, healthyZRange: [0.2, 1] }: the alternatives listed in docs/fidelity.md. */
export type EnvSettings = Readonly<Record<string, number | string | boolean | readonly number[]>>;
/** Makes the factory of one environment with these settings; defaults for what is not given. */
export type EnvDefinition = (settings?: EnvSettings) => EnvFactory;

/** By normalised id; the id as it was registered is what people are shown. */
const definitions = new Map<string, { readonly id: string; readonly definition: EnvDefinition }>();

/** Many environments of one kind: their ids, and the definition of each. */
export interface EnvFamily {
  ids(): string[];
  /** Whether it makes an environment of a name that is not among its ids, which it is then given as it was written. */
  understands?(id: string): boolean;
  define(id: string, settings?: EnvSettings): EnvFactory;
}
const families: EnvFamily[] = [];

/** `-` and `_` are alike, and so are capitals. */
function normalise(id: string): string {
  return id.toLowerCase().replaceAll('_', '-');
}

/** Makes an environment known under its id. @throws ArgumentError if the id is taken */
export function registerEnv(id: string, definition: EnvDefinition): void {
  if (typeof id !== 'string' || id === '')
    throw new ArgumentError('id of an environment', { value: id, expected: 'text' });
  if (typeof definition !== 'function') {
    throw new ArgumentError(`definition of "${id}"`, {
      value: definition,
      expected: 'a function from settings to a factory, such as () => defineEnv({ … })',
    });
  }
  const name = normalise(id);
  if (definitions.has(name)) {
    throw new ArgumentError(`the environment "${name}" is registered already`, { value: id, expected: 'a free id' });
  }
  definitions.set(name, { id, definition });
}

/** Makes a family known; asked for ids that no single definition has. */
export function registerEnvFamily(family: EnvFamily): void {
  families.push(family);
}

/**
 * The environment with this id.
 * @param settings alternatives to its defaults; unknown names are an error
 * @throws NotFoundError naming the nearest ids
 */
export function getEnv(id: string, settings?: EnvSettings): EnvFactory {
  if (typeof id !== 'string') throw new ArgumentError('id of an environment', { value: id, expected: 'text' });
  const wanted = normalise(id);
  const known = definitions.get(wanted);
  if (known !== undefined) return known.definition(settings);
  const family = families.find((candidate) => candidate.ids().includes(wanted));
  if (family !== undefined) return family.define(wanted, settings);
  const other = families.find((candidate) => candidate.understands?.(id));
  if (other !== undefined) return other.define(id, settings);
  const ids = [...listEnvs(), ...families.flatMap((candidate) => candidate.ids())];
  const versions = versionsOf(id, ids);
  const details = versions.length > 0 ? { expected: `a version that there is: ${versions.join(', ')}` } : {};
  throw new NotFoundError('environment', id, ids, details);
}

/** Ids of all registered environments, in the order of registration. */
export function listEnvs(): string[] {
  return [...definitions.values()].map(({ id }) => id);
}

/** Whether `listEnvs` has this id; `-` and `_` are alike, and so are capitals. */
export function isEnv(id: string): boolean {
  return definitions.has(normalise(id));
}

/** The ids that differ from one like `Hopper-v4` in the version only. */
function versionsOf(id: string, ids: readonly string[]): string[] {
  const stem = (name: string) => /^(.+)-v\d+$/.exec(normalise(name))?.[1];
  const wanted = stem(id);
  return wanted === undefined ? [] : ids.filter((other) => stem(other) === wanted);
}

/**
 * Settings over their defaults.
 * @throws NotFoundError for an unknown name, ArgumentError for a value of another type or length or a number that is not
 *   finite (a default may be infinite)
 */
export function resolveSettings<T extends EnvSettings>(id: string, defaults: T, given: EnvSettings = {}): T {
  if (!isObject(given)) {
    throw new ArgumentError(`settings of "${id}": ${describeValue(given)}`, { value: given, expected: 'an object' });
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw new NotFoundError(`setting of "${id}"`, name, Object.keys(defaults));
    if (isLike(value, defaults[name])) continue;
    throw new ArgumentError(`setting "${name}" of "${id}" is ${describeSetting(value)}`, {
      value,
      expected: expectedLike(defaults[name]),
    });
  }
  return { ...defaults, ...given };
}

type Setting = EnvSettings[string];

/** Of the default's type, finite, and as many numbers where the default is a list of them. */
function isLike(value: unknown, usual: Setting): boolean {
  if (typeof usual === 'object') {
    return Array.isArray(value) && value.length === usual.length && value.every(Number.isFinite);
  }
  return typeof value === typeof usual && (typeof value !== 'number' || Number.isFinite(value));
}

function expectedLike(usual: Setting): string {
  if (typeof usual === 'object') return `a list of ${usual.length} finite numbers`;
  return `a ${typeof usual === 'number' ? 'finite number' : typeof usual}`;
}

function describeSetting(value: unknown): string {
  return typeof value === 'object' && value !== null ? describeValue(value) : String(value);
}
