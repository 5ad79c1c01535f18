/** Milliseconds that work has to stop by itself; long native calls cannot be interrupted. */
const GRACE_MS = 700;

/**
 * A signal that Ctrl-C (or a polite kill) raises. The process ends when the work has noticed, and at the latest after the
 * grace period; the second Ctrl-C ends it at once. What is on disk is whole at any time.
 * @param onForced called before the process is ended without the work having noticed
 * @returns the signal, and a function that stops listening
 */
export function interruptible(onForced: () => void = () => {}): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const force = () => {
    onForced();
    process.exit(130);
  };
  const onSignal = () => {
    if (controller.signal.aborted) force();
    controller.abort();
    timer = setTimeout(force, GRACE_MS);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}
