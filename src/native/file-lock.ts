import { getSystemErrorName } from 'node:util';
import { addon } from './addon.js';

interface Handle {
  take(path: string): number;
  write(text: string): boolean;
  release(remove: boolean): void;
}

/** The operating system's lock on a file, held until it is released or its process or worker thread ends. */
export interface FileLock {
  /** Replaces the first bytes of the file. @returns whether it could */
  write(text: string): boolean;
  /** @param remove delete the file before anybody else can have it */
  release(remove: boolean): void;
}

const BUSY = -1;
const UNSUPPORTED = -2;

/**
 * Takes the operating system's lock on a file, which is made if need be. Never waits.
 * @returns the lock; "busy" while it is held elsewhere; "unsupported" where the file system has no locks
 * @throws an error with the system's code where the file cannot be opened
 */
export function takeFileLock(path: string): FileLock | 'busy' | 'unsupported' {
  const { FileLockHandle } = addon<{ FileLockHandle: new () => Handle }>();
  const handle = new FileLockHandle();
  const result = handle.take(path);
  if (result === BUSY) return 'busy';
  if (result === UNSUPPORTED) return 'unsupported';
  if (result !== 0) throw systemError(result, path);
  return handle;
}

function systemError(number: number, path: string): Error {
  // Windows has numbers of its own here.
  const code = process.platform === 'win32' ? 'EIO' : getSystemErrorName(-number);
  return Object.assign(new Error(`${code}: cannot lock ${path} (error ${number})`), { code, syscall: 'open', path });
}
