import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RECENT } from '../../train/cell-status.js';
import { isHeld } from '../../train/lock.js';
import { formatDuration } from '../../train/loggers/display.js';
import { type PlottedRun, plotRun } from '../plot-data.js';
import { type Run, readRun } from '../run.js';
import { runStatus } from '../status.js';

/** What the page says of a run, as JSON. */
export interface RunFacts {
  readonly name: string;
  readonly experiment: string;
  readonly method: string;
  /** null where nothing tells */
  readonly seed: number | null;
  readonly state: 'running' | 'done' | 'stopped' | 'waiting' | 'unreadable';
  /** The state in words; why a run cannot be read. */
  readonly status: string;
  readonly iterations: number;
  /** null where config.json does not tell */
  readonly planned: number | null;
  readonly simulatorSteps: number;
  /** Steps of the simulators a second over the last iterations; null before the first. */
  readonly speed: number | null;
  /** "3 min 5 s"; null unless the run goes on. */
  readonly left: string | null;
  /** Return of the last iteration. */
  readonly lastReturn: number | null;
  readonly evaluation: { readonly iteration: number; readonly mean: number; readonly std: number } | null;
  /** Name and time of the newest replay in the directory. */
  readonly replay: { readonly file: string; readonly time: number } | null;
  /** When something was last written of it: milliseconds since 1970. */
  readonly changed: number;
}

/** A run as it was read last. */
export interface ReadRun {
  /** null where it cannot be read */
  readonly run: Run | null;
  readonly facts: RunFacts;
  readonly plotted: Omit<PlottedRun, 'label'>;
}

const FILES = ['config.json', 'progress.csv', 'evaluations.csv', 'final.json'] as const;
const REPLAY = /\.(html|gif|mp4)$/;

/** Sizes and times of what `readWatched` reads, and whether somebody trains: equal while there is nothing new. */
export function signature(directory: string): string {
  const stamps = FILES.map((name) => {
    const status = statSync(join(directory, name), { throwIfNoEntry: false });
    return status === undefined ? '-' : `${status.size}:${status.mtimeMs}`;
  });
  const replay = newestReplay(directory);
  return [...stamps, isHeld(join(directory, 'lock')), replay?.file, replay?.time].join(' ');
}

/** Reads a run directory that may be half written, damaged or gone: what is wrong becomes its status. */
export function readWatched(directory: string): ReadRun {
  const times = FILES.map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const changed = Math.max(...times);
  const isRunning = isHeld(join(directory, 'lock'));
  const replay = newestReplay(directory);
  try {
    const run = readRun(directory);
    return { run, facts: { ...factsOf(run, isRunning), replay, changed }, plotted: plotRun(run) };
  } catch (error) {
    const name = basename(directory);
    const begins = isRunning && !existsSync(join(directory, 'progress.csv'));
    const facts: RunFacts = {
      name,
      experiment: name,
      method: '',
      seed: null,
      state: begins ? 'running' : 'unreadable',
      status: begins ? 'begins' : explain(error),
      iterations: 0,
      planned: null,
      simulatorSteps: 0,
      speed: null,
      left: null,
      lastReturn: null,
      evaluation: null,
      replay,
      changed,
    };
    const none = { iteration: [] };
    return { run: null, facts, plotted: { experiment: name, progress: none, evaluations: none } };
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function factsOf(run: Run, isRunning: boolean): Omit<RunFacts, 'replay' | 'changed'> {
  const { name, experiment, method, progress, plannedIterations: planned } = run;
  const iterations = progress.length;
  const recent = progress.slice(-RECENT);
  const seconds = recent.reduce((sum, row) => sum + row.seconds_sampling + row.seconds_update, 0);
  const simulatorSteps = progress.at(-1)?.simulator_steps ?? 0;
  const steps = simulatorSteps - (progress.at(-RECENT - 1)?.simulator_steps ?? 0);
  const left = (seconds / recent.length) * ((planned ?? Number.NaN) - iterations);
  const isDone = run.finished && runStatus(run) === 'done';
  const isStopped = run.final?.['status'] === 'stopped';
  const state = isRunning ? 'running' : isDone ? 'done' : isStopped ? 'stopped' : 'waiting';
  const last = run.evaluations.at(-1);
  return {
    name,
    experiment,
    method,
    seed: finite(run.seed),
    state,
    status: isRunning ? 'running' : runStatus(run),
    iterations,
    planned,
    simulatorSteps,
    speed: finite(steps / seconds),
    left: isRunning && left > 0 ? formatDuration(left) : null,
    lastReturn: finite(progress.at(-1)?.mean_return ?? Number.NaN),
    evaluation:
      last === undefined ? null : { iteration: last.iteration + 1, mean: last.mean_return, std: last.std_return },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The newest page or film in a run directory. */
function newestReplay(directory: string): RunFacts['replay'] {
  try {
    const files = readdirSync(directory).filter((name) => REPLAY.test(name));
    const replays = files.map((file) => ({ file, time: statSync(join(directory, file)).mtimeMs }));
    return replays.sort((a, b) => b.time - a.time)[0] ?? null;
  } catch {
    return null;
  }
}
