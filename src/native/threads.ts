import { PlatformError } from '../base/errors.js';

/** Makes a native handle with threads; what the operating system says when it gives no more becomes a typed error. */
export function startingThreads<Handle>(threads: number, make: () => Handle): Handle {
  try {
    return make();
  } catch (cause) {
    const start = cause instanceof Error ? cause.message.indexOf('cannot start') : -1;
    if (start < 0) throw cause;
    throw new PlatformError((cause as Error).message.slice(start), {
      value: threads,
      expected: 'as many threads as the system gives this process',
      hint: 'Ask for fewer threads, or raise the limit on processes (ulimit -u, a container\'s "pids" limit)',
      cause,
    });
  }
}
