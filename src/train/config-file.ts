import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readBounded } from '../base/bounded-read.js';
import { RunDirectoryError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { openSealed } from '../base/sealed.js';
import { sha256 } from '../base/sha256.js';
import { CONFIG_VERSION, type RunConfig, runConfigSchema } from './config.js';

/** Hash of what may not change in config.json. */
export function identityOf(config: object): string {
  return sha256(JSON.stringify({ ...(JSON.parse(JSON.stringify(config)) as object), iterations: 0 }));
}

/** A configuration is some kilobytes. */
const LARGEST_CONFIG = 2 ** 24;

/** config.json of a run directory, checked, and as it is. @throws RunDirectoryError if it is missing, damaged or of another version */
export async function readConfigFile(path: string): Promise<{ config: RunConfig; json: Record<string, unknown> }> {
  const file = join(path, 'config.json');
  const absent = { value: path, expected: 'the directory of a run' };
  if (!existsSync(path)) throw new RunDirectoryError(`${path} does not exist`, absent);
  if (!existsSync(file)) {
    const hint = 'It holds no run, or one that never got started: delete it and train anew';
    throw new RunDirectoryError(`${path} has no config.json`, { ...absent, hint });
  }
  let parsed: Record<string, unknown>;
  try {
    parsed = openSealed(readBounded(file, LARGEST_CONFIG).toString('utf8'));
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not readable as JSON: ${(cause as Error).message}`, {
      value: file,
      hint: 'Restore it from a copy',
      cause,
    });
  }
  if (parsed.formatVersion !== CONFIG_VERSION) {
    throw new RunDirectoryError(`${file} has format version ${String(parsed.formatVersion)}`, {
      value: parsed.formatVersion,
      expected: `version ${CONFIG_VERSION}`,
      hint: 'Use the version of trellis-rl that made it, or start a new run',
    });
  }
  try {
    return { config: parseOptions(runConfigSchema, parsed, file), json: parsed };
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not a configuration: ${(cause as Error).message}`, { value: file, cause });
  }
}
