import { pacerOf } from './scheduling.js';

/** Rows handled between two looks at the clock. */
const CHUNK = 8192;

/**
 * Calls `body(from, to)` over 0 … count in order, in chunks, pausing between them now and then. Chunk
 * boundaries are fixed, so sums made chunk by chunk do not depend on timing.
 * @throws AbortedError soon after the signal is raised
 */
export async function eachChunk(
  count: number,
  signal: AbortSignal | undefined,
  body: (from: number, to: number) => void,
): Promise<void> {
  const pacer = pacerOf(signal);
  for (let from = 0; from < count; from += CHUNK) {
    body(from, Math.min(count, from + CHUNK));
    if (pacer.due()) await pacer.pause();
  }
}
