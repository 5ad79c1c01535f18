import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlatformError } from '../base/errors.js';
import { doesNotLoad, noBinary } from './addon-faults.js';

const require = createRequire(import.meta.url);

/** The folder that holds this package's package.json (from sources and from dist alike). */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/**
 * The addon's file: `$TRELLIS_ADDON`, else a build of this checkout, else a prebuilt binary for this platform.
 * @throws PlatformError naming the command that builds it
 */
export function addonPath(): string {
  const named = process.env['TRELLIS_ADDON'];
  const root = packageRoot();
  const hint = buildCommand();
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new PlatformError(`TRELLIS_ADDON names no file: ${named}`, { value: named, hint });
    return resolve(named);
  }
  const built = join(root, 'build', 'Release', 'trellis.node');
  if (existsSync(built)) return built;
  try {
    return (require('node-gyp-build') as { resolve(root: string): string }).resolve(root);
  } catch (cause) {
    throw noBinary(root, hint, cause);
  }
}

function buildCommand(): string {
  return `Run "npm --prefix ${packageRoot()} run build:native" (needs CMake and a C++20 compiler)`;
}

/** Parts that every build of these sources has (MuJoCo may be left out); a binary without them is an older one. */
const parts = ['platform', 'sampleGaussian', 'NetworkHandle', 'AtariBatch', 'FileLockHandle', 'mpi', 'version'];
let loaded: unknown;

/** The addon's exports, loaded once. Callers name the part they use: `addon<NoiseAddon>()`. */
export function addon<Exports>(): Exports {
  if (loaded === undefined) {
    const path = addonPath();
    const hint = buildCommand();
    let found: { version?: unknown };
    try {
      found = require(path) as object;
    } catch (cause) {
      throw doesNotLoad(path, hint, cause as Error);
    }
    const missing = parts.filter((part) => !(part in found));
    if (missing.length > 0) {
      throw new PlatformError(`the native binary ${path} is of another version: it has no ${missing.join(', ')}`, {
        value: path,
        hint,
      });
    }
    const { version } = require(join(packageRoot(), 'package.json')) as { version: string };
    if (found.version !== version) {
      throw new PlatformError(`the native binary ${path} is of version ${found.version}`, {
        value: found.version,
        expected: `${version}, as the package`,
        hint,
      });
    }
    loaded = found;
  }
  return loaded as Exports;
}

/** Bytes of the addon's file, for its hash. */
export function addonBytes(): Uint8Array {
  return readFileSync(addonPath());
}
