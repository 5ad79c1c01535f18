import {
  ArgumentError,
  ClosedError,
  MemoryError,
  ModelError,
  PlatformError,
  RomError,
  SnapshotError,
  TrellisError,
} from '../base/errors.js';

/**
 * Runs native code and turns what it throws into our errors, by its code.
 * @param what the handle, in messages
 * @param threads how many were asked for, where a handle is made
 */
export function callNative<T>(what: string, call: () => T, threads?: number): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    throw typedError(what, cause as Error & { code?: string }, threads);
  }
}

function typedError(what: string, cause: Error & { code?: string }, threads: number | undefined): Error {
  const { message, code } = cause;
  switch (code) {
    case 'ERR_CLOSED':
      return new ClosedError(what);
    case 'ERR_ROM':
      return new RomError(message, { cause });
    case 'ERR_MODEL':
      return new ModelError(message, { cause });
    case 'ERR_SNAPSHOT':
      return new SnapshotError(message, { cause });
    case 'ERR_MEMORY':
      return new MemoryError(`${what}: ${message}`, { cause });
    case 'ERR_ARGUMENT':
      return new ArgumentError(message, { cause });
    case 'ERR_PLATFORM':
      return new PlatformError(message, {
        value: threads,
        expected: 'as many threads as the system gives this process',
        hint: 'Ask for fewer threads, or raise the limit on processes (ulimit -u, a container\'s "pids" limit)',
        cause,
      });
    default:
      return new TrellisError('ERR_NATIVE', `${what}: ${message}`, { cause });
  }
}
