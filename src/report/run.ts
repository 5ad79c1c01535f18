import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { RunDirectoryError } from '../base/errors.js';
import { checkPath } from '../base/files.js';
import { openSealed } from '../base/sealed.js';
import { PROGRESS_COLUMNS, type ProgressColumn, type ProgressRow } from '../train/progress.js';
import { matchesSums } from '../train/progress-sums.js';
import { parseCsv } from './csv.js';

export { PROGRESS_COLUMNS, type ProgressColumn, type ProgressRow };

const METHODS = 'single-path|vine|natural-gradient|policy-gradient|empirical-fim|max-kl|rwr|reps|cem|cma-es';
const RUN_NAME = new RegExp(`^(?<experiment>.+)-(?<method>${METHODS})-seed(?<seed>\\d+)$`);

/** What a report needs to know of a run directory. */
export interface Run {
  /** Absolute path. */
  readonly directory: string;
  /** Last part of the path. */
  readonly name: string;
  readonly experiment: string;
  readonly method: string;
  /** NaN where neither config.json nor the directory's name tells. */
  readonly seed: number;
  /** Iterations asked for; null where config.json does not tell. */
  readonly plannedIterations: number | null;
  /** Whether final.json exists: the run was completed. */
  readonly finished: boolean;
  readonly progress: readonly Readonly<ProgressRow>[];
  /** config.json as it is; empty where there is none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** final.json as it is; null where there is none. */
  readonly final: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads config.json, progress.csv and final.json of a run directory. Columns this version does not know are ignored,
 * known ones that are missing read as NaN (an older run still draws).
 * @throws RunDirectoryError when there is no progress.csv, or a file in it is not what it should be
 */
export function readRun(directory: string): Run {
  const path = resolve(checkPath('directory of a run', directory));
  const progressFile = join(path, 'progress.csv');
  if (!existsSync(progressFile)) {
    throw new RunDirectoryError(`${directory} has no progress.csv`, {
      value: directory,
      expected: 'the directory of a run',
      hint: 'Runs are made by "trellis train"; its --out is the directory itself',
    });
  }
  // Read first: a run that goes on adds a row before its hash.
  const sumsFile = join(path, 'progress.sha256');
  const sums = existsSync(sumsFile) ? readFileSync(sumsFile, 'utf8') : '';
  const rows = readFileSync(progressFile, 'utf8');
  if (!matchesSums(rows, sums)) {
    throw new RunDirectoryError(`${progressFile} is damaged: it does not match progress.sha256 beside it`, {
      value: progressFile,
      hint: 'Restore it from a copy; if the change was meant, delete progress.sha256',
    });
  }
  const progress = readProgress(rows, progressFile);
  const config = readJson(join(path, 'config.json')) ?? {};
  const final = readJson(join(path, 'final.json'));
  const name = basename(path);
  const named = RUN_NAME.exec(name)?.groups;
  return {
    directory: path,
    name,
    experiment: text(config.experiment) ?? named?.experiment ?? name,
    method: text(config.method) ?? named?.method ?? 'unknown',
    seed: number(config.seed) ?? Number(named?.seed ?? NaN),
    plannedIterations: number(config.iterations),
    finished: final !== null,
    progress,
    config,
    final,
  };
}

/** Rows of a progress.csv, in the order of their iterations. */
export function readProgress(csv: string, name = 'progress.csv'): ProgressRow[] {
  const { columns, rows } = parseCsv(csv, name);
  const at = PROGRESS_COLUMNS.map((column) => columns.indexOf(column));
  if (columns.length > 0 && at[0] === -1) {
    throw new RunDirectoryError(`${name} has no column "iteration"`, { value: columns });
  }
  return rows.map((row) => {
    const entries = PROGRESS_COLUMNS.map((column, i) => {
      const cell = at[i]! < 0 ? '' : row[at[i]!]!;
      return [column, cell === '' ? NaN : Number(cell)] as const;
    });
    return Object.fromEntries(entries) as Record<ProgressColumn, number>;
  });
}

function readJson(file: string): Record<string, unknown> | null {
  if (!existsSync(file)) return null;
  try {
    return openSealed(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not readable as JSON: ${(cause as Error).message}`, {
      value: file,
      hint: 'Restore it from a copy',
      cause,
    });
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
