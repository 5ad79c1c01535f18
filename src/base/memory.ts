import { totalmem } from 'node:os';
import { MemoryError } from './errors.js';

/** Bytes that this process may use: the machine's memory, or its share of it (a container, a job). */
export function memoryLimit(): number {
  const share = process.constrainedMemory();
  return share > 0 ? Math.min(share, totalmem()) : totalmem();
}

/**
 * Operating systems promise more memory than there is and end the process that believes them: so ask before.
 * @param what takes the memory, for the message
 * @param hint which option lowers it
 * @throws MemoryError that says how much it takes and how much there is
 */
export function checkMemory(what: string, bytes: number, hint?: string): void {
  if (bytes <= memoryLimit()) return;
  throw memoryError(what, bytes, hint);
}

/** The error of `checkMemory`, for an allocation that failed. */
export function memoryError(what: string, bytes: number, hint?: string, cause?: unknown): MemoryError {
  return new MemoryError(`no memory for ${what}: ${gib(bytes)}`, {
    value: bytes,
    expected: `at most the ${gib(memoryLimit())} of this machine`,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Makes something large; where memory does not suffice, the error says which option lowers it. */
export function namingOption<T>(hint: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    // What JavaScript says when an array cannot be had.
    if (cause instanceof RangeError) throw new MemoryError(`no memory for ${what}`, { hint, cause });
    if (!(cause instanceof MemoryError) || cause.hint !== undefined) throw cause;
    throw new MemoryError(`${what}: ${cause.message}`, { value: cause.value, hint, cause });
  }
}

/** An amount of memory as people read it. */
export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
