import { z } from 'zod';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { checkKnownKeys, parseOptions } from '../base/options.js';
import { functionSchema } from '../env/source-schema.js';
import type { EnvSpec } from '../env/types.js';
import {
  type PolicySettings,
  type PolicySettingsInput,
  policySettingsSchema,
  policySpecFor,
} from '../policy/settings.js';
import type { PolicySpec } from '../policy/types.js';
import { type Column, methodColumns } from './columns.js';
import { checkContext } from './context.js';
import type { Algorithm, AlgorithmContext, AlgorithmDefinition, OptionsSchema } from './types.js';

/** A checked definition: what it is created from is parsed here once. */
export interface Method {
  readonly name: string;
  readonly summary: string;
  /** All columns of progress.csv, the common ones included, in order */
  readonly columns: readonly Column[];
  /** First parts of the settings that `--set` reaches */
  readonly optionKeys: readonly string[];
  readonly policy: PolicySettingsInput;
  /** Whether it runs over several processes */
  readonly distributed: boolean;
  /** @throws NotFoundError for unknown keys, ArgumentError naming the key whose value does not parse */
  parseOptions(input: unknown): Record<string, unknown>;
  /** The policy's specification on an environment. */
  policySpec(env: EnvSpec, settings: PolicySettings, options: unknown): PolicySpec;
  create(context: AlgorithmContext, options: unknown): Algorithm | Promise<Algorithm>;
}

/** Groups of settings that every run has: no method can have options of these names. */
export const RUN_SETTINGS = ['policy', 'environment', 'evaluation'] as const;

const definitionSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected lower-case letters, digits and "-"' }),
  summary: z.string(),
  options: z.custom<OptionsSchema>(isObjectSchema, {
    error: 'expected an object schema of zod 4, as z.strictObject makes',
  }),
  columns: z.array(z.unknown()).default([]),
  distributed: z.boolean().default(false),
  policy: policySettingsSchema.partial().prefault({}),
  policySpec: functionSchema.optional(),
  create: functionSchema,
});

function isObjectSchema(value: unknown): boolean {
  const { _zod, shape, safeParse } = (value ?? {}) as { _zod?: unknown; shape?: unknown; safeParse?: unknown };
  return _zod !== undefined && typeof shape === 'object' && typeof safeParse === 'function';
}

/** The same definition, its options' type inferred: for methods that are given to `train` and not registered. */
export function defineAlgorithm<Schema extends OptionsSchema>(
  definition: AlgorithmDefinition<Schema>,
): AlgorithmDefinition<Schema> {
  checkAlgorithm(definition);
  return definition;
}

const checked = new WeakMap<object, Method>();

/** @throws ArgumentError, NotFoundError naming what of a definition is missing or wrong */
export function checkAlgorithm(definition: AlgorithmDefinition): Method {
  const known = isObject(definition) ? checked.get(definition) : undefined;
  if (known !== undefined) return known;
  const {
    name,
    summary,
    options: schema,
    columns,
    distributed,
  } = parseOptions(definitionSchema, definition, 'a method');
  const what = `method "${name}"`;
  const optionKeys = Object.keys(schema.shape as object);
  const taken = optionKeys.find((key) => (RUN_SETTINGS as readonly string[]).includes(key));
  if (taken !== undefined) {
    throw new ArgumentError(`${what} has an option "${taken}"`, {
      value: taken,
      expected: `none of ${RUN_SETTINGS.join(', ')}: every run has settings of these names`,
    });
  }
  const method: Method = {
    name,
    summary,
    columns: methodColumns(columns as string[], what),
    optionKeys,
    policy: definition.policy ?? {},
    distributed,
    parseOptions(input) {
      const settings = `settings of ${name}`;
      // zod drops what a plain z.object does not know; here nobody's setting is silently nothing.
      if (schema.def.catchall === undefined && isObject(input)) {
        checkKnownKeys(settings, Object.keys(input), optionKeys);
      }
      return parseOptions(schema, input, settings) as Record<string, unknown>;
    },
    policySpec(env, settings, options) {
      return definition.policySpec?.(env, settings, options as never) ?? policySpecFor(env, settings);
    },
    create: (context, options) => definition.create(checkContext(context), method.parseOptions(options)),
  };
  checked.set(definition, method);
  return method;
}

/** @throws ArgumentError naming what an algorithm lacks */
export function checkMade(method: string, algorithm: Algorithm): Algorithm {
  const functions = ['iterate', 'theta', 'saveState', 'loadState', 'close'] as const;
  const missing = functions.find((name) => typeof (algorithm as Partial<Algorithm> | null)?.[name] !== 'function');
  if (missing === undefined) return algorithm;
  throw new ArgumentError(`method "${method}" created ${describeValue(algorithm)} without ${missing}()`, {
    value: algorithm,
    expected: `an object with ${functions.join(', ')}`,
  });
}
