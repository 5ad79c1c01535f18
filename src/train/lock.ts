import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { RunDirectoryError } from '../base/errors.js';
import { isAlive } from '../base/files.js';
import { isObject } from '../base/kinds.js';
import { type FileLock, takeFileLock } from '../native/file-lock.js';

/** Held while a process trains in a run directory. */
export interface Lock {
  /** @throws RunDirectoryError if the lock was lost: the folder was moved or removed, or somebody took over meanwhile */
  check(): void;
  release(): void;
}

export interface LockOptions {
  /** The operating system's lock; false: only the file, as on file systems without locks. Default true. */
  readonly system?: boolean;
}

/** Whoever holds a lock, as the lock file says. */
interface Holder {
  readonly pid?: number;
  readonly host?: string;
  /** The running system, which all containers on it share; missing in locks of version 0.1.0 and earlier. */
  readonly machine?: string;
  readonly token?: string;
}

/** A holder on another machine gives a sign of life this often … */
const BEAT_MS = 10_000;
/** … and counts as gone after this long without one. */
const STALE_MS = 120_000;

/**
 * Takes the lock file of a run directory; there is one winner, whoever tries at the same time. On one machine the
 * operating system keeps the lock and lets go of it however its holder ends: killed, or a worker thread that was
 * terminated, in a container or not. A holder on another machine whose locks are not seen here is known by its signs of
 * life in the file.
 * @throws RunDirectoryError while another process, or another part of this one, holds it
 */
export function takeLock(path: string, { system = true }: LockOptions = {}): Lock {
  // Windows says of a folder what it says of a file that another process has.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RunDirectoryError(`${path} is a folder, where the lock of a run is a file`, {
      value: path,
      hint: 'Move it away',
    });
  }
  const held = system ? takeFileLock(path) : 'unsupported';
  if (held === 'busy') throw inUse(path, read(path));
  if (held === 'unsupported') return takeFile(path);
  const before = read(path);
  if (mayTrain(path, before)) {
    held.release(false);
    throw inUse(path, before);
  }
  const mine = ownText();
  if (held.write(mine)) return heldLock(path, mine, (text) => held.write(text), releaseSystem(held));
  held.release(true);
  throw new RunDirectoryError(`cannot write ${path}`, { value: path, hint: 'The disk may be full: free some space' });
}

/**
 * Whether somebody seems to train, for those who only look: the file of a holder that may be alive and gave a sign of life
 * lately. Takes nothing, writes nothing.
 * @param path the lock file of a run directory
 */
export function isHeld(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || Date.now() - status.mtimeMs > STALE_MS) return false;
  const { pid, host, machine: there } = parse(read(path));
  if (pid === undefined) return false;
  return host !== hostname() || there !== machine() || isAlive(pid);
}

function releaseSystem(held: FileLock): (isMine: boolean) => void {
  return (isMine) => held.release(isMine);
}

/** Of constant length, so that writing it anew never leaves half of two. */
function ownText(): string {
  const token = randomBytes(8).toString('hex');
  const text = JSON.stringify({ pid: process.pid, host: hostname(), machine: machine(), token });
  return `${text.padEnd(255)}\n`;
}

function heldLock(path: string, mine: string, beat: (text: string) => void, letGo: (isMine: boolean) => void): Lock {
  const isMine = () => read(path) === mine;
  // Lost: the next check says so.
  const timer = setInterval(() => isMine() && beat(mine), BEAT_MS).unref();
  const release = () => {
    clearInterval(timer);
    letGo(isMine());
  };
  const check = () => {
    if (isMine()) return;
    throw new RunDirectoryError(`the lock of this run is no longer ours (${path})`, {
      value: path,
      hint: 'The folder was moved or removed, or another process took it over while this one stood still',
    });
  };
  return { check, release };
}

/**
 * Where the file system has no locks: the file itself, made by one only. One whose holder gives no more signs of life is
 * cleared away under a second such file.
 */
function takeFile(path: string): Lock {
  const mine = ownText();
  const make = (file: string) => makeFile(file, mine);
  const guard = `${path}.takeover`;
  if (!make(path)) {
    if (isFresh(path)) throw inUse(path, read(path));
    if (!make(guard)) {
      if (!isFresh(guard)) rmSync(guard, { force: true });
      throw inUse(path, read(path));
    }
    try {
      if (!isFresh(path)) rmSync(path, { force: true, maxRetries: 5, retryDelay: 5 });
      if (!make(path)) throw inUse(path, read(path));
    } finally {
      rmSync(guard, { force: true });
    }
  }
  const beat = () => utimesSync(path, new Date(), new Date());
  const remove = () => {
    if (read(path) === mine) rmSync(path, { force: true });
  };
  // The system does as much for its own locks.
  process.once('exit', remove);
  return heldLock(path, mine, beat, () => {
    process.off('exit', remove);
    remove();
  });
}

/** @returns whether there was no such file */
function makeFile(file: string, text: string): boolean {
  for (let tries = 1; ; tries++) {
    try {
      writeFileSync(file, text, { flag: 'wx' });
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      // On Windows a file that was removed while somebody read it is there until he is done.
      if (process.platform !== 'win32' || !['EPERM', 'EACCES', 'EBUSY'].includes(code) || tries === 20) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parse(text: string): Holder {
  try {
    const holder = JSON.parse(text) as Holder | null;
    return isObject(holder) ? holder : {};
  } catch {
    return {};
  }
}

/** Whether the holder that a lock file names may still be at work, though this system's lock on it is free. */
function mayTrain(path: string, text: string): boolean {
  const holder = parse(text);
  if (holder.host === undefined || holder.pid === undefined) return false;
  if (holder.machine !== undefined) return holder.machine !== machine() && isFresh(path);
  // Of an earlier version, which knew no system locks. Our own number: a container that began anew.
  if (holder.host !== hostname()) return isFresh(path);
  return holder.pid > 0 && holder.pid !== process.pid && isAlive(holder.pid);
}

/** Whether a file was written to lately, by the clock of its file system. */
function isFresh(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  const probe = `${path}.${randomBytes(6).toString('hex')}.now`;
  try {
    writeFileSync(probe, '');
    return statSync(probe).mtimeMs - status.mtimeMs < STALE_MS;
  } finally {
    rmSync(probe, { force: true });
  }
}

let known: string | undefined;

/** The running system: one for all containers on it, another after it was started anew. */
function machine(): string {
  known ??= bootId() ?? hostname();
  return known;
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

function inUse(path: string, text: string): RunDirectoryError {
  const { pid, host, machine: there } = parse(text);
  const who = pid === undefined ? '' : ` (process ${pid} on ${host})`;
  const elsewhere = there !== undefined && there !== machine();
  const gone = elsewhere ? `; ${STALE_MS / 1000} s after its last sign of life it counts as gone` : '';
  return new RunDirectoryError(`another process is training in this run directory${who}`, {
    value: path,
    hint: `Wait for it, or stop it${gone}; if there is no such process, delete ${path}`,
  });
}
