import { z } from 'zod';
import { ArgumentError, RunDirectoryError, TrellisError } from '../base/errors.js';
import { getEnv } from '../env/registry.js';
import { identityHash } from '../env/snapshot.js';
import type { EnvFactory, EnvSpec } from '../env/types.js';
import { loadStatistics } from '../env/wrappers/saved-statistics.js';
import { freezeStatistics } from '../env/wrappers/wrap-factory.js';
import type { StoredPolicy } from '../policy/storage.js';
import { type PlatformFacts, platformDifferences, platformSchema } from './platform.js';

const settingsRecord = z.record(
  z.string(),
  z.union([z.number(), z.string(), z.boolean(), z.array(z.number()).readonly()]),
);

/** An environment in config.json and policy.json. */
export const environmentSchema = z.strictObject({
  id: z.string().min(1),
  settings: settingsRecord.default({}),
  /** Hash of the model or ROM, of parameters and spaces: what the policy was really trained on. */
  identity: z.string().optional(),
  /** A program's own, given to `train`: the id is only a name. */
  own: z.literal(true).optional(),
});
export type StoredEnvironment = z.output<typeof environmentSchema>;

/** Hash of all that a specification says. What is only in functions (a reward, say) cannot be compared. */
export function environmentIdentity(spec: EnvSpec): string {
  const { id, modelHash, observationSpace, actionSpace, observationScaling, maxEpisodeSteps } = spec;
  return identityHash(id, modelHash, observationSpace, actionSpace, observationScaling, maxEpisodeSteps);
}

/** What to write down about an environment. @param given to `train`, not found by its id */
export function describeEnvironment(named: StoredEnvironment, env: EnvFactory, given: boolean): StoredEnvironment {
  const { id, settings } = named;
  const identity = environmentIdentity(env.spec);
  const own = given && identityNow(named) !== identity;
  return { id, settings, identity, ...(own ? { own: true } : {}) };
}

/** Of the registered environment of that id; null if there is none. */
function identityNow({ id, settings }: StoredEnvironment): string | null {
  try {
    return environmentIdentity(getEnv(id, settings).spec);
  } catch (error) {
    if (error instanceof TrellisError) return null;
    throw error;
  }
}

interface Stored {
  readonly environment: StoredEnvironment;
  /** What it was written on, if known */
  readonly platform?: PlatformFacts | undefined;
}

/**
 * The environment that a run was trained on, by its id.
 * @param what holds the run or policy, for messages
 * @param hint what to do about an environment of a program's own
 * @throws RunDirectoryError if it is not to be had by that id
 */
export function storedEnv(what: string, { environment, platform }: Stored, hint: string, warn: Warn): EnvFactory {
  const { id, settings, own } = environment;
  if (own && identityNow(environment) !== environment.identity) {
    const whose = `${what} was trained on "${id}", an environment of a program's own`;
    throw new RunDirectoryError(whose, { value: id, hint });
  }
  const env = getEnv(id, settings);
  const difference = differenceOf({ environment, platform }, env, what, warn);
  if (difference === null) return env;
  throw new RunDirectoryError(`${what} was trained on another "${id}" than the one of that name now`, {
    value: id,
    expected: difference,
    hint: `Register the one it was trained on (registerEnv). ${hint}`,
  });
}

/** @throws ArgumentError if an environment given to go on with is not the one that the run was trained on */
export function checkSameEnv(what: string, stored: Stored, env: EnvFactory, warn: Warn): void {
  const difference = differenceOf(stored, env, what, warn);
  if (difference === null) return;
  throw new ArgumentError(`"${env.spec.id}" is not the environment that ${what} was trained on`, {
    value: env.spec.id,
    expected: difference,
    hint: 'Model, parameters, spaces and episode length must be the same: start a new run for another environment',
  });
}

type Warn = (message: string) => void;

/** What was expected in place of an environment; null if it is the stored one, or nobody can tell: then it warns. */
function differenceOf({ environment, platform }: Stored, env: EnvFactory, what: string, warn: Warn): string | null {
  const { id, identity } = environment;
  if (identity === undefined) {
    warn(`${what} does not say which "${id}" it was trained on; taking it for the one of that name now`);
    return null;
  }
  if (identity === environmentIdentity(env.spec)) return null;
  const elsewhere = platformDifferences(platform);
  if (environment.own || (platform !== undefined && elsewhere.length === 0))
    return `the "${id}" of then (identity ${identity.slice(0, 16)})`;
  warn(
    `"${id}" is not quite what ${what} was trained on, perhaps since it was made elsewhere: ${elsewhere.join(', ')}`,
  );
  return null;
}

/** The environment that the notes of a policy name, with the statistics that they have. @throws RunDirectoryError if they say nothing, or no sense */
export function environmentOf(directory: string, { metadata }: Pick<StoredPolicy, 'metadata'>, warn: Warn): EnvFactory {
  const hint = 'Evaluate it in a program, with evaluatePolicy(policy, env)';
  const what = `policy.json in ${directory}`;
  if (metadata['environment'] === undefined) {
    throw new RunDirectoryError(`${what} does not say which environment it is for`, { value: directory, hint });
  }
  const parsed = environmentSchema.safeParse(metadata['environment']);
  if (!parsed.success) {
    throw new RunDirectoryError(`${what}: metadata.environment is not an environment`, {
      value: metadata['environment'],
      expected: 'an object, such as { "id": "swimmer", "settings": {} }',
      hint,
    });
  }
  const { data: platform } = platformSchema.safeParse(metadata['platform']);
  const env = storedEnv(what, { environment: parsed.data, platform }, hint, warn);
  if (metadata['statistics'] !== undefined) loadStatistics(env, metadata['statistics']);
  return freezeStatistics(env);
}
