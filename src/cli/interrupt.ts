/** Milliseconds that work has to stop by itself; long native calls cannot be interrupted. */
export const GRACE_MS = 700;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that Ctrl-C raises, or a polite kill, the end of the terminal, or that of the parent that `reproduce` is. The
 * process ends when the work has noticed, and at the latest after the grace period; the second Ctrl-C ends it at once.
 * What is on disk is whole at any time.
 * @param onForced called before the process is ended without the work having noticed
 * @param grace milliseconds that the work has, as they are when the signal comes
 * @returns the signal, and a function that stops listening
 */
export function interruptible(
  onForced: () => void = () => {},
  grace: () => number = () => GRACE_MS,
): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const force = () => {
    onForced();
    process.exit(130);
  };
  const onSignal = () => {
    if (controller.signal.aborted) force();
    controller.abort();
    timer = setTimeout(force, grace());
  };
  // A parent that dies, however it dies, closes the channel to its jobs. The channel itself keeps no job alive.
  const onOrphaned = () => {
    if (!controller.signal.aborted) onSignal();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  if (process.channel !== undefined) {
    process.on('disconnect', onOrphaned);
    process.channel.unref();
    if (!process.connected) onOrphaned();
  }
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      for (const name of SIGNALS) process.off(name, onSignal);
      process.off('disconnect', onOrphaned);
    },
  };
}
