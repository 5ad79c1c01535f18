import type { TrainOptions } from './options.js';

type Progress = NonNullable<TrainOptions['onProgress']>;

/** An `onProgress` as the samplers call it, who cannot wait for it. */
export interface WatchedProgress {
  readonly call: Progress | undefined;
  /** @throws what a call of it rejected with */
  check(): void;
}

/** Calls of `onProgress` may be asynchronous; their first rejection is thrown by the next call, or by `check`. */
export function watchProgress(onProgress: Progress | undefined): WatchedProgress {
  if (onProgress === undefined) return { call: undefined, check: () => {} };
  let failure: { error: unknown } | undefined;
  const check = () => {
    if (failure !== undefined) throw failure.error;
  };
  const call: Progress = (fraction, phase) => {
    check();
    Promise.resolve(onProgress(fraction, phase)).catch((error: unknown) => {
      failure ??= { error };
    });
  };
  return { call, check };
}
