import { checkFactory } from '../check-factory.js';
import { identityHash } from '../snapshot.js';
import type { EnvFactory, EnvSpec, VectorEnv } from '../types.js';

/** What a wrapper is made of. */
export interface Wrapper {
  /** What it changes of the specification; the hash of the model follows from `identity`. */
  readonly changes: Partial<EnvSpec>;
  /** Its name and options: a snapshot fits only where they are equal. */
  readonly identity: readonly unknown[];
  wrap(env: VectorEnv, spec: EnvSpec): VectorEnv;
  /** The same wrapper around another environment, its statistics, if any, at rest. */
  frozen(inner: EnvFactory): EnvFactory;
}

const freezers = new WeakMap<EnvFactory, () => EnvFactory>();

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
  freezers.set(factory, () => wrapper.frozen(freezeStatistics(env)));
  return factory;
}

/**
 * The same environment with the running statistics of its wrappers at rest, for evaluation, for vine, whose branches
 * must not move what their trunks see, and for search: they are used as they are at each moment, by the same objects, but
 * nothing that these environments meet is added to them. Snapshots fit both ways. An environment without statistics is
 * as it was.
 */
export function freezeStatistics(env: EnvFactory): EnvFactory {
  return freezers.get(checkFactory(env))?.() ?? env;
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
