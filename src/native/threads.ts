import { PlatformError } from '../base/errors.js';

/** Makes a native handle with threads; what the operating system says when it gives no more becomes a typed error. */
export function startingThreads<Handle>(threads: number, make: () => Handle): Handle {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith('cannot start')) throw cause;
    throw new PlatformError(cause.message, {
      value: threads,
      expected: 'as many threads as the system gives this process',
      hint: 'Ask for fewer threads, or raise the limit on processes (ulimit -u, a container\'s "pids" limit)',
      cause,
    });
  }
}
