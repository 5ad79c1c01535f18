import type { Algorithm, IterationHooks } from '../algorithms/types.js';
import { throwIfAborted } from '../base/scheduling.js';
import type { Checkpoint } from './checkpoint.js';
import { type ProgressRow, progressRow } from './progress.js';

/** What `trainingLoop` waits for between iterations. */
export interface TrainingHooks extends IterationHooks {
  /** Makes an iteration durable before the next begins. */
  record?(row: ProgressRow, checkpoint: Checkpoint): Promise<void>;
  /** After each iteration. `diverged`: episodes of it that ended by a diverged simulator. */
  onIteration?(row: ProgressRow, diverged: number): Promise<void>;
  onWarning?(message: string): Promise<void>;
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
 * Iterates from `state.iteration` up to `iterations`. An aborted iteration leaves no trace: algorithm, `state` and disk
 * are as after the last whole one.
 */
export async function trainingLoop(
  algorithm: Algorithm,
  iterations: number,
  state: LoopState,
  hooks: TrainingHooks = {},
): Promise<void> {
  let told = false;
  while (state.iteration < iterations) {
    throwIfAborted(hooks.signal);
    const report = await algorithm.iterate(state.iteration, hooks);
    const row = progressRow(state.iteration, state.simulatorSteps + report.simulatorSteps, report);
    state.iteration++;
    state.simulatorSteps = row.simulator_steps;
    state.diverged += report.diverged;
    state.rows.push(row);
    const { iteration, simulatorSteps, diverged } = state;
    await hooks.record?.(row, {
      iteration,
      simulatorSteps,
      diverged,
      method: algorithm.name,
      state: algorithm.saveState(),
    });
    await hooks.onIteration?.(row, report.diverged);
    if (told || !stands(state.rows)) continue;
    told = true;
    const first = iteration - STANDING_ITERATIONS;
    await hooks.onWarning?.(
      `iterations ${first} to ${iteration - 1} left the policy as it was: either all returns were equal, so that there ` +
        'was nothing to learn, or the line search accepted no step. This is said once',
    );
  }
}

/** Did the last iterations make no step? */
function stands(rows: readonly ProgressRow[]): boolean {
  return rows.length >= STANDING_ITERATIONS && rows.slice(-STANDING_ITERATIONS).every((row) => row.step_fraction === 0);
}
