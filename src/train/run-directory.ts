import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunDirectoryError } from '../base/errors.js';
import { appendSynced, explained, writeAtomic } from '../base/files.js';
import { parseOptions } from '../base/options.js';
import { savePolicy } from '../policy/storage.js';
import type { PolicySpec } from '../policy/types.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { CONFIG_VERSION, type RunConfig, runConfigSchema } from './config.js';
import { type Lock, takeLock } from './lock.js';
import { PROGRESS_HEADER, type ProgressRow, parseProgress, progressLine } from './progress.js';

/**
 * The folder of one run: config.json, progress.csv, checkpoint, policy.json and policy.safetensors, final.json (only
 * once the run is complete). Open for writing by one process at a time.
 */
export class RunDirectory {
  private constructor(
    readonly path: string,
    readonly config: RunConfig,
    private readonly lock: Lock,
  ) {}

  /**
   * Begins a new run in a folder that does not exist or is empty.
   * @throws RunDirectoryError if it holds something, or cannot be written
   */
  static async create(path: string, config: RunConfig): Promise<RunDirectory> {
    if (existsSync(path)) refuseOccupied(path);
    await explained(path, () => mkdir(path, { recursive: true }));
    const lock = await explained(path, async () => takeLock(join(path, 'lock')));
    try {
      const directory = new RunDirectory(path, config, lock);
      await writeAtomic(directory.file('config.json'), toJson(config));
      await writeAtomic(directory.file('progress.csv'), PROGRESS_HEADER);
      return directory;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Opens a run to go on with it; rows newer than the checkpoint are dropped.
   * @param iterations new total, default as configured
   * @returns the checkpoint too; null if the run was stopped before its first
   */
  static async open(
    path: string,
    iterations?: number,
  ): Promise<{ directory: RunDirectory; checkpoint: Checkpoint | null; rows: ProgressRow[] }> {
    const stored = await readConfig(path);
    const config = iterations === undefined ? stored : { ...stored, iterations };
    const lock = await explained(path, async () => takeLock(join(path, 'lock')));
    try {
      const directory = new RunDirectory(path, config, lock);
      const checkpoint = await directory.readCheckpoint();
      const rows = await directory.truncateProgress(checkpoint?.iteration ?? 0);
      if (config.iterations !== stored.iterations) await writeAtomic(directory.file('config.json'), toJson(config));
      return { directory, checkpoint, rows };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Adds a row and replaces the checkpoint, in this order: a crash in between leaves a row that is dropped on resume. */
  async record(row: ProgressRow, checkpoint: Checkpoint): Promise<void> {
    this.lock.check();
    await appendSynced(this.file('progress.csv'), progressLine(row));
    await writeAtomic(this.file('checkpoint'), encodeCheckpoint(checkpoint));
  }

  /** Replaces policy.json and policy.safetensors. */
  async savePolicy(spec: PolicySpec, theta: Float32Array, metadata: Record<string, unknown>): Promise<void> {
    this.lock.check();
    const temporary = this.file('policy.tmp');
    await explained(temporary, async () => {
      await savePolicy(temporary, { spec, theta, metadata });
      for (const name of ['policy.safetensors', 'policy.json']) await rename(join(temporary, name), this.file(name));
      await rm(temporary, { recursive: true });
    });
  }

  async writeFinal(final: Record<string, unknown>): Promise<void> {
    this.lock.check();
    await writeAtomic(this.file('final.json'), toJson(final));
  }

  hasFinal(): boolean {
    return existsSync(this.file('final.json'));
  }

  async removeFinal(): Promise<void> {
    await rm(this.file('final.json'), { force: true });
  }

  close(): void {
    this.lock.release();
  }

  file(name: string): string {
    return join(this.path, name);
  }

  private async readCheckpoint(): Promise<Checkpoint | null> {
    const path = this.file('checkpoint');
    if (!existsSync(path)) return null;
    const checkpoint = decodeCheckpoint(await readFile(path), path);
    if (checkpoint.method !== this.config.method) {
      throw new RunDirectoryError(`${path} was made by method "${checkpoint.method}"`, {
        value: checkpoint.method,
        expected: `"${this.config.method}", as config.json says`,
        hint: 'The files of two runs were mixed: restore config.json or the checkpoint',
      });
    }
    return checkpoint;
  }

  /** Keeps the rows of the first `iterations` iterations, byte for byte. */
  private async truncateProgress(iterations: number): Promise<ProgressRow[]> {
    const path = this.file('progress.csv');
    const text = existsSync(path) ? await readFile(path, 'utf8') : PROGRESS_HEADER;
    const lines = text.split('\n').slice(0, iterations + 1);
    const kept = iterations === 0 ? PROGRESS_HEADER : `${lines.join('\n')}\n`;
    const rows = parseProgress(kept);
    if (!kept.startsWith(PROGRESS_HEADER) || rows.length !== iterations || rows.some((row, i) => row.iteration !== i)) {
      throw new RunDirectoryError(`${path} does not have the ${iterations} rows that the checkpoint stands for`, {
        value: path,
        hint: 'Restore progress.csv from a copy, or start a new run',
      });
    }
    if (kept !== text) await writeAtomic(path, kept);
    return rows;
  }
}

/** config.json of a run directory. @throws RunDirectoryError if it is missing, damaged or of another version */
export async function readConfig(path: string): Promise<RunConfig> {
  const file = join(path, 'config.json');
  const absent = { value: path, expected: 'the directory of a run' };
  if (!existsSync(path)) throw new RunDirectoryError(`${path} does not exist`, absent);
  if (!existsSync(file)) {
    const hint = 'It holds no run, or one that never got started: delete it and train anew';
    throw new RunDirectoryError(`${path} has no config.json`, { ...absent, hint });
  }
  let parsed: { formatVersion?: unknown };
  try {
    parsed = JSON.parse(await readFile(file, 'utf8')) as typeof parsed;
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not readable JSON`, { value: file, hint: 'Restore it from a copy', cause });
  }
  if (parsed.formatVersion !== CONFIG_VERSION) {
    throw new RunDirectoryError(`${file} has format version ${String(parsed.formatVersion)}`, {
      value: parsed.formatVersion,
      expected: `version ${CONFIG_VERSION}`,
      hint: 'Use the version of trellis-rl that made it, or start a new run',
    });
  }
  try {
    return parseOptions(runConfigSchema, parsed, file);
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not a configuration: ${(cause as Error).message}`, { value: file, cause });
  }
}

function refuseOccupied(path: string): void {
  const other = { value: path, hint: 'Choose another folder with --out' };
  if (!statSync(path).isDirectory()) throw new RunDirectoryError(`${path} is a file`, other);
  const names = readdirSync(path);
  if (names.includes('config.json')) {
    throw new RunDirectoryError(`${path} already holds a run`, {
      value: path,
      hint: `Go on with it by "trellis train --resume ${path}", or choose another folder with --out`,
    });
  }
  if (names.length > 0) throw new RunDirectoryError(`${path} is not empty`, other);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
