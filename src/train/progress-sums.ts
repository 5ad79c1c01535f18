import { createHash, type Hash } from 'node:crypto';

/**
 * The file progress.sha256: its line i is a hash of progress.csv up to the end of row i, the header included. Rows are
 * only ever added to both, so a writer that was killed leaves fewer lines than rows, and every line can be checked.
 */

const DIGITS = 16;

/** Hashes of a text that grows by lines. */
export class ProgressSums {
  private readonly hash: Hash = createHash('sha256');

  /** @param header of progress.csv, with its line break */
  constructor(header: string) {
    this.hash.update(header);
  }

  /** @param line with its line break. @returns the line of progress.sha256, with its own */
  add(line: string): string {
    this.hash.update(line);
    return `${this.hash.copy().digest('hex').slice(0, DIGITS)}\n`;
  }
}

/** The hashes of a whole progress.csv, and what goes on with them. */
export function progressSums(text: string): { sums: ProgressSums; lines: string } {
  const [header = '', ...rows] = wholeLines(text);
  const sums = new ProgressSums(header);
  return { sums, lines: rows.map((row) => sums.add(row)).join('') };
}

/** Whether the rows of progress.csv are those that were written, as far as progress.sha256 knows. */
export function matchesSums(text: string, stored: string): boolean {
  return progressSums(text).lines.startsWith(wholeLines(stored).join(''));
}

/** Lines with their breaks; a last one without is what a killed writer left. */
function wholeLines(text: string): string[] {
  return text.match(/[^\n]*\n/g) ?? [];
}
