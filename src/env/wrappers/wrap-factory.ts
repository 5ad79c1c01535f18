import { checkFactory } from '../check-factory.js';
import { identityHash } from '../snapshot.js';
import type { EnvFactory, EnvSpec, VectorEnv } from '../types.js';
import type { RunningStatistics } from './running-statistics.js';

/** What a wrapper is made of. */
export interface Wrapper {
  /** What it changes of the specification; the hash of the model follows from `identity`. */
  readonly changes: Partial<EnvSpec>;
  /** Its name and options: a snapshot fits only where they are equal. */
  readonly identity: readonly unknown[];
  /** Its running statistics, if it has some. */
  readonly statistics?: RunningStatistics;
  wrap(env: VectorEnv, spec: EnvSpec): VectorEnv;
  /** The same wrapper around another environment, its statistics, if any, at rest. */
  frozen(inner: EnvFactory): EnvFactory;
}

/** What is known of the factories made here. */
interface Wrapped {
  readonly inner: EnvFactory;
  readonly wrapper: Wrapper;
}
const wrapped = new WeakMap<EnvFactory, Wrapped>();

/** A factory whose environments are those of another one, wrapped. What else that one has (its model) stays. */
export function wrapFactory<Inner extends EnvFactory>(env: Inner, wrapper: Wrapper): EnvFactory {
  const spec = changedSpec(env.spec, wrapper);
  const factory: EnvFactory = {
    ...env,
    spec,
    make(slots, options) {
      const inner = env.make(slots, options);
      try {
        return wrapper.wrap(inner, spec);
      } catch (error) {
        inner.close();
        throw error;
      }
    },
  };
  wrapped.set(factory, { inner: env, wrapper });
  return factory;
}

/** Whether a factory is another one with a wrapper around it. */
export function isWrapped(env: EnvFactory): boolean {
  return wrapped.has(env);
}

/**
 * The same environment with the running statistics of its wrappers at rest, for evaluation, for vine, whose branches
 * must not move what their trunks see, and for search: they are used as they are at each moment, by the same objects, but
 * nothing that these environments meet is added to them. Snapshots fit both ways. An environment without statistics is
 * as it was.
 */
export function freezeStatistics(env: EnvFactory): EnvFactory {
  const { inner, wrapper } = wrapped.get(checkFactory(env)) ?? {};
  return inner === undefined || wrapper === undefined ? env : wrapper.frozen(freezeStatistics(inner));
}

/** The running statistics of an environment's wrappers by name (`normalizeObservations1`), the innermost first. */
export function listStatistics(env: EnvFactory): Map<string, RunningStatistics> {
  const list = new Map<string, RunningStatistics>();
  const visit = (factory: EnvFactory): void => {
    const { inner, wrapper } = wrapped.get(factory) ?? {};
    if (inner === undefined || wrapper === undefined) return;
    visit(inner);
    if (wrapper.statistics !== undefined) list.set(`${wrapper.identity[0]}${list.size + 1}`, wrapper.statistics);
  };
  visit(checkFactory(env));
  return list;
}

function changedSpec(inner: EnvSpec, { changes, identity }: Wrapper): EnvSpec {
  let hash: string | undefined;
  // Descriptors, not values: reading the hash of a MuJoCo environment compiles its model.
  const spec = Object.defineProperties({}, Object.getOwnPropertyDescriptors(inner)) as EnvSpec;
  for (const [name, value] of Object.entries(changes)) {
    Object.defineProperty(spec, name, { value, enumerable: true, configurable: true });
  }
  return Object.defineProperty(spec, 'modelHash', {
    get: () => (hash ??= identityHash(inner.modelHash, ...identity)),
    enumerable: true,
    configurable: true,
  });
}
