import { checkAgreement, followLeader } from '../cluster/checks.js';
import type { Communicator } from '../cluster/communicator.js';
import type { PolicySpec } from '../policy/types.js';
import { type Callbacks, type EndEvent, wasAborted } from './callbacks.js';
import type { RunConfig } from './config.js';
import { evaluateWith, periodicDraws } from './evaluate.js';
import { type EvaluationRow, evaluationRow, isBest, isDue, isOwed } from './evaluations.js';
import { type LoopState, trainingLoop } from './loop.js';
import type { TrainOptions } from './options.js';
import type { Parts } from './parts.js';
import { platformFacts } from './platform.js';
import { FINAL_ITERATIONS, finalMean, type ProgressRow, ProgressTable } from './progress.js';
import type { RunDirectory } from './run-directory.js';
import { notedStatistics } from './statistics.js';
import { type TrainedPolicy, trainedPolicy } from './trained-policy.js';

/** Seconds between two refreshes of policy.json where nobody looks; the checkpoint always is of the last iteration. */
const POLICY_INTERVAL = 15;

/** What a run gave, its part before a resume included. */
export interface TrainResult {
  readonly config: RunConfig;
  readonly policy: PolicySpec;
  /** θ after the last iteration [P] */
  readonly theta: Float32Array;
  /** All iterations of the run, those before a resume included */
  readonly rows: readonly ProgressRow[];
  /** All evaluations of the run, likewise */
  readonly evaluations: readonly EvaluationRow[];
  /** What final.json holds */
  readonly final: Readonly<Record<string, unknown>>;
}

export interface RunState extends LoopState {
  readonly evaluations: EvaluationRow[];
}

/** A run that is ready to go on from its state. */
export interface RunSetup {
  readonly config: RunConfig;
  readonly parts: Parts;
  readonly directory: RunDirectory | null;
  readonly state: RunState;
  readonly callbacks: Callbacks;
  readonly communicator: Communicator;
  readonly options: Pick<TrainOptions, 'signal' | 'threads' | 'policyInterval'>;
}

/** Trains until all iterations are done, or a callback stops the run. Closes the directory. */
export async function finishRun(setup: RunSetup): Promise<TrainResult> {
  const { directory, state, callbacks } = setup;
  const end = (event: Pick<EndEvent, 'status' | 'reason' | 'error' | 'final'>) =>
    callbacks.call('onEnd', { ...event, rows: state.rows, directory: directory?.path ?? null });
  try {
    let result: TrainResult;
    try {
      result = await new Run(setup).finish();
    } catch (error) {
      // What ended the run matters more than what somebody made of it.
      const status = wasAborted(error) ? 'interrupted' : 'failed';
      await end({ status, reason: null, error, final: null }).catch(() => {});
      throw error;
    }
    const { final } = result;
    const status = final['status'] as 'done' | 'stopped';
    await end({ status, reason: (final['reason'] as string | undefined) ?? null, error: undefined, final });
    return result;
  } finally {
    directory?.close();
  }
}

class Run {
  private saved = Number.NEGATIVE_INFINITY;
  /** Statistics of the last whole iteration: one in progress has moved on. */
  private noted: ReturnType<typeof notedStatistics>;
  private readonly policyInterval: number;

  constructor(private readonly setup: RunSetup) {
    const { callbacks, options, parts } = setup;
    this.noted = notedStatistics(parts.env);
    this.policyInterval = options.policyInterval ?? (callbacks.has('onIteration') ? 0 : POLICY_INTERVAL);
  }

  async finish(): Promise<TrainResult> {
    const { config, parts, directory, state, callbacks, communicator } = this.setup;
    const { columns } = parts.method;
    const done = state.iteration;
    const path = directory?.path ?? null;
    await callbacks.call('onStart', { config, columns, rows: state.rows, directory: path });
    const owed = this.leads && isOwed(config.evaluation, done, state.evaluations);
    if (!this.isDone() || owed) await directory?.removeFinal();
    try {
      // A run that was killed between its checkpoint and the evaluation that was due.
      if (owed) await this.withPolicy((policy) => this.evaluate(policy));
      if (await followLeader(communicator, callbacks.stopReason === null))
        await this.loop(new ProgressTable(columns, parts.method.name));
    } catch (error) {
      // Whatever stopped it, leave the policy of the checkpoint; the cause matters more than a failure to do so.
      await this.savePolicy().catch(() => {});
      throw error;
    }
    const final = this.finalFacts();
    if (state.iteration > done || owed || (await directory?.isComplete()) === false) {
      await this.savePolicy();
      await directory?.writeFinal(final);
      await this.tellCheckpoint();
    }
    const { rows, evaluations } = state;
    return { config, policy: parts.policy, theta: parts.theta(), rows, evaluations, final };
  }

