import { z } from 'zod';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { signalSchema, threadsSchema } from '../base/limits.js';
import { parseOptions } from '../base/options.js';
import { Purpose } from '../base/random.js';
import { checkFactory } from '../env/check-factory.js';
import { functionSchema } from '../env/source-schema.js';
import type { EnvFactory } from '../env/types.js';
import { freezeStatistics, listStatistics } from '../env/wrappers/wrap-factory.js';
import { checkPolicyFits, checkStored } from '../policy/fit.js';
import { Policy } from '../policy/policy.js';
import { readPolicy, type StoredPolicy } from '../policy/storage.js';
import { drawActions, takeModes } from '../rollout/behaviour.js';
import { EpisodeRecord, playEpisodes } from '../rollout/episodes.js';
import { checkEpisodesEnd } from '../rollout/horizon.js';
import { Lockstep } from '../rollout/lockstep.js';
import { environmentOf } from './identity.js';

export interface EvaluateOptions {
  /** Default 30 */
  readonly episodes?: number;
  /** Default 0; its draws are never those of training, whatever the seed. */
  readonly seed?: number;
  /** Always the most likely action. Default false. */
  readonly deterministic?: boolean;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluateRunOptions extends EvaluateOptions {
  /** The best policy of the evaluations while training, in place of the last one. Default false. */
  readonly best?: boolean;
  /** Something the user should know; the evaluation goes on. */
  readonly onWarning?: ((message: string) => unknown) | undefined;
}

/** What `trellis eval` prints. */
export interface Evaluation {
  readonly mean_return: number;
  readonly std_return: number;
  readonly returns: number[];
  readonly mean_length: number;
  /** The paper's metric: total cost over (nominal length × episodes) */
  readonly mean_cost_per_step: number;
}

/** Most slots at a time; more episodes begin where others ended. */
const MAX_SLOTS = 64;

const evaluateOptionsSchema = z.strictObject({
  episodes: z.int().min(1).default(30),
  seed: z.int().min(0).default(0),
  deterministic: z.boolean().default(false),
  threads: threadsSchema,
  signal: signalSchema,
});

/**
 * Plays episodes with the policy stored in a run directory, on the environment it was trained on.
 * @param onWarning gets what the user should know, such as that policy.json does not say which environment exactly
 * @throws RunDirectoryError if there is no policy, or its environment is not to be had by its name
 */
export async function evaluateRun(directory: string, given: EvaluateRunOptions = {}): Promise<Evaluation> {
  if (typeof directory !== 'string' || directory === '') {
    throw new ArgumentError(`the run directory is ${describeValue(directory)}`, {
      value: directory,
      expected: 'a path',
    });
  }
  const schema = evaluateOptionsSchema.extend({
    best: z.boolean().default(false),
    onWarning: functionSchema.optional(),
  });
  const { onWarning: _, best, ...settings } = parseOptions(schema, given, 'evaluation options');
  const stored = await readPolicy(directory, best ? 'best-policy' : 'policy');
  const warnings: string[] = [];
  const env = environmentOf(directory, stored, (message) => warnings.push(message));
  for (const warning of warnings) await given.onWarning?.(warning);
  return evaluatePolicy(stored, env, settings);
}

/** @throws ArgumentError for an environment that would be seen by statistics of nothing: those of training are missing */
function checkStatistics(factory: EnvFactory): void {
  for (const [name, { seen }] of listStatistics(factory)) {
    if (seen) continue;
    throw new ArgumentError(`the statistics ${name} of "${factory.spec.id}" have seen nothing`, {
      value: name,
      expected: 'those that the policy was trained with',
      hint: 'Load them: loadStatistics(env, policy.metadata.statistics)',
    });
  }
}

/** Whose draws the episodes of an evaluation are made of. */
export interface EvaluationDraws {
  readonly reset: number;
  readonly policy: number;
}

const ownDraws: EvaluationDraws = { reset: Purpose.evaluationReset, policy: Purpose.evaluationPolicy };
/** Those of evaluations while training. */
export const periodicDraws: EvaluationDraws = { reset: Purpose.periodicReset, policy: Purpose.periodicPolicy };

/**
 * Plays episodes with a policy. Running statistics of the environment's wrappers are used as they are, and not moved.
 * Episode k is the same whatever the number of episodes or threads.
 * @throws ArgumentError if the policy observes or does something else than the environment's specification says
 */
export async function evaluatePolicy(
  policy: Pick<StoredPolicy, 'spec' | 'theta'>,
  factory: EnvFactory,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluateWith(policy, factory, options, ownDraws);
}

/** As `evaluatePolicy`, of other draws. */
export async function evaluateWith(
  policy: Pick<StoredPolicy, 'spec' | 'theta'>,
  factory: EnvFactory,
  options: EvaluateOptions,
  draws: EvaluationDraws,
): Promise<Evaluation> {
  const settings = parseOptions(evaluateOptionsSchema, options, 'evaluation options');
  const { episodes, threads, seed, deterministic, signal } = settings;
  checkFactory(factory);
  checkStatistics(factory);
  checkStored(policy);
  checkPolicyFits(policy.spec, factory.spec);
  checkEpisodesEnd(factory.spec);
  const limits = threads === undefined ? {} : { threads };
  const acting = await Policy.create(policy, 'native', limits);
  const env = freezeStatistics(factory).make(Math.min(episodes, MAX_SLOTS), limits);
  try {
    const record = new EpisodeRecord();
    const lockstep = new Lockstep(env, { distParamSize: acting.distribution.distParamSize });
    await playEpisodes(lockstep, deterministic ? takeModes(acting) : drawActions(acting), record, {
      seed,
      iteration: 0,
      purposes: draws,
      mayBegin: (begun) => begun < episodes,
      signal,
    });
    const played = record.episodes();
    const returns = Array.from(played.returns);
    const lengths = Array.from(played.lengths);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const mean = sum(returns) / episodes;
    return {
      mean_return: mean,
      std_return: Math.sqrt(sum(returns.map((value) => (value - mean) ** 2)) / episodes),
      returns,
      mean_length: sum(lengths) / episodes,
      mean_cost_per_step: -sum(returns) / (episodes * factory.spec.maxEpisodeSteps),
    };
  } finally {
    env.close();
    acting.close();
  }
}
