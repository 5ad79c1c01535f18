import type { Run } from './run.js';

/** "done", "stopped at iteration k: why", "partial at iteration k" or "not begun". */
export function runStatus(run: Run): string {
  const done = run.progress.length;
  if (run.final?.['status'] === 'stopped') return `stopped at iteration ${done}: ${String(run.final['reason'])}`;
  if (run.finished && (run.plannedIterations === null || done >= run.plannedIterations)) return 'done';
  return done > 0 ? `partial at iteration ${done}` : 'not begun';
}
