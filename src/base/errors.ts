import { describeValue } from './describe.js';

/**
 * Every error this library throws on purpose: what was wrong, what was expected, what to do.
 * `code` is stable and meant for programs; `message` is meant for people.
 */
export type ErrorCode =
  | 'ERR_ARGUMENT'
  | 'ERR_NOT_FOUND'
  | 'ERR_CLOSED'
  | 'ERR_MODEL'
  | 'ERR_ROM'
  | 'ERR_SNAPSHOT'
  | 'ERR_RUN_DIRECTORY'
  | 'ERR_DEPENDENCY'
  | 'ERR_PLATFORM'
  | 'ERR_DIVERGED'
  | 'ERR_MEMORY'
  | 'ERR_ABORTED'
  | 'ERR_CALLBACK'
  | 'ERR_CLAIM'
  | 'ERR_NATIVE';

export interface ErrorDetails {
  /** The offending value, as given. */
  value?: unknown;
  /** What would have been accepted. */
  expected?: string;
  /** What the user can do about it. */
  hint?: string;
  cause?: unknown;
}

/** Base class. The message is composed as "what; expected …; hint". */
export class TrellisError extends Error {
  readonly code: ErrorCode;
  readonly value: unknown;
  readonly expected: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    let message = what;
    if (details.expected !== undefined) message += `; expected ${details.expected}`;
    if (details.hint !== undefined) message += `. ${details.hint}`;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.value = details.value;
    this.expected = details.expected;
    this.hint = details.hint;
  }
}

/** An argument has the wrong type, length, range or is NaN. */
export class ArgumentError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_ARGUMENT', what, details);
  }
}

/** A name (experiment, environment, field, joint, option, game) that nothing answers to. */
export class NotFoundError extends TrellisError {
  constructor(kind: string, given: string, known: Iterable<string>, details: ErrorDetails = {}) {
    // From plain JavaScript anything may come.
    const name = typeof given === 'string' ? given : describeValue(given);
    const names = [...known];
    const nearest = nearestNames(name, names);
    const hint = nearest.length > 0 ? `Did you mean ${nearest.map((n) => `"${n}"`).join(' or ')}?` : undefined;
    // With nothing near, a short list says more than nothing.
    const list = hint === undefined && names.length > 0 && names.length <= 20;
    super('ERR_NOT_FOUND', `unknown ${kind} "${name}"`, {
      value: name,
      ...(hint === undefined ? {} : { hint }),
      ...(list ? { expected: `one of ${names.join(', ')}` } : {}),
      ...details,
    });
  }
}

/** The handle was closed. */
export class ClosedError extends TrellisError {
  constructor(what: string) {
    super('ERR_CLOSED', `${what} is closed`, { hint: 'Make a new one; close() is final' });
  }
}

/** A simulator model (MJCF) is missing or malformed. */
export class ModelError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_MODEL', what, details);
  }
}

/** A game ROM is missing, unknown or of the wrong game. */
export class RomError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_ROM', what, details);
  }
}

/** A snapshot belongs to another model, ROM or version, or is damaged. */
export class SnapshotError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_SNAPSHOT', what, details);
  }
}

/** A run directory exists, is half-written, cannot be written or belongs to another version. */
export class RunDirectoryError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_RUN_DIRECTORY', what, details);
  }
}

/** An optional package or tool is needed and not there. */
export class DependencyError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_DEPENDENCY', what, details);
  }
}

/** The native addon has no binary for this platform. */
export class PlatformError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_PLATFORM', what, details);
  }
}

/** A batch or matrix would not fit in memory. */
export class MemoryError extends TrellisError {
  constructor(what: string, details?: ErrorDetails) {
    super('ERR_MEMORY', what, details);
  }
}

/** A callback or logger threw: its own error is the cause. */
export class CallbackError extends TrellisError {
  constructor(who: string, cause: unknown) {
    super('ERR_CALLBACK', `${who} failed: ${cause instanceof Error ? cause.message : describeValue(cause)}`, { cause });
  }
}

/** Work was stopped by its AbortSignal. */
export class AbortedError extends TrellisError {
  constructor(what = 'interrupted') {
    super('ERR_ABORTED', what);
  }
}

/** Names at a small edit distance (or with a shared prefix), nearest first, at most three. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= limit || candidate.toLowerCase().startsWith(wanted))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
