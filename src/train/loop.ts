import type { Algorithm, IterationHooks, IterationReport } from '../algorithms/types.js';
import { AbortedError } from '../base/errors.js';
import { throwIfAborted } from '../base/scheduling.js';
import { type Checkpoint, checkState } from './checkpoint.js';
import { checkSteps, type PhaseSeconds, type ProgressRow, type ProgressTable } from './progress.js';

/** What `trainingLoop` works with, and waits for between iterations. */
export interface TrainingHooks extends IterationHooks {
  readonly method: string;
  readonly table: ProgressTable;
  /** T */
  readonly nominalLength: number;
  /** Makes an iteration durable before the next begins. */
  record(row: ProgressRow, checkpoint: Checkpoint): Promise<void>;
  /** After each iteration. @param diverged episodes of it that ended by a diverged simulator. @returns whether to go on */
  afterIteration(row: ProgressRow, diverged: number): Promise<boolean>;
  onWarning(message: string): Promise<void>;
}

/** Iterations in a row without a step after which the user is told. */
const STANDING_ITERATIONS = 3;

export interface LoopState {
  /** Iterations done */
  iteration: number;
  simulatorSteps: number;
  diverged: number;
  readonly rows: ProgressRow[];
}

/**
 * Iterates from `state.iteration` up to `iterations` or `simulatorSteps`, or until it is told to stop. An aborted iteration
 * leaves no trace: algorithm, `state` and disk are as after the last whole one.
 */
export async function trainingLoop(
  algorithm: Algorithm,
  { iterations, simulatorSteps: most = Infinity }: { iterations: number; simulatorSteps?: number | undefined },
  state: LoopState,
  hooks: TrainingHooks,
): Promise<void> {
  const { table, nominalLength, method } = hooks;
  let told = false;
  let goOn = true;
  while (goOn && state.iteration < iterations && state.simulatorSteps < most) {
    throwIfAborted(hooks.signal);
    const { report, seconds } = await timed(algorithm, state.iteration, hooks);
    const { iteration } = state;
    const simulatorSteps = state.simulatorSteps + checkSteps(report, method);
    const row = table.row(report, { iteration, simulatorSteps, seconds, nominalLength });
    const diverged = report.diverged ?? 0;
    state.iteration++;
    state.simulatorSteps = simulatorSteps;
    state.diverged += diverged;
    state.rows.push(row);
    await hooks.record(row, {
      iteration: state.iteration,
      simulatorSteps,
      diverged: state.diverged,
      method,
      state: checkState(algorithm.saveState(), method),
    });
    goOn = await hooks.afterIteration(row, diverged);
    if (told || !stands(state.rows)) continue;
    told = true;
    const first = state.iteration - STANDING_ITERATIONS;
    await hooks.onWarning(
      `iterations ${first} to ${iteration} left the policy as it was: either all returns were equal, so that there ` +
        'was nothing to learn, or the line search accepted no step. This is said once',
    );
  }
}

/** One iteration, and how long each of its phases took: it begins with sampling, and its progress tells of a change. */
async function timed(
  algorithm: Algorithm,
  iteration: number,
  { signal, onProgress }: IterationHooks,
): Promise<{ report: IterationReport; seconds: PhaseSeconds }> {
  const seconds = { sampling: 0, update: 0 };
  let phase: keyof PhaseSeconds = 'sampling';
  let since = performance.now();
  const turn = (next: keyof PhaseSeconds) => {
    const now = performance.now();
    seconds[phase] += (now - since) / 1000;
    since = now;
    phase = next;
  };
  const hooks: IterationHooks = {
    signal,
    onProgress(fraction, next) {
      if (next !== phase) turn(next === 'update' ? next : 'sampling');
      onProgress?.(fraction, next);
    },
  };
  try {
    const report = await algorithm.iterate(iteration, hooks);
    turn(phase);
    return { report, seconds };
  } catch (error) {
    // What `signal.throwIfAborted()` throws means the same.
    if (signal?.aborted && error === signal.reason) throw new AbortedError();
    throw error;
  }
}

/** Did the last iterations make no step? Only methods that tell can be asked. */
function stands(rows: readonly ProgressRow[]): boolean {
  return rows.length >= STANDING_ITERATIONS && rows.slice(-STANDING_ITERATIONS).every((row) => row.step_fraction === 0);
}
