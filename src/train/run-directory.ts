import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunDirectoryError } from '../base/errors.js';
import { appendSynced, clearLeftovers, explained, writeAtomic } from '../base/files.js';
import { parseOptions } from '../base/options.js';
import { openSealed, sealJson, sha256 } from '../base/sealed.js';
import { readPolicy, savePolicy } from '../policy/storage.js';
import type { PolicySpec } from '../policy/types.js';
import { type Checkpoint, type CheckpointFiles, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { CONFIG_VERSION, type RunConfig, runConfigSchema } from './config.js';
import { type Lock, takeLock } from './lock.js';
import { PROGRESS_HEADER, type ProgressRow, parseProgress, progressLine, timelessLine } from './progress.js';
import { ProgressSums, progressSums } from './progress-sums.js';

/**
 * The folder of one run: config.json, progress.csv with its hashes in progress.sha256, checkpoint, policy.json and
 * policy.safetensors, final.json (only once the run is complete). Open for writing by one process at a time.
 */
export class RunDirectory {
  private sums = new ProgressSums(PROGRESS_HEADER);
  private readonly timeless = createHash('sha256');

  private constructor(
    readonly path: string,
    readonly config: RunConfig,
    private readonly configHash: string,
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
      const directory = new RunDirectory(path, config, identityOf(config), lock);
      await writeAtomic(directory.file('config.json'), sealJson(config));
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
    const { config: stored, json } = await readConfigFile(path);
    const config = iterations === undefined ? stored : { ...stored, iterations };
    const lock = await explained(path, async () => takeLock(join(path, 'lock')));
    try {
      const directory = new RunDirectory(path, config, identityOf(json), lock);
      await clearLeftovers(path, () => true);
      const checkpoint = await directory.readCheckpoint();
      const rows = await directory.truncateProgress(checkpoint?.iteration ?? 0, checkpoint?.files);
      if (config.iterations !== stored.iterations) {
        await writeAtomic(directory.file('config.json'), sealJson({ ...json, iterations }));
      }
      return { directory, checkpoint, rows };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Adds a row and replaces the checkpoint, in this order: a crash in between leaves a row that is dropped on resume. */
  async record(row: ProgressRow, checkpoint: Checkpoint): Promise<void> {
    this.lock.check();
    const line = progressLine(row);
    await appendSynced(this.file('progress.csv'), line);
    await explained(this.file('progress.sha256'), () => appendFile(this.file('progress.sha256'), this.sums.add(line)));
    this.timeless.update(timelessLine(row));
    const files = { progress: this.timeless.copy().digest('hex'), config: this.configHash };
    await writeAtomic(this.file('checkpoint'), encodeCheckpoint({ ...checkpoint, files }));
  }

  /** Replaces policy.json and policy.safetensors. */
  async savePolicy(spec: PolicySpec, theta: Float32Array, metadata: Record<string, unknown>): Promise<void> {
    this.lock.check();
    await savePolicy(this.path, { spec, theta, metadata });
  }

  /** Whether policy and final.json are there and whole, so that a finished run can be left as it is. */
  async isComplete(): Promise<boolean> {
    try {
      openSealed(await readFile(this.file('final.json'), 'utf8'));
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
    const path = this.file('progress.csv');
    const stored = await readProgressSums(this.path);
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
    for (const row of rows) this.timeless.update(timelessLine(row));
    const isDamaged = files !== undefined && files.progress !== this.timeless.copy().digest('hex');
    if (isDamaged) throw damagedProgress(path);
    // Rows after the checkpoint may be missing where hashes of them are there: a machine that lost its power.
    const { sums, lines: hashes } = progressSums(kept);
    this.sums = sums;
    if (!hashes.startsWith(stored.slice(0, hashes.length))) throw damagedProgress(path);
    if (stored !== hashes) await writeAtomic(this.file('progress.sha256'), hashes);
    if (kept !== text) await writeAtomic(path, kept);
    return rows;
  }
}

/** The text of progress.sha256 up to its last whole line; empty where there is none. */
async function readProgressSums(directory: string): Promise<string> {
  const path = join(directory, 'progress.sha256');
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function damagedProgress(path: string): RunDirectoryError {
  return new RunDirectoryError(`${path} is damaged: it does not hold what was written`, {
    value: path,
    hint: 'Restore it (or progress.sha256 beside it, if it is that which changed) from a copy, or start a new run',
  });
}

/** Hash of what may not change in config.json. */
function identityOf(config: object): string {
  return sha256(JSON.stringify({ ...(JSON.parse(JSON.stringify(config)) as object), iterations: 0 }));
}

/** config.json of a run directory. @throws RunDirectoryError if it is missing, damaged or of another version */
export async function readConfig(path: string): Promise<RunConfig> {
  return (await readConfigFile(path)).config;
}

/** A configuration is some kilobytes. */
const LARGEST_CONFIG = 2 ** 24;

async function readConfigFile(path: string): Promise<{ config: RunConfig; json: Record<string, unknown> }> {
  const file = join(path, 'config.json');
  const absent = { value: path, expected: 'the directory of a run' };
  if (!existsSync(path)) throw new RunDirectoryError(`${path} does not exist`, absent);
  if (!existsSync(file)) {
    const hint = 'It holds no run, or one that never got started: delete it and train anew';
    throw new RunDirectoryError(`${path} has no config.json`, { ...absent, hint });
  }
  let parsed: Record<string, unknown>;
  try {
    const { size } = statSync(file);
    if (size > LARGEST_CONFIG) throw new RangeError(`it has ${size} bytes`);
    parsed = openSealed(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not readable as JSON: ${(cause as Error).message}`, {
      value: file,
      hint: 'Restore it from a copy',
      cause,
    });
  }
  if (parsed.formatVersion !== CONFIG_VERSION) {
    throw new RunDirectoryError(`${file} has format version ${String(parsed.formatVersion)}`, {
      value: parsed.formatVersion,
      expected: `version ${CONFIG_VERSION}`,
      hint: 'Use the version of trellis-rl that made it, or start a new run',
    });
  }
  try {
    return { config: parseOptions(runConfigSchema, parsed, file), json: parsed };
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
