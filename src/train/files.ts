import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RunDirectoryError, TrellisError } from '../base/errors.js';

/**
 * Writes a file so that it holds either the old or the new content, whatever happens: a temporary file beside it, synced,
 * then renamed over it.
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await explained(path, async () => {
    try {
      await writeSynced(temporary, 'w', content);
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  });
}

/** Appends to a file and syncs it. */
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

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, then resume; nothing up to the last checkpoint is lost',
  EDQUOT: 'The disk quota is used up: free some space, then resume; nothing up to the last checkpoint is lost',
  EACCES: 'No permission to write there: change it, or choose another folder with --out',
  EPERM: 'No permission to write there: change it, or choose another folder with --out',
  EROFS: 'The file system is read-only: choose another folder with --out',
  ENOTDIR: 'A part of the path is a file, not a folder: choose another folder with --out',
  EEXIST: 'A file of that name is in the way: choose another folder with --out',
  ENOENT: 'The folder was removed meanwhile',
};

/** Runs a file operation; a system error becomes a RunDirectoryError that says what to do. */
export async function explained<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const hint = HINTS[code];
    throw new RunDirectoryError(`cannot write ${path}: ${code || message}`, {
      value: path,
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}
