import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Method } from '../algorithms/define.js';
import { readIfThere, readTextIfThere } from '../base/bounded-read.js';
import { RunDirectoryError } from '../base/errors.js';
import { clearLeftovers, explained, writeAtomic } from '../base/files.js';
import { openSealed, sealJson } from '../base/sealed.js';
import { type PolicyName, readPolicy, savePolicy } from '../policy/storage.js';
import type { PolicySpec } from '../policy/types.js';
import { type Checkpoint, type CheckpointFiles, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { identityOf, readConfigFile } from './config-file.js';
import {
  EVALUATION_HEADER,
  type EvaluationRow,
  evaluationLine,
  isBest,
  isOwed,
  parseEvaluations,
} from './evaluations.js';
import { type Lock, takeLock } from './lock.js';
import { type ProgressRow, ProgressTable, parseProgress } from './progress.js';
import { SummedCsv } from './summed-csv.js';

/** What a run directory that was opened again holds up to its checkpoint. */
export interface OpenedRun {
  readonly directory: RunDirectory;
  /** null if the run was stopped before its first */
  readonly checkpoint: Checkpoint | null;
  readonly rows: ProgressRow[];
  readonly evaluations: EvaluationRow[];
}

/**
 * The folder of one run: config.json, progress.csv with its hashes in progress.sha256, checkpoint, policy.json and
 * policy.safetensors, final.json (only once the run is complete); where policies are evaluated while they are trained,
 * evaluations.csv with its hashes, best-policy.json and best-policy.safetensors. Open for writing by one process at a
 * time.
 */
export class RunDirectory {
  private readonly progress: SummedCsv;
  private readonly evaluations: SummedCsv;
  private readonly timeless = createHash('sha256');

  private constructor(
    readonly path: string,
    readonly config: RunConfig,
    private readonly configHash: string,
    private readonly lock: Lock,
    private readonly table: ProgressTable,
  ) {
    this.progress = new SummedCsv(this.file('progress.csv'), table.header);
    this.evaluations = new SummedCsv(this.file('evaluations.csv'), EVALUATION_HEADER);
  }

  /**
   * Begins a new run in a folder that does not exist or is empty.
   * @throws RunDirectoryError if it holds something, or cannot be written
   */
  static async create(path: string, config: RunConfig, method: Method): Promise<RunDirectory> {
    if (existsSync(path)) refuseOccupied(path);
    await explained(path, () => mkdir(path, { recursive: true }));
    const lock = await explained(path, async () => takeLock(join(path, 'lock')));
    try {
      const table = new ProgressTable(method.columns, method.name);
      const directory = new RunDirectory(path, config, identityOf(config), lock, table);
      await writeAtomic(directory.file('config.json'), sealJson(config));
      await directory.progress.begin();
      if (config.evaluation !== undefined) await directory.evaluations.begin();
      return directory;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Opens a run to go on with it; rows newer than the checkpoint are dropped.
   * @param iterations new total; undefined: as configured
   * @param methodOf finds the method that a configuration names
   */
  static async open(
    path: string,
    iterations: number | undefined,
    methodOf: (config: RunConfig) => Method,
  ): Promise<OpenedRun> {
    const { config: stored, json } = await readConfigFile(path);
    const config = iterations === undefined ? stored : { ...stored, iterations };
    const method = methodOf(config);
    const table = new ProgressTable(method.columns, method.name);
    const lock = await explained(path, async () => takeLock(join(path, 'lock')));
    try {
      const directory = new RunDirectory(path, config, identityOf(json), lock, table);
      clearLeftovers(path, () => true);
      const checkpoint = await directory.readCheckpoint();
      const rows = await directory.truncateProgress(checkpoint?.iteration ?? 0, checkpoint?.files);
      if (config.iterations !== stored.iterations) {
        await writeAtomic(directory.file('config.json'), sealJson({ ...json, iterations }));
      }
      const evaluations = await directory.truncateEvaluations(checkpoint?.iteration ?? 0);
      await directory.checkBest(evaluations, checkpoint?.iteration ?? 0);
      return { directory, checkpoint, rows, evaluations };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Adds a row and replaces the checkpoint, in this order: a crash in between leaves a row that is dropped on resume. */
  async record(row: ProgressRow, checkpoint: Checkpoint): Promise<void> {
    this.lock.check();
    await this.progress.append(this.table.line(row));
    this.timeless.update(this.table.timelessLine(row));
    const files = { progress: this.timeless.copy().digest('hex'), config: this.configHash };
    await writeAtomic(this.file('checkpoint'), encodeCheckpoint({ ...checkpoint, files }));
  }

  /** Adds a row to evaluations.csv. */
  async recordEvaluation(row: EvaluationRow): Promise<void> {
    this.lock.check();
    await this.evaluations.append(evaluationLine(row));
  }

  /** Replaces policy.json and policy.safetensors, or those of another name. */
  async savePolicy(
    spec: PolicySpec,
    theta: Float32Array,
    metadata: Record<string, unknown>,
    name: PolicyName = 'policy',
  ): Promise<void> {
    this.lock.check();
    await savePolicy(this.path, { spec, theta, metadata }, name);
  }

  /** Whether policy and final.json are there and whole, so that a finished run can be left as it is. */
  async isComplete(): Promise<boolean> {
    try {
      openSealed(readTextIfThere(this.file('final.json')) ?? '');
      await readPolicy(this.path);
      return true;
    } catch {
      return false;
    }
  }

  async writeFinal(final: Record<string, unknown>): Promise<void> {
    this.lock.check();
    await writeAtomic(this.file('final.json'), sealJson(final));
  }

  async removeFinal(): Promise<void> {
    const path = this.file('final.json');
    await explained(path, () => rm(path, { force: true }));
  }

  close(): void {
    this.lock.release();
  }

  file(name: string): string {
    return join(this.path, name);
  }

  private async readCheckpoint(): Promise<Checkpoint | null> {
    const path = this.file('checkpoint');
    const bytes = readIfThere(path);
    if (bytes === null) return null;
    const checkpoint = decodeCheckpoint(bytes, path);
    if (checkpoint.method !== this.config.method) {
      throw new RunDirectoryError(`${path} was made by method "${checkpoint.method}"`, {
        value: checkpoint.method,
        expected: `"${this.config.method}", as config.json says`,
        hint: 'The files of two runs were mixed: restore config.json or the checkpoint',
      });
    }
    if (checkpoint.files !== undefined && checkpoint.files.config !== this.configHash) {
      throw new RunDirectoryError(`${this.file('config.json')} is not the one that ${path} was made with`, {
        value: this.file('config.json'),
        hint: 'Restore it from a copy; a run with other settings is a new run',
      });
    }
    return checkpoint;
  }

  /** Keeps the rows of the first `iterations` iterations, byte for byte. */
  private async truncateProgress(iterations: number, files: CheckpointFiles | undefined): Promise<ProgressRow[]> {
    const { table, progress } = this;
    const text = progress.read();
    const lines = text.split('\n').slice(0, iterations + 1);
    const kept = iterations === 0 ? table.header : `${lines.join('\n')}\n`;
    const rows = parseProgress(kept);
    if (/^iteration,/.test(text) && text.includes('\n') && !text.startsWith(table.header)) {
      throw new RunDirectoryError(`${progress.file} has the columns ${text.slice(0, text.indexOf('\n'))}`, {
        value: progress.file,
        expected: `those of method "${this.config.method}": ${table.header.trimEnd()}`,
        hint: 'The method was changed since: go on with the one that the run was begun with, or start a new run',
      });
    }
    if (!kept.startsWith(table.header) || rows.length !== iterations || rows.some((row, i) => row.iteration !== i)) {
      throw new RunDirectoryError(
        `${progress.file} does not have the ${iterations} rows that the checkpoint stands for`,
        {
          value: progress.file,
          hint: 'Restore progress.csv from a copy, or start a new run',
        },
      );
    }
    for (const row of rows) this.timeless.update(table.timelessLine(row));
    const isDamaged = files !== undefined && files.progress !== this.timeless.copy().digest('hex');
    if (isDamaged) throw progress.damaged();
    await progress.keep(kept, text);
    return rows;
  }

  /** Keeps the evaluations of the first `iterations` iterations, byte for byte; none where the run makes none. */
  private async truncateEvaluations(iterations: number): Promise<EvaluationRow[]> {
    if (this.config.evaluation === undefined) return [];
    const { every } = this.config.evaluation;
    const text = this.evaluations.read();
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, Math.floor(iterations / every) + 1);
    const kept = `${lines.filter((line) => line !== '').join('\n')}\n`;
    const rows = parseEvaluations(kept);
    // Only that of the last iteration may be missing: the checkpoint is written first.
    const least = Math.floor((iterations - 1) / every);
    const fits = rows.every((row, i) => row.iteration === (i + 1) * every - 1);
    if (!kept.startsWith(EVALUATION_HEADER) || !fits || rows.length < least) throw this.evaluations.damaged();
    await this.evaluations.keep(kept, text);
    return rows;
  }

  /** Unless the evaluation of the last iteration is still to be made: it may have begun to replace the best policy. */
  private async checkBest(rows: readonly EvaluationRow[], iterations: number): Promise<void> {
    if (rows.length === 0 || isOwed(this.config.evaluation, iterations, rows)) return;
    const best = rows.filter(({ mean_return }, i) => isBest(mean_return, rows.slice(0, i))).at(-1)!;
    const file = this.file('best-policy.json');
    const broken = (cause?: unknown) =>
      new RunDirectoryError(`${file} or best-policy.safetensors beside it is not that of iteration ${best.iteration}`, {
        value: file,
        hint: 'Restore both from a copy, or start a new run',
        cause,
      });
    const { metadata } = await readPolicy(this.path, 'best-policy').catch((cause: unknown) => {
      throw broken(cause);
    });
    if (metadata['iteration'] !== best.iteration + 1) throw broken();
  }
}

function refuseOccupied(path: string): void {
  const other = { value: path, hint: 'Choose another folder' };
  if (!statSync(path).isDirectory()) throw new RunDirectoryError(`${path} is a file`, other);
  const names = readdirSync(path);
  if (names.includes('config.json')) {
    throw new RunDirectoryError(`${path} already holds a run`, {
      value: path,
      hint: `Go on with it by resume("${path}"), or choose another folder`,
    });
  }
  if (names.length > 0) throw new RunDirectoryError(`${path} is not empty`, other);
}
