import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How far below a named folder runs are looked for: results/fig4/sweep/<run>. */
const DEPTH = 3;

/** The run directories among and below some folders, each once, in the order of their names; what cannot be listed holds none. */
export function findRuns(folders: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (folder: string, depth: number) => {
    const entries = list(folder);
    if (entries.some(({ name }) => name === 'config.json' || name === 'progress.csv')) {
      found.add(folder);
    } else if (depth < DEPTH) {
      for (const entry of entries) {
        if (isFolder(entry)) visit(join(folder, entry.name), depth + 1);
      }
    }
  };
  for (const folder of folders) visit(folder, 0);
  return [...found].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Links are not followed: they may lead around in circles. */
function isFolder(entry: Dirent): boolean {
  return entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules';
}

function list(folder: string): Dirent[] {
  try {
    return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  } catch {
    return [];
  }
}
