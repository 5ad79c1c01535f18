import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfThere } from '../base/bounded-read.js';
import { type Cell, stepsWithin } from './cells.js';
import { finalMean, parseProgress } from './progress.js';

/** Iterations that a pace is the mean of. */
export const RECENT = 10;

/** How far a cell's run directory is. */
export interface CellStatus {
  readonly state: 'done' | 'partial' | 'not run';
  /** Iterations in progress.csv. */
  readonly iterations: number;
  /** Simulator steps of these. */
  readonly simulatorSteps: number;
  /** Mean cost per nominal step of the last of them (FINAL_ITERATIONS); NaN before the first. */
  readonly finalCost: number;
  /** Mean return of the episodes of the same iterations. */
  readonly finalReturn: number;
  /** Mean of sampling and update over the last RECENT iterations; NaN before the first. */
  readonly secondsPerIteration: number;
}

/** Reads a cell's run directory; what is not there or not begun is "not run". */
export function cellStatus(out: string, cell: Cell, iterations: number): CellStatus {
  const file = join(out, cell.name, 'progress.csv');
  const text = readTextIfThere(file);
  const rows = text === null ? [] : parseProgress(text);
  const finalCost = finalMean(rows, 'mean_cost_per_step');
  const finalReturn = finalMean(rows, 'mean_return');
  const recent = rows.slice(-RECENT);
  const seconds = recent.reduce((sum, row) => sum + row.seconds_sampling + row.seconds_update, 0);
  const simulatorSteps = rows.at(-1)?.simulator_steps ?? 0;
  const enough = rows.length >= iterations || simulatorSteps >= stepsWithin(cell, iterations);
  const finished = existsSync(join(out, cell.name, 'final.json')) && enough;
  const state = finished ? 'done' : rows.length > 0 ? 'partial' : 'not run';
  const secondsPerIteration = seconds / recent.length;
  return { state, iterations: rows.length, simulatorSteps, finalCost, finalReturn, secondsPerIteration };
}

/** "done", "partial at iteration k" or "not run". */
export function describeStatus({ state, iterations }: Pick<CellStatus, 'state' | 'iterations'>): string {
  return state === 'partial' ? `partial at iteration ${iterations}` : state;
}

/** A run that was killed before it wrote its configuration leaves a folder without one; it is cleared away. */
export function clearUnbegun(directory: string): void {
  if (!existsSync(directory) || existsSync(join(directory, 'config.json'))) return;
  const harmless = (name: string) => name.startsWith('lock') || name.startsWith('config.json') || name.endsWith('.tmp');
  if (readdirSync(directory).every(harmless)) rmSync(directory, { recursive: true });
}

/**
 * Settings of a cell; null while the cells that decide them are neither done nor failed, or if all of them failed. A
 * failed one counts as infinitely costly: a step size that destroys a policy is a poor choice, not an obstacle.
 */
export function cellSettings(
  out: string,
  { settings, choice }: Cell,
  iterations: (cell: Cell) => number,
  failed: readonly Cell[] = [],
): readonly string[] | null {
  if (choice === undefined) return settings;
  const statuses = choice.among.map((other) => cellStatus(out, other, iterations(other)));
  const costs = statuses.map(({ state, finalCost }, i) => {
    if (state === 'done') return Number.isFinite(finalCost) ? finalCost : Infinity;
    return failed.includes(choice.among[i]) ? Infinity : null;
  });
  if (!costs.every((cost) => cost !== null) || !costs.some(Number.isFinite)) return null;
  return [...settings, ...choice.settings(costs)];
}
