import { z } from 'zod';
import type { Method } from '../algorithms/define.js';
import { getAlgorithm, listAlgorithms } from '../algorithms/index.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { parseOptions } from '../base/options.js';
import { policySettingsSchema } from '../policy/settings.js';
import { evaluationSchema } from './evaluations.js';
import { environmentSchema } from './identity.js';
import { isSettings, mergeSettings } from './overrides.js';
import { platformFacts, platformSchema } from './platform.js';

/** Raised when config.json changes in a way an older reader would misread. */
export const CONFIG_VERSION = 1;

/** A run, fully resolved: every default is written out. This is config.json. */
export const runConfigSchema = z.strictObject({
  formatVersion: z.literal(CONFIG_VERSION),
  experiment: z.string().min(1),
  /** 2015: the paper's estimator, networks and environments. modern: what came after. custom: made by a program. */
  track: z.enum(['2015', 'modern', 'custom']).default('2015'),
  method: z.string().min(1),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Total number of iterations */
  iterations: z.int().min(1).max(1_000_000),
  /** Training ends with the iteration that reaches so many simulator steps, however many iterations are left. Default: never. */
  simulatorSteps: z.int().min(1).optional(),
  engine: z.string().min(1).default('native'),
  environment: environmentSchema,
  policy: policySettingsSchema.prefault({}),
  /** The method's own options: whatever its schema says */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Evaluation while training; none without it. */
  evaluation: evaluationSchema.optional(),
  /** Modules of the user's own that register what the run names: paths relative to the run directory. */
  imports: z.array(z.string().min(1)).optional(),
  /** What the run was begun on; resuming elsewhere warns, since bytes may differ. */
  platform: platformSchema.optional(),
});
export type RunConfig = z.output<typeof runConfigSchema>;
/**
 * What `train` takes: defaults may be left out, and the method's name, where the method itself is given.
 * @typeParam Options of the method, as its schema takes them
 */
export type RunConfigInput<Options = Readonly<Record<string, unknown>>> = Omit<
  z.input<typeof runConfigSchema>,
  'formatVersion' | 'platform' | 'options' | 'method'
> & { readonly method?: string | undefined; readonly options?: Options | undefined };

/**
 * Checks a configuration and writes out all its defaults, the method's own included.
 * @param own method that is not registered
 * @throws NotFoundError for unknown names, with the nearest known; ArgumentError for values out of range
 */
export function resolveConfig(input: RunConfigInput, own?: Method): RunConfig {
  if (!isObject(input)) {
    throw new ArgumentError(`the configuration is ${describeValue(input)}`, { value: input, expected: 'an object' });
  }
  const { method: name = own?.name, policy = {}, ...rest } = input;
  // What is no name is left to the schema, which says all that is wrong at once.
  const known = own ?? listAlgorithms().find((method) => method.name === name);
  const given = {
    ...rest,
    ...(name === undefined ? {} : { method: name }),
    policy: known === undefined || !isSettings(policy) ? policy : mergeSettings({ ...known.policy }, policy),
    formatVersion: CONFIG_VERSION,
  };
  const config = parseOptions(runConfigSchema, given, 'configuration');
  const options = methodOf(config, own).parseOptions(config.options);
  return { ...config, options, platform: platformFacts() };
}

/** The method that a configuration names. @param own one that is not registered. @throws NotFoundError, ArgumentError */
export function methodOf({ method }: Pick<RunConfig, 'method'>, own?: Method): Method {
  if (own === undefined) return getAlgorithm(method);
  if (own.name === method) return own;
  throw new ArgumentError(`the method given is "${own.name}"`, {
    value: own.name,
    expected: `"${method}", as the configuration says`,
  });
}
