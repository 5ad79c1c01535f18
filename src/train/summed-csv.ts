import { appendFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readTextIfThere } from '../base/bounded-read.js';
import { RunDirectoryError } from '../base/errors.js';
import { appendSynced, explained, writeAtomic } from '../base/files.js';
import { ProgressSums, progressSums } from './progress-sums.js';

/** A CSV file of a run that grows by rows, with the hashes of them in a file beside it (see progress-sums.ts). */
export class SummedCsv {
  private sums: ProgressSums;
  private readonly sumsFile: string;

  /** @param header first line, with its break */
  constructor(
    readonly file: string,
    readonly header: string,
  ) {
    this.sumsFile = file.replace(/\.csv$/, '.sha256');
    this.sums = new ProgressSums(header);
  }

  async begin(): Promise<void> {
    await writeAtomic(this.file, this.header);
  }

  async append(line: string): Promise<void> {
    await appendSynced(this.file, line);
    await explained(this.sumsFile, () => appendFile(this.sumsFile, this.sums.add(line)));
  }

  /** The file's text; only the header where it is missing. */
  read(): string {
    return readTextIfThere(this.file) ?? this.header;
  }

  /**
   * Goes on after some of the rows that `read` gave, byte for byte; later ones are dropped.
   * @param kept what stays of them, with the header
   * @throws RunDirectoryError if they are not those that were written
   */
  async keep(kept: string, text: string): Promise<void> {
    const stored = this.readSums();
    // Rows after the checkpoint may be missing where hashes of them are there: a machine that lost its power.
    const { sums, lines: hashes } = progressSums(kept);
    this.sums = sums;
    if (!hashes.startsWith(stored.slice(0, hashes.length))) throw this.damaged();
    if (stored !== hashes) await writeAtomic(this.sumsFile, hashes);
    if (kept !== text) await writeAtomic(this.file, kept);
  }

  damaged(): RunDirectoryError {
    return new RunDirectoryError(`${this.file} is damaged: it does not hold what was written`, {
      value: this.file,
      hint: `Restore it (or ${basename(this.sumsFile)} beside it, if it is that which changed) from a copy, or start a new run`,
    });
  }

  /** The hashes up to their last whole line; empty where there are none. */
  private readSums(): string {
    const text = readTextIfThere(this.sumsFile) ?? '';
    return text.slice(0, text.lastIndexOf('\n') + 1);
  }
}
