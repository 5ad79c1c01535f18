import type { Algorithm, IterationHooks } from '../algorithms/types.js';
import { throwIfAborted } from '../base/scheduling.js';
import type { Checkpoint } from './checkpoint.js';
import { type ProgressRow, progressRow } from './progress.js';

export interface TrainingHooks extends IterationHooks {
  /** After each iteration, once it is on disk. `diverged`: episodes of it that ended by a diverged simulator. */
  onIteration?: ((row: ProgressRow, diverged: number) => void) | undefined;
}

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
 * @param record makes an iteration durable before the next begins
 */
export async function trainingLoop(
  algorithm: Algorithm,
  iterations: number,
  state: LoopState,
  record: (row: ProgressRow, checkpoint: Checkpoint) => Promise<void>,
  hooks: TrainingHooks = {},
): Promise<void> {
  while (state.iteration < iterations) {
    throwIfAborted(hooks.signal);
    const report = await algorithm.iterate(state.iteration, hooks);
    const row = progressRow(state.iteration, state.simulatorSteps + report.simulatorSteps, report);
    state.iteration++;
    state.simulatorSteps = row.simulator_steps;
    state.diverged += report.diverged;
    state.rows.push(row);
    const { iteration, simulatorSteps, diverged } = state;
    await record(row, { iteration, simulatorSteps, diverged, method: algorithm.name, state: algorithm.saveState() });
    hooks.onIteration?.(row, report.diverged);
  }
}
