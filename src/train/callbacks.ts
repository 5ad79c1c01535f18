import type { z } from 'zod';
import type { Column } from '../algorithms/columns.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError, CallbackError, TrellisError } from '../base/errors.js';
import { functionSchema } from '../env/source-schema.js';
import type { RunConfig } from './config.js';
import type { EvaluationRow } from './evaluations.js';
import type { ProgressRow } from './progress.js';
import type { TrainedPolicy } from './trained-policy.js';

/** What is about to run, and how much of it is done. */
export interface StartEvent {
  readonly config: RunConfig;
  /** Columns of progress.csv, in order */
  readonly columns: readonly Column[];
  /** Iterations done before a resume */
  readonly rows: readonly ProgressRow[];
  /** Run directory; null where nothing is written */
  readonly directory: string | null;
}

/** A moment at which the run can be ended. */
export interface RunEvent {
  /** The policy that the iteration made; it acts until the callbacks of the iteration have returned. */
  readonly policy: TrainedPolicy;
  /**
   * Ends the run properly once the callbacks of this iteration have returned: final.json says `stopped`, and why.
   * `resume` goes on with it.
   */
  stop(reason: string): void;
}

/** An iteration that is on disk. */
export interface IterationEvent extends RunEvent {
  readonly row: ProgressRow;
  /** Episodes of it that ended by a diverged simulator */
  readonly diverged: number;
  /** What the evaluation after this iteration gave; null where none was due */
  readonly evaluation: EvaluationRow | null;
}

/** An evaluation that is on disk. */
export interface EvaluationEvent extends RunEvent {
  readonly evaluation: EvaluationRow;
  /** Whether no policy of the run was better so far */
  readonly best: boolean;
}

/** All files of the run directory are of one iteration: rows, checkpoint and policy. */
export interface CheckpointEvent {
  /** Iterations done */
  readonly iteration: number;
  readonly directory: string;
}

export interface EndEvent {
  /** done: all iterations. stopped: by a callback. interrupted: by the signal. failed: by an error. */
  readonly status: 'done' | 'stopped' | 'interrupted' | 'failed';
  /** Why it was stopped; null otherwise */
  readonly reason: string | null;
  /** What it failed with; undefined otherwise */
  readonly error: unknown;
  readonly rows: readonly ProgressRow[];
  /** What final.json holds; null where the run did not come to its end */
  readonly final: Readonly<Record<string, unknown>> | null;
  readonly directory: string | null;
}

/**
 * Functions that a run calls, each awaited but for `onProgress`. One that throws or rejects ends the run: `train` rejects
 * with a `CallbackError` whose cause it is, and the run directory holds everything up to the last iteration.
 */
export interface TrainCallbacks {
  /** Before the first iteration. */
  readonly onStart?: ((event: StartEvent) => unknown) | undefined;
  /** Fraction of the iteration in progress, 0 … 1, some twenty times a second; not awaited. */
  readonly onProgress?: ((fraction: number, phase: 'sampling' | 'update') => unknown) | undefined;
  /** After each evaluation, before `onIteration` of the same iteration. */
  readonly onEvaluation?: ((event: EvaluationEvent) => unknown) | undefined;
  /** After each iteration, once it is on disk. */
  readonly onIteration?: ((event: IterationEvent) => unknown) | undefined;
  /** After the policy's files were refreshed, too: every `policyInterval` seconds, and at the end. */
  readonly onCheckpoint?: ((event: CheckpointEvent) => unknown) | undefined;
  /** Something the user should know; training goes on. */
  readonly onWarning?: ((message: string) => unknown) | undefined;
  /** Once, whatever the end. */
  readonly onEnd?: ((event: EndEvent) => unknown) | undefined;
}

/** One for each callback, for the schemas of those who take them. */
export const callbackFields = {
  onStart: functionSchema.optional(),
  onProgress: functionSchema.optional(),
  onEvaluation: functionSchema.optional(),
  onIteration: functionSchema.optional(),
  onCheckpoint: functionSchema.optional(),
  onWarning: functionSchema.optional(),
  onEnd: functionSchema.optional(),
} satisfies Record<keyof TrainCallbacks, z.ZodType>;

type Awaited = Exclude<keyof TrainCallbacks, 'onProgress'>;
type EventOf<Name extends Awaited> = Parameters<NonNullable<TrainCallbacks[Name]>>[0];

/** All callbacks of a run, called in turn. */
export class Callbacks {
  private failure: CallbackError | undefined;
  /** Why a callback wants the run to end; null: none does. */
  stopReason: string | null = null;

  /** @param listeners with what each is called in messages, "" for the caller's own */
  constructor(private readonly listeners: readonly (readonly [who: string, callbacks: TrainCallbacks])[]) {}

  has(name: keyof TrainCallbacks): boolean {
    return this.listeners.some(([, callbacks]) => callbacks[name] !== undefined);
  }

  /** @throws CallbackError with what the first of them threw, or what an `onProgress` before rejected with */
  async call<Name extends Awaited>(name: Name, event: EventOf<Name>): Promise<void> {
    this.check();
    for (const [who, callbacks] of this.listeners) {
      try {
        await (callbacks[name] as ((event: EventOf<Name>) => unknown) | undefined)?.(event);
      } catch (cause) {
        throw named(who, name, cause);
      }
    }
  }

  /** For samplers, which cannot wait for it: a rejection is thrown by the next call of any callback. */
  readonly progress = (fraction: number, phase: 'sampling' | 'update'): void => {
    this.check();
    for (const [who, { onProgress }] of this.listeners) {
      try {
        Promise.resolve(onProgress?.(fraction, phase)).catch((cause: unknown) => {
          this.failure ??= named(who, 'onProgress', cause);
        });
      } catch (cause) {
        throw named(who, 'onProgress', cause);
      }
    }
  };

  /** The first reason counts. */
  readonly stop = (reason: string): void => {
    if (typeof reason !== 'string' || reason === '') {
      throw new ArgumentError(`stop(${describeValue(reason)})`, { value: reason, expected: 'a reason, in words' });
    }
    this.stopReason ??= reason;
  };

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function named(who: string, name: keyof TrainCallbacks, cause: unknown): CallbackError {
  if (cause instanceof CallbackError) return cause;
  return new CallbackError(who === '' ? `the callback ${name}` : `${name} of ${who}`, cause);
}

export function wasAborted(error: unknown): boolean {
  return error instanceof TrellisError && error.code === 'ERR_ABORTED';
}
