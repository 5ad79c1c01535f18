import { createHash } from 'node:crypto';
import { readdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describeValue } from './describe.js';
import { ArgumentError, RunDirectoryError, TrellisError } from './errors.js';

/**
 * A path as given, for calls from plain JavaScript.
 * @throws ArgumentError unless it is text without zero bytes
 */
export function checkPath(what: string, path: unknown): string {
  if (typeof path === 'string' && !path.includes('\0')) return path;
  throw new ArgumentError(`${what}: ${describeValue(path)}`, { value: path, expected: 'a path' });
}

/**
 * Writes a file so that it holds either the old or the new content, whatever happens: a temporary file beside it, synced,
 * then renamed over it. What a killed writer of the same file left is cleared away.
 * @throws RunDirectoryError if it cannot be written
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await explained(path, async () => {
    const folder = dirname(path);
    clearLeftovers(folder, (name) => name === basename(path));
    const temporary = temporaryName(path);
    try {
      await writeSynced(temporary, 'w', content);
      await rename(temporary, path);
      await syncFolder(folder);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  });
}

/** Writes some files of a folder, which is made if need be, each as `writeAtomic` does. @returns their paths, in order */
export async function writeAllAtomic(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  await explained(folder, () => mkdir(folder, { recursive: true }));
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await writeAtomic(path, content);
    paths.push(path);
  }
  return paths;
}

/** Appends to a file and syncs it. @throws RunDirectoryError if it cannot be written */
export async function appendSynced(path: string, content: string): Promise<void> {
  await explained(path, () => writeSynced(path, 'a', content));
}

async function writeSynced(path: string, flags: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes a rename last through a power cut; not every platform can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (folder === null) return;
  await folder.sync().catch(() => {});
  await folder.close();
}

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
let written = 0;

/** `<path>.<host>-<pid>-<number>.tmp`: no two writers share one, and whose it was can be told. */
export function temporaryName(path: string): string {
  return `${path}.${host}-${process.pid}-${written++}.tmp`;
}

/** Older than this, a temporary file of another machine is no longer being written. */
const ABANDONED_MS = 3_600_000;

/**
 * Removes temporary files whose writer is gone.
 * @param belongs chooses by the name of the file that was being written
 */
export function clearLeftovers(folder: string, belongs: (name: string) => boolean): void {
  try {
    for (const name of readdirSync(folder)) {
      const parts = /^(.+)\.([0-9a-f]{6})-(\d+)-\d+\.tmp$/.exec(name);
      if (parts === null || !belongs(parts[1])) continue;
      const path = join(folder, name);
      const gone = parts[2] === host ? !isAlive(Number(parts[3])) : isOld(path);
      if (gone) rmSync(path, { force: true });
    }
  } catch {
    // No such folder, or nothing may be deleted in it: whoever writes there says so.
  }
}

function isOld(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > ABANDONED_MS;
}

/** Whether a process of this machine exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists but belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const ELSEWHERE = 'choose another folder';
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, then go on; what was whole before is whole still',
  EDQUOT: 'The disk quota is used up: free some space, then go on; what was whole before is whole still',
  EACCES: `No permission to write there: change it, or ${ELSEWHERE}`,
  EPERM: `No permission to write there: change it, or ${ELSEWHERE}`,
  EROFS: `The file system is read-only: ${ELSEWHERE}`,
  ENOTDIR: `A part of the path is a file, not a folder: ${ELSEWHERE}`,
  EISDIR: `A folder of that name is in the way: remove it, or ${ELSEWHERE}`,
  ENOTEMPTY: `A folder of that name is in the way: remove it, or ${ELSEWHERE}`,
  EEXIST: `A file of that name is in the way: ${ELSEWHERE}`,
  ELOOP: `The path leads around in a circle of links: ${ELSEWHERE}`,
  ENAMETOOLONG: `The name is too long: ${ELSEWHERE}`,
  EMFILE: 'Too many files are open: raise the limit (ulimit -n)',
  ENOENT: 'The folder was removed meanwhile',
};

/** What to do about a system error; undefined where there is nothing to say. */
export function systemErrorHint(code: string | undefined): string | undefined {
  return code === undefined ? undefined : HINTS[code];
}

/** The hint for a refused write. Windows says ENOENT or EPERM of several things: what is on the disk tells which it is. */
function writeHint(path: string, code: string): string | undefined {
  if (code === 'ENOENT') {
    if (basename(path).length > 255) return HINTS['ENAMETOOLONG'];
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (kindOf(folder)?.isFile()) return HINTS['ENOTDIR'];
    }
  }
  if (code === 'EPERM' && process.platform === 'win32' && kindOf(path)?.isDirectory()) return HINTS['EISDIR'];
  return HINTS[code];
}

function kindOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Runs a file operation; a system error becomes a RunDirectoryError that says what to do. */
export async function explained<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const hint = writeHint(path, code);
    throw new RunDirectoryError(`cannot write ${path}: ${code || message}`, {
      value: path,
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}
