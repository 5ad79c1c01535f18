import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AbortedError, TrellisError } from '../base/errors.js';
import { nameFlags } from './flags.js';

/** Exit codes of the command line. */
export const ExitCode = { done: 0, failed: 1, usage: 2, interrupted: 130, pipeClosed: 141 } as const;

let failure: NodeJS.ErrnoException | null = null;

/**
 * From here on a failed write to standard output or error is no exception: the work goes on, since what it leaves on
 * disk matters more than what it tells. `outputFailure` has what became of standard output.
 */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  process.stderr.on('error', () => {});
}

/** Whether the reader of standard output went away (`trellis … | head`), or the terminal did. */
export function isOutputClosed(): boolean {
  return failure?.code === 'EPIPE' || failure?.code === 'EIO' || failure?.code === 'ECONNRESET';
}

/** Why standard output could not be written, where somebody should know: a full disk, but not a reader that left. */
export function outputFailure(): NodeJS.ErrnoException | null {
  return isOutputClosed() ? null : failure;
}

/** Raised by commands that only print, once nobody reads: there is nothing left to do. */
export class OutputClosedError extends AbortedError {}

/** One line for people or one of JSON for programs; the stack only where `TRELLIS_DEBUG` asks for it. @returns exit code */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof OutputClosedError) return ExitCode.pipeClosed;
  if (error instanceof TrellisError && error.code === 'ERR_ABORTED') return ExitCode.interrupted;
  const { code, message: own } = describe(error);
  const message = nameFlags(own);
  process.stderr.write(json ? `${JSON.stringify({ event: 'error', code, message })}\n` : `trellis: ${message}\n`);
  if (process.env['TRELLIS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return code === 'ERR_ARGUMENT' || code === 'ERR_NOT_FOUND' ? ExitCode.usage : ExitCode.failed;
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof TrellisError) return error;
  const { code = 'ERR_INTERNAL', message = String(error), syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const line = message.split('\n')[0];
  // What the system refuses names the file; anything else is a fault of this program.
  if (syscall !== undefined) return { code, message: line };
  const place = ownPlace(error);
  if (place !== null) return { code, message: `${line} (thrown in ${place}; TRELLIS_DEBUG=1 shows how it came there)` };
  return { code, message: `${line} (a fault of trellis; TRELLIS_DEBUG=1 shows where)` };
}

const PROGRAM = fileURLToPath(new URL('../..', import.meta.url));

/** File and line of an error that was thrown in a module of the user's own; null for one of this program's. */
function ownPlace(error: unknown): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // With or without source maps, a frame names its file as a path or as a URL.
  const frame = /^ +at (?:.* \()?(?!node:)([^()]+?):(\d+):\d+\)?$/m.exec(stack);
  if (frame === null) return null;
  const file = frame[1].startsWith('file:') ? fileURLToPath(frame[1]) : frame[1];
  return file.startsWith(PROGRAM) ? null : `${relative('.', file)}:${frame[2]}`;
}
