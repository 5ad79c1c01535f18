import { AbortedError } from './errors.js';

/** Milliseconds of work after which `Pacer.pause` gives the event loop a turn. */
const SLICE_MS = 40;

/**
 * Keeps long work polite: call `due` often (cheap); when it says yes, await `pause`, which lets timers, signals and I/O
 * run and throws `AbortedError` if the signal was raised.
 */
export class Pacer {
  private last = performance.now();

  constructor(private readonly signal?: AbortSignal | undefined) {}

  due(): boolean {
    return performance.now() - this.last > SLICE_MS || this.signal?.aborted === true;
  }

  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    throwIfAborted(this.signal);
    this.last = performance.now();
  }
}

/** @throws AbortedError if the signal was raised */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true) throw new AbortedError();
}
