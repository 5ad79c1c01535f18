import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { RunDirectoryError } from '../base/errors.js';

/** Held while a process trains in a run directory. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock file of a run directory. A lock whose process is gone, or that came from another machine with a copied
 * directory, is taken over.
 * @throws RunDirectoryError while another process holds it
 */
export function takeLock(path: string): Lock {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return heldLock(path, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    if (holder !== null && isAlive(holder)) {
      throw new RunDirectoryError(`another process is training in this run directory (${holder})`, {
        value: path,
        hint: `Wait for it, or stop it; if there is no such process, delete ${path}`,
      });
    }
    rmSync(path, { force: true });
  }
}

function heldLock(path: string, mine: string): Lock {
  const release = () => {
    process.off('exit', release);
    if (read(path) === mine) rmSync(path, { force: true });
  };
  // Also where the process ends in the middle of things.
  process.once('exit', release);
  return { release };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function isAlive(text: string): boolean {
  try {
    const { pid, host } = JSON.parse(text) as { pid: number; host: string };
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists but belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
