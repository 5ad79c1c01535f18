import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { readText } from '../base/bounded-read.js';
import { ArgumentError } from '../base/errors.js';
import { collect, path } from './arguments.js';

// Modules of the user's own, which register environments, methods, experiments and loggers when they are imported.

const MODULE = /\.[cm]?[jt]s$/;

/** Adds `--import <file>` to a command. */
export function addImportOption(command: Command): void {
  command.option(
    '--import <file>',
    'first import this module, which registers what it defines; may be repeated',
    (text: string, previous: readonly string[]) => collect(path(text), previous),
    [],
  );
}

/** Whether an argument of a command is a module rather than a name. */
export function isModulePath(text: string): boolean {
  return MODULE.test(text);
}

const imported = new Map<string, Promise<unknown>>();

/**
 * Imports modules in their order, each once.
 * @throws ArgumentError for a file that is missing, is none that this Node runs, or throws, naming it
 */
export async function importUserFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const full = resolve(file);
    if (!imported.has(full)) imported.set(full, importModule(file, full));
    await imported.get(full);
  }
}

/** The modules imported so far, as a run directory stores them: relative to it, with forward slashes. */
export function importsRelativeTo(directory: string): string[] {
  return [...imported.keys()].map((file) => relative(resolve(directory), file).split(sep).join('/'));
}

/**
 * Imports the modules that a run directory names in its config.json; what is no run directory names none.
 * @throws ArgumentError if one is gone and none was given by --import in its place
 */
export async function importForRun(directory: string): Promise<void> {
  const stored = storedImports(join(directory, 'config.json'));
  const missing = stored.find((file) => !existsSync(resolve(directory, file)));
  if (missing !== undefined && imported.size === 0) {
    throw new ArgumentError(`${directory} was made with the module ${missing}, which is not there`, {
      value: resolve(directory, missing),
      expected: 'that file at its place beside the run, or another one named by --import <file>',
    });
  }
  // A module named by --import stands for those that are gone.
  await importUserFiles(stored.map((file) => resolve(directory, file)).filter((file) => existsSync(file)));
}

/** Names in a config.json that may be damaged: whoever reads the rest of it says so. */
function storedImports(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    const { imports } = JSON.parse(readText(file)) as { imports?: unknown };
    return Array.isArray(imports) ? imports.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

async function importModule(file: string, full: string): Promise<unknown> {
  if (!MODULE.test(file)) {
    throw new ArgumentError(`cannot import ${file}`, {
      value: file,
      expected: 'a file ending in .js, .mjs, .ts or .mts',
    });
  }
  if (!existsSync(full))
    throw new ArgumentError(`there is no file ${file}`, { value: full, expected: 'a module to import' });
  try {
    return await import(pathToFileURL(full).href);
  } catch (cause) {
    throw explain(file, full, cause);
  }
}

function explain(file: string, full: string, cause: unknown): unknown {
  const { code, message = String(cause), name } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && message.includes(full)) {
    return new ArgumentError(`Node ${process.versions.node} does not run TypeScript: ${file}`, {
      value: file,
      expected: 'Node 22.18 or newer (24 is the long-term release), or the file compiled to JavaScript',
      cause,
    });
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && /'trellis-rl(\/|')/.test(message)) {
    return new ArgumentError(`${file} imports trellis-rl, which is not installed where the file is`, {
      value: file,
      expected: `"npm install trellis-rl" in ${dirname(full)} or a folder above it`,
      cause,
    });
  }
  const kind = name === undefined || message.startsWith(name) ? '' : `${name}: `;
  return new ArgumentError(`${file} could not be imported: ${kind}${message.split('\n')[0]}`, {
    value: file,
    expected: 'a module that can be imported without an error',
    cause,
  });
}
