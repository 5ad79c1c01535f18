import { availableParallelism } from 'node:os';
import { TrellisError } from '../base/errors.js';
import type { Cell } from '../train/cells.js';
import type { CellEvent } from '../train/run-cells.js';
import type { ReproduceOptions } from './reproduce-options.js';

/**
 * Trains cells by this same command in child processes and tells how it goes, a line an event on standard error.
 * @param onDone waited for after each cell that was trained to its end
 * @returns the cells that failed, after all others ran
 */
export async function trainCells(
  cells: readonly Cell[],
  out: string,
  options: ReproduceOptions,
  signal: AbortSignal,
  onDone?: (cell: Cell) => Promise<void>,
): Promise<readonly Cell[]> {
  const { jobs, budget, engine } = options;
  const { runCells } = await import('../train/run-cells.js');
  const { formatDuration } = await import('../train/loggers/display.js');
  return runCells(cells, {
    out,
    command: [process.execPath, ...process.execArgv, process.argv[1]],
    jobs,
    threads: Math.max(1, Math.floor(availableParallelism() / jobs)),
    budget,
    engine,
    signal,
    onDone,
    onEvent: (event) => process.stderr.write(`${describeEvent(event, options.json === true, formatDuration)}\n`),
  });
}

/** Ends the command with an error where cells failed. */
export function refuseFailed(failed: readonly Cell[]): void {
  if (failed.length === 0) return;
  throw new TrellisError('ERR_RUN_DIRECTORY', `cells failed: ${failed.map(({ name }) => name).join(', ')}`, {
    hint: 'The same command tries them again',
  });
}

function describeEvent(event: CellEvent, json: boolean, formatDuration: (seconds: number) => string): string {
  const { cell, kind, iterations, total, cost, meanReturn, place, message } = event;
  const { number, of, secondsLeft } = place;
  if (json) {
    const figures = { cost, mean_return: meanReturn };
    const where = { number, of, seconds_left: secondsLeft };
    return JSON.stringify({ event: kind, cell: cell.name, ...where, iterations, total, ...figures, message });
  }
  const left = secondsLeft === null || secondsLeft === 0 ? '' : `, ${formatDuration(secondsLeft)} left in all`;
  const figure = Number.isNaN(meanReturn) ? '' : `, return ${meanReturn.toPrecision(5)}`;
  return `cell ${number} of ${of}, ${cell.name}: ${kind} ${iterations}/${total}${figure}${left}${message === undefined ? '' : ` (${message})`}`;
}
