import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DependencyError } from '../base/errors.js';

/** What brings everything that draws but films; `npm install trellis-rl` alone brings none of it. */
export const DRAWING = 'npm install vega vega-lite @resvg/resvg-js gifenc';

/** Beside this library first, then from the working directory (for global installations and checkouts). */
const places = () => [import.meta.url, join(process.cwd(), 'package.json')];

/** The file that `import` would take, or null where the package is not installed. */
function find(name: string): string | null {
  for (const place of places()) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // Not there: the next place.
    }
  }
  return null;
}

function refuse(what: string, name: string, install: string, cause?: unknown): never {
  throw new DependencyError(`${what} need the package "${name}"`, { value: name, hint: `Run "${install}"`, cause });
}

/**
 * Loads an optional package when something is drawn.
 * @param what for whom, in the plural: "charts"
 * @throws DependencyError that says what to install
 */
export async function loadOptional<Module>(what: string, name: string, install = DRAWING): Promise<Module> {
  const file = find(name) ?? refuse(what, name, install);
  try {
    return (await import(pathToFileURL(file).href)) as Module;
  } catch (cause) {
    return refuse(what, name, install, cause);
  }
}

/** As `loadOptional`, by require: for packages whose module.exports look different through an import in different loaders. */
export function requireOptional<Module>(what: string, name: string, install = DRAWING): Module {
  const file = find(name) ?? refuse(what, name, install);
  try {
    return createRequire(import.meta.url)(file) as Module;
  } catch (cause) {
    return refuse(what, name, install, cause);
  }
}

/** Where a file of an optional package lies, for tools that read it. @throws DependencyError that says what to install */
export function findOptional(what: string, name: string, install = DRAWING): string {
  return find(name) ?? refuse(what, name, install);
}

/** Before hours of work that end in a picture. @throws DependencyError that says what to install */
export function checkOptional(what: string, names: readonly string[], install = DRAWING): void {
  for (const name of names) if (find(name) === null) refuse(what, name, install);
}