  /** Rank 0 alone evaluates, and has what is written. */
  private get leads(): boolean {
    return this.setup.communicator.rank === 0;
  }

  /** All iterations, or all steps. */
  private isDone(): boolean {
    const { config, state } = this.setup;
    return state.iteration >= config.iterations || state.simulatorSteps >= (config.simulatorSteps ?? Infinity);
  }

  private loop(table: ProgressTable): Promise<void> {
    const { config, parts, directory, state, callbacks, options, communicator } = this.setup;
    return trainingLoop(parts.algorithm, config, state, {
      method: parts.method.name,
      table,
      nominalLength: parts.env.spec.maxEpisodeSteps,
      signal: options.signal,
      onProgress: callbacks.has('onProgress') ? callbacks.progress : undefined,
      record: async (row, checkpoint) => {
        await checkAgreement(communicator, parts.theta(), row.iteration);
        this.noted = notedStatistics(parts.env);
        await directory?.record(row, checkpoint);
        if (performance.now() - this.saved < 1000 * this.policyInterval) return;
        await this.savePolicy();
        this.saved = performance.now();
        await this.tellCheckpoint();
      },
      afterIteration: async (row, diverged) => {
        const goOn = !this.leads || (await this.withPolicy((policy) => this.tell(row, diverged, policy)));
        return followLeader(communicator, goOn);
      },
      onWarning: (message) => callbacks.call('onWarning', message),
    });
  }

  /** Evaluates if it is time, and tells of the iteration. @returns whether to go on */
  private async tell(row: ProgressRow, diverged: number, policy: TrainedPolicy): Promise<boolean> {
    const { config, state, callbacks } = this.setup;
    const evaluation = isDue(config.evaluation, state.iteration) ? await this.evaluate(policy) : null;
    await callbacks.call('onIteration', { row, diverged, evaluation, policy, stop: callbacks.stop });
    return callbacks.stopReason === null;
  }

  /** Best policy first, row last: if the run is killed in between, all of it is done again. */
  private async evaluate(policy: TrainedPolicy): Promise<EvaluationRow> {
    const { config, parts, directory, state, callbacks, options } = this.setup;
    const { episodes, seed, deterministic } = config.evaluation!;
    const { signal, threads } = options;
    const settings = { episodes, seed, deterministic, signal, threads };
    const result = await evaluateWith(policy, parts.env, settings, periodicDraws);
    const evaluation = evaluationRow(state.iteration - 1, state.simulatorSteps, result);
    const best = isBest(evaluation.mean_return, state.evaluations);
    const metadata = { ...this.metadata(), evaluation };
    if (best) await directory?.savePolicy(parts.policy, policy.theta, metadata, 'best-policy');
    await directory?.recordEvaluation(evaluation);
    state.evaluations.push(evaluation);
    await callbacks.call('onEvaluation', { evaluation, best, policy, stop: callbacks.stop });
    return evaluation;
  }

  /** Runs `body` with the policy of the last iteration, which acts until then. */
  private async withPolicy<T>(body: (policy: TrainedPolicy) => Promise<T>): Promise<T> {
    const { config, parts, options } = this.setup;
    const { policy, close } = trainedPolicy(parts.policy, parts.theta().slice(), config.engine, options.threads);
    try {
      return await body(policy);
    } finally {
      await close();
    }
  }

  private metadata(): Record<string, unknown> {
    const { config, state } = this.setup;
    const { environment, experiment, platform } = config;
    return { environment, experiment, iteration: state.iteration, platform, ...this.noted };
  }

  private async savePolicy(): Promise<void> {
    const { parts, directory } = this.setup;
    await directory?.savePolicy(parts.policy, parts.theta(), this.metadata());
  }

  private async tellCheckpoint(): Promise<void> {
    const { directory, state, callbacks } = this.setup;
    if (directory === null) return;
    await callbacks.call('onCheckpoint', { iteration: state.iteration, directory: directory.path });
  }

  private finalFacts(): Record<string, unknown> {
    const { config, parts, state, callbacks } = this.setup;
    const { trellis, node } = platformFacts();
    const stopped = callbacks.stopReason !== null && !this.isDone();
    return {
      ...(stopped ? { status: 'stopped', reason: callbacks.stopReason } : { status: 'done' }),
      experiment: config.experiment,
      method: config.method,
      seed: config.seed,
      iterations: state.iteration,
      parameters: parts.theta().length,
      simulator_steps: state.simulatorSteps,
      last_iterations: Math.min(state.rows.length, FINAL_ITERATIONS),
      mean_return: finalMean(state.rows, 'mean_return'),
      mean_length: finalMean(state.rows, 'mean_length'),
      mean_cost_per_step: finalMean(state.rows, 'mean_cost_per_step'),
      diverged_episodes: state.diverged,
      model_hash: parts.env.spec.modelHash,
      versions: { trellis, node },
    };
  }
}
