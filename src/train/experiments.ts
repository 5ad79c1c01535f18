import { z } from 'zod';
import { RUN_SETTINGS } from '../algorithms/define.js';
import { getAlgorithm } from '../algorithms/index.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import type { EnvSettings } from '../env/registry.js';
import { type PolicySettingsInput, policySettingsSchema } from '../policy/settings.js';
import type { RunConfigInput } from './config.js';
import { type EvaluationInput, evaluationSchema } from './evaluations.js';
import type { Experiment } from './experiment.js';
import { mergeSettings, type Settings } from './overrides.js';

export type { Experiment } from './experiment.js';
export { mergeSettings, parseAssignments, type Settings } from './overrides.js';

const experiments = new Map<string, Experiment>();

/** `-` and `_` are alike, and so are capitals. */
const normalise = (name: string) => name.toLowerCase().replaceAll('_', '-');

const experimentSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, { error: 'expected letters, digits, ".", "-" and "_"' }),
  summary: z.string(),
  track: z.enum(['2015', 'modern']),
  environment: z.string().min(1),
  environmentSettings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
  policy: policySettingsSchema.partial(),
  iterations: z.int().min(1),
  simulatorSteps: z.int().min(1).optional(),
  evaluation: evaluationSchema.optional(),
  methods: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .refine((methods) => Object.keys(methods).length > 0, { error: 'expected the options of a method at least' }),
});

/**
 * Makes a preset known under its name. The environment and the methods that it names may be registered later.
 * @throws ArgumentError if the name is taken, or naming what of the preset is missing or wrong
 */
export function registerExperiment(experiment: Experiment): void {
  parseOptions(experimentSchema, experiment, 'an experiment');
  const name = normalise(experiment.name);
  if (experiments.has(name)) {
    throw new ArgumentError(`the experiment "${name}" is registered already`, { value: name, expected: 'a free name' });
  }
  experiments.set(name, experiment);
}

/** All presets, in the order of registration. */
export function listExperiments(): readonly Experiment[] {
  return [...experiments.values()];
}

/** The preset of this name; `-` and `_` are alike. @throws NotFoundError naming the nearest */
export function getExperiment(name: string): Experiment {
  const found = typeof name === 'string' ? experiments.get(normalise(name)) : undefined;
  if (found !== undefined) return found;
  throw new NotFoundError('experiment', name, experiments.keys());
}

export interface ExperimentChoices {
  method?: string | undefined;
  seed?: number | undefined;
  iterations?: number | undefined;
  simulatorSteps?: number | undefined;
  engine?: string | undefined;
  /** Overrides: `policy`, `environment`, `evaluation`, and the method's own options. */
  settings?: Settings | undefined;
}

const groupSchema = z.record(z.string(), z.unknown());
const choicesSchema = z.strictObject({
  method: z.string().min(1).optional(),
  seed: z.number().optional(),
  iterations: z.number().optional(),
  simulatorSteps: z.number().optional(),
  engine: z.string().min(1).optional(),
  settings: z
    .looseObject({
      policy: groupSchema.optional(),
      environment: groupSchema.optional(),
      evaluation: groupSchema.optional(),
    })
    .optional(),
});

/** A configuration that names its method. */
type NamedConfig = RunConfigInput & { readonly method: string };

/** The configuration of one run of an experiment. @throws NotFoundError for a method or a setting that does not exist */
export function experimentConfig(experiment: Experiment, given: ExperimentChoices = {}): NamedConfig {
  if (typeof experiment?.methods !== 'object') {
    throw new ArgumentError(`the experiment is ${describeValue(experiment)}`, {
      value: experiment,
      expected: 'an Experiment, as getExperiment(name) returns',
    });
  }
  const choices = parseOptions(choicesSchema, given, 'choices of an experiment');
  const preset = choices.method ?? Object.keys(experiment.methods)[0];
  const method = preset.split('/')[0];
  const definition = getAlgorithm(method);
  // Every method trains on every experiment; those it is not set up for take their own defaults.
  const isPreset = Object.hasOwn(experiment.methods, preset);
  if (!isPreset && preset !== method) {
    throw new NotFoundError(`method of "${experiment.name}"`, preset, Object.keys(experiment.methods), {
      expected: `one of ${Object.keys(experiment.methods).join(', ')}, or a method by its plain name`,
    });
  }
  const { policy = {}, environment = {}, evaluation, ...options } = choices.settings ?? {};
  const own = isPreset ? groupsOf(experiment.methods[preset]) : groupsOf({});
  const simulatorSteps = choices.simulatorSteps ?? experiment.simulatorSteps;
  const known = [...RUN_SETTINGS, ...definition.optionKeys];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new NotFoundError('setting', key, known, { expected: `one beginning with ${known.join(', ')}` });
    }
  }
  refuseGroups(environment as Settings);
  return {
    experiment: experiment.name,
    track: isPreset ? experiment.track : 'custom',
    method,
    seed: choices.seed ?? 0,
    iterations: choices.iterations ?? experiment.iterations,
    ...(simulatorSteps === undefined ? {} : { simulatorSteps }),
    engine: choices.engine ?? 'native',
    environment: {
      id: experiment.environment,
      settings: mergeSettings(
        { ...experiment.environmentSettings, ...own.environment },
        environment as Settings,
      ) as EnvSettings,
    },
    policy: mergeSettings({ ...experiment.policy, ...own.policy }, policy as Settings) as PolicySettingsInput,
    options: mergeSettings(own.options, options),
    ...([evaluation, own.evaluation, experiment.evaluation].every((group) => group === undefined)
      ? {}
      : {
          evaluation: mergeSettings(
            { ...experiment.evaluation, ...own.evaluation },
            evaluation ?? {},
          ) as EvaluationInput,
        }),
  };
}

/** What the preset of one method says of the run, and the method's own options. */
function groupsOf({ policy, environment, evaluation, ...options }: Readonly<Record<string, unknown>>) {
  return {
    policy: policy as PolicySettingsInput | undefined,
    environment: environment as EnvSettings | undefined,
    evaluation: evaluation as EvaluationInput | undefined,
    options,
  };
}

/** An environment's settings have no groups: `environment.settings.rom` is what config.json suggests, and wrong. */
function refuseGroups(environment: Settings): void {
  for (const [key, value] of Object.entries(environment)) {
    if (typeof value !== 'object') continue;
    throw new ArgumentError(`environment.${key} is not one value`, {
      value: JSON.stringify(value),
      expected: 'settings of the environment by their names, for example environment.rom=pong.bin',
    });
  }
}
