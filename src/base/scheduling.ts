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

const pacers = new WeakMap<AbortSignal, Pacer>();
const unstopped = new Pacer();

/** The pacer of all work under one signal: many short calls in a row give the event loop its turns, too. */
export function pacerOf(signal: AbortSignal | undefined): Pacer {
  if (signal === undefined) return unstopped;
  const known = pacers.get(signal);
  if (known !== undefined) return known;
  const pacer = new Pacer(signal);
  pacers.set(signal, pacer);
  return pacer;
}
