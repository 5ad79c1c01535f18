import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ArgumentError, RunDirectoryError } from './errors.js';

/** No file of ours is larger: a checkpoint's parameters are fewer than 2^31. */
const LARGEST_FILE = 2 ** 36;

/**
 * Reads a file that may be anything: only a regular one, only up to a size, and without waiting for a pipe.
 * @throws RangeError if it is something else or larger; the system's error if it cannot be opened
 */
export function readBounded(path: string, most = LARGEST_FILE): Buffer {
  // Windows has no such flag, nor pipes among its files.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw new RangeError('it is a folder');
    if (!status.isFile()) throw new RangeError('it is a pipe or a device, no regular file');
    if (status.size > most) throw new RangeError(`it has ${status.size} bytes, more than ${most}`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

const LARGEST_TEXT = 64 * 2 ** 20;

/** A text file that a user names. @throws ArgumentError if it cannot be read, or is no text file of a usual size */
export function readText(path: string): string {
  try {
    return new TextDecoder().decode(readBounded(path, LARGEST_TEXT));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ArgumentError(`cannot read ${path}: ${reason}`, { value: path, expected: 'a text file', cause });
  }
}

/**
 * The bytes of a file of a run directory; null where there is none.
 * @throws RunDirectoryError if it cannot be read, or is a folder, a pipe or a device
 */
export function readIfThere(path: string, most?: number): Buffer | null {
  try {
    return readBounded(path, most);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null;
    throw new RunDirectoryError(`cannot read ${path}: ${(cause as Error).message}`, {
      value: path,
      hint: 'Put back what was written there, or start a new run',
      cause,
    });
  }
}

/** As `readIfThere`, a text. */
export function readTextIfThere(path: string, most?: number): string | null {
  return readIfThere(path, most)?.toString('utf8') ?? null;
}
