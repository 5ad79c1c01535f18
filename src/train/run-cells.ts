import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AbortedError } from '../base/errors.js';
import { explained } from '../base/files.js';
import { packageRoot } from '../native/platform.js';
import { CellPace, type CellPlace } from './cell-pace.js';
import { cellSettings, cellStatus, clearUnbegun } from './cell-status.js';
import { budgetedIterations, type Cell, stepsWithin } from './cells.js';

export interface RunCellsOptions {
  /** Folder of the run directories. */
  readonly out: string;
  /** Program and first arguments that stand for `trellis`; default: this package's. */
  readonly command?: readonly string[] | undefined;
  /** Child processes at a time. */
  readonly jobs: number;
  /** Threads of each. */
  readonly threads: number;
  /** Scale of the number of iterations. */
  readonly budget: number;
  readonly engine?: string | undefined;
  /** Modules that register what the cells name, given to each child as `--import`. */
  readonly imports?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Waited for after each cell that is done in this call, before its place is given to another. */
  onDone?: ((cell: Cell) => Promise<void>) | undefined;
  onEvent?(event: CellEvent): void;
}

export interface CellEvent {
  readonly cell: Cell;
  readonly kind: 'begun' | 'iteration' | 'done' | 'failed';
  /** Iterations done, of so many. */
  readonly iterations: number;
  readonly total: number;
  /** Cost per step and mean return of the iteration, at the end of the last ones together; NaN where there are none. */
  readonly cost: number;
  readonly meanReturn: number;
  readonly place: CellPlace;
  /** What a failed child said last. */
  readonly message?: string;
}

/** Milliseconds that an interrupted child has to write its checkpoint and leave. */
const GRACE = 20_000;

/** How a child ended: `failed` by what it computed, which would come again; `stopped` by anything that may pass. */
type Outcome = 'done' | 'failed' | 'stopped';

/**
 * Trains the cells that are not done, in their order, each by `trellis train` in a child process; one that was begun is
 * resumed from its run directory. A cell that fails does not stop the others; one that was only stopped (killed, its
 * folder in use, a full disk) keeps those waiting that depend on it.
 * @returns the cells that failed
 * @throws AbortedError once all children have stopped, when the signal is raised
 */
export async function runCells(cells: readonly Cell[], options: RunCellsOptions): Promise<Cell[]> {
  const { out, jobs, budget, signal } = options;
  await explained(out, () => mkdir(out, { recursive: true }));
  const total = (cell: Cell) => budgetedIterations(cell, budget);
  const pace = new CellPace(cells, (cell) => cellStatus(out, cell, total(cell)), total, jobs);
  const waiting = cells.filter((cell) => cellStatus(out, cell, total(cell)).state !== 'done');
  const running = new Map<Cell, Promise<void>>();
  const failed: Cell[] = [];
  const stopped: Cell[] = [];
  while (!signal?.aborted) {
    const next =
      running.size < jobs ? waiting.find((cell) => cellSettings(out, cell, total, failed) !== null) : undefined;
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      const settings = cellSettings(out, next, total, failed)!;
      const child = trainCell(next, settings, total(next), options, pace)
        .then(async (outcome) => {
          if (outcome !== 'done') (outcome === 'failed' ? failed : stopped).push(next);
          else if (!signal?.aborted) await options.onDone?.(next);
        })
        .finally(() => running.delete(next));
      running.set(next, child);
    } else if (running.size > 0) {
      await Promise.race(running.values());
    } else {
      // What still waits depends on cells that failed or were stopped.
      return [...failed, ...stopped, ...waiting];
    }
  }
  await Promise.all(running.values());
  throw new AbortedError();
}

/** The command that package.json names. */
function trellisCommand(): string[] {
  const { bin } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { bin: { trellis: string } };
  return [process.execPath, join(packageRoot(), bin.trellis)];
}

/** One child process; `done` also when all are interrupted. */
async function trainCell(
  cell: Cell,
  settings: readonly string[],
  total: number,
  { out, command = trellisCommand(), threads, engine, imports = [], signal, onEvent }: RunCellsOptions,
  pace: CellPace,
): Promise<Outcome> {
  const directory = join(out, cell.name);
  clearUnbegun(directory);
  const modules = imports.flatMap((file) => ['--import', file]);
  const common = ['--iterations', `${total}`, '--threads', `${threads}`, '--json', ...modules];
  const steps = stepsWithin(cell, total);
  const limit = Number.isFinite(steps) ? ['--steps', `${steps}`] : [];
  const fresh = [cell.task, '--method', cell.method, '--seed', `${cell.seed}`, '--out', directory];
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const begin = [...fresh, ...limit, ...(engine === undefined ? [] : ['--engine', engine]), ...sets];
  const begun = existsSync(join(directory, 'config.json'));
  const words = ['train', ...(begun ? ['--resume', directory] : begin), ...common];
  const tell = (kind: CellEvent['kind'], [cost, meanReturn] = [NaN, NaN], message?: string) => {
    const { iterations } = pace.update(cell, kind === 'done' || kind === 'failed');
    onEvent?.({
      cell,
      kind,
      iterations,
      total,
      cost,
      meanReturn,
      place: pace.place(cell),
      ...(message === undefined ? {} : { message }),
    });
  };
  tell('begun');
  // In a process group of its own, so that Ctrl-C reaches it once and through us; the channel ends it when we die.
  const child = spawn(command[0], [...command.slice(1), ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    child.kill('SIGINT');
    timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
  };
  signal?.addEventListener('abort', interrupt);
  let complaint = '';
  let reason: string | undefined;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = parseLine(line);
    if (event?.event !== 'iteration') return;
    tell('iteration', [event.mean_cost_per_step ?? NaN, event.mean_return ?? NaN]);
  });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const event = parseLine(line);
    if (event?.event === 'error') {
      complaint = String(event.message);
      reason = event.code;
    } else if (complaint === '' || (/^\w*Error\b/.test(line) && !/Error\b/.test(complaint))) complaint = line;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve).once('error', (error) => {
      complaint = error.message;
      resolve(null);
    });
  });
  signal?.removeEventListener('abort', interrupt);
  clearTimeout(timer);
  if (signal?.aborted) return 'done';
  const status = cellStatus(out, cell, total);
  if (code === 0) {
    tell('done', [status.finalCost, status.finalReturn]);
    return 'done';
  }
  tell('failed', undefined, complaint === '' ? `exit code ${code ?? child.signalCode}` : complaint);
  return reason !== undefined && LASTING.includes(reason) ? 'failed' : 'stopped';
}

/** Codes of errors that the same cell would end in again. */
const LASTING: readonly string[] = ['ERR_DIVERGED'];

interface ChildEvent {
  event?: string;
  mean_cost_per_step?: number | null;
  mean_return?: number | null;
  message?: string;
  code?: string;
}

function parseLine(line: string): ChildEvent | null {
  try {
    return JSON.parse(line) as ChildEvent;
  } catch {
    return null;
  }
}
