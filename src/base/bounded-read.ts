import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ArgumentError } from './errors.js';

/**
 * Reads a file that may be anything: only a regular one, only up to a size, and without waiting for a pipe.
 * @throws RangeError if it is something else or larger; the system's error if it cannot be opened
 */
export function readBounded(path: string, most: number): Uint8Array {
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
