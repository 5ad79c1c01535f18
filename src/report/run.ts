import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { COMMON_COLUMNS, type Column, describeColumn } from '../algorithms/columns.js';
import { listAlgorithms } from '../algorithms/index.js';
import { readTextIfThere } from '../base/bounded-read.js';
import { RunDirectoryError } from '../base/errors.js';
import { checkPath } from '../base/files.js';
import { openSealed } from '../base/sealed.js';
import { type EvaluationRow, parseEvaluations } from '../train/evaluations.js';
import type { ProgressRow } from '../train/progress.js';
import { matchesSums } from '../train/progress-sums.js';
import { parseCsv } from './csv.js';

export type { ProgressRow };

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
  readonly progress: readonly ProgressRow[];
  /** What the columns of progress.csv are: in full where the method is registered, else by their names. */
  readonly columns: readonly Column[];
  /** Evaluations while it was trained */
  readonly evaluations: readonly EvaluationRow[];
  /** config.json as it is; empty where there is none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** final.json as it is; null where there is none. */
  readonly final: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads config.json, progress.csv, evaluations.csv and final.json of a run directory. Common columns that are missing read
 * as NaN (an older run still draws).
 * @throws RunDirectoryError when there is no progress.csv, or a file in it is not what it should be
 */
export function readRun(directory: string): Run {
  const path = resolve(checkPath('directory of a run', directory));
  const progressFile = join(path, 'progress.csv');
  if (!existsSync(progressFile)) {
    throw new RunDirectoryError(`${directory} has no progress.csv`, {
      value: directory,
      expected: 'the directory of a run',
      hint: 'A run is the folder that train() was given as its directory',
    });
  }
  const csv = readSummed(progressFile);
  const progress = readProgress(csv, progressFile);
  const evaluationsFile = join(path, 'evaluations.csv');
  const evaluations = existsSync(evaluationsFile) ? parseEvaluations(readSummed(evaluationsFile)) : [];
  const config = readJson(join(path, 'config.json')) ?? {};
  const final = readJson(join(path, 'final.json'));
  const name = basename(path);
  const named = runNamePattern().exec(name)?.groups;
  const method = text(config.method) ?? named?.method ?? 'unknown';
  return {
    directory: path,
    name,
    experiment: text(config.experiment) ?? named?.experiment ?? name,
    method,
    seed: number(config.seed) ?? Number(named?.seed ?? NaN),
    plannedIterations: number(config.iterations),
    finished: final !== null,
    progress,
    columns: columnsOf(method, csv),
    evaluations,
    config,
    final,
  };
}

/** `<experiment>-<method>-seed<k>`, with the methods known now. */
function runNamePattern(): RegExp {
  const methods = listAlgorithms().map(({ name }) => name);
  return new RegExp(`^(?<experiment>.+)-(?<method>${methods.join('|')})-seed(?<seed>\\d+)$`);
}

function columnsOf(method: string, csv: string): Column[] {
  const known = listAlgorithms().find(({ name }) => name === method)?.columns ?? [];
  return parseCsv(csv.slice(0, csv.indexOf('\n') + 1)).columns.map(
    (name) => known.find((column) => column.name === name) ?? describeColumn({ name }),
  );
}

/** A CSV file that has its hashes beside it. @throws RunDirectoryError if it does not match them */
function readSummed(file: string): string {
  // Read first: a run that goes on adds a row before its hash.
  const sumsFile = file.replace(/\.csv$/, '.sha256');
  const sums = readTextIfThere(sumsFile) ?? '';
  const rows = readTextIfThere(file) ?? '';
  if (matchesSums(rows, sums)) return rows;
  const name = basename(sumsFile);
  throw new RunDirectoryError(`${file} is damaged: it does not match ${name} beside it`, {
    value: file,
    hint: `Restore it from a copy; if the change was meant, delete ${name}`,
  });
}

/** Rows of a progress.csv, in the order of their iterations. */
export function readProgress(csv: string, name = 'progress.csv'): ProgressRow[] {
  const { columns, rows } = parseCsv(csv, name);
  if (columns.length > 0 && !columns.includes('iteration')) {
    throw new RunDirectoryError(`${name} has no column "iteration"`, { value: columns });
  }
  const missing = COMMON_COLUMNS.filter((column) => !columns.includes(column));
  return rows.map((row) => {
    const figures = columns.map((column, i) => [column, row[i] === '' ? Number.NaN : Number(row[i])] as const);
    return Object.fromEntries([...figures, ...missing.map((column) => [column, Number.NaN])]) as ProgressRow;
  });
}

function readJson(file: string): Record<string, unknown> | null {
  const json = readTextIfThere(file);
  if (json === null) return null;
  try {
    return openSealed(json);
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
