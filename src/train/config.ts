import { z } from 'zod';
import { getAlgorithm } from '../algorithms/index.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { environmentSchema } from './identity.js';
import { platformFacts, platformSchema } from './platform.js';
import { policySettingsSchema } from './policy-settings.js';

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
  engine: z.string().min(1).default('native'),
  environment: environmentSchema,
  policy: policySettingsSchema.prefault({}),
  /** The method's own options */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Modules of the user's own that register what the run names: paths relative to the run directory. */
  imports: z.array(z.string().min(1)).optional(),
  /** What the run was begun on; resuming elsewhere warns, since bytes may differ. */
  platform: platformSchema.optional(),
});
export type RunConfig = z.output<typeof runConfigSchema>;
export type RunConfigInput = Omit<z.input<typeof runConfigSchema>, 'formatVersion' | 'platform'>;

/**
 * Checks a configuration and writes out all its defaults, the method's own included.
 * @throws NotFoundError for unknown names, with the nearest known; ArgumentError for values out of range
 */
export function resolveConfig(input: RunConfigInput): RunConfig {
  if (typeof input !== 'object' || input === null) {
    throw new ArgumentError(`the configuration is ${describeValue(input)}`, { value: input, expected: 'an object' });
  }
  const config = parseOptions(runConfigSchema, { ...input, formatVersion: CONFIG_VERSION }, 'configuration');
  const options = getAlgorithm(config.method).parseOptions(config.options);
  return { ...config, options, platform: platformFacts() };
}
