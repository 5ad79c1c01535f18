import { z } from 'zod';

/** Options that say over which iterations a setting grows: as it was until `from`, grown at `to` and after. */
export const growthTimes = { from: z.int().min(0).default(0), to: z.int().min(1) };

interface GrowthTimes {
  readonly from: number;
  readonly to: number;
}

/** For `refine` of a schema with `growthTimes`. */
export const growsForward = [({ from, to }: GrowthTimes) => from < to, { message: 'expected from < to' }] as const;

/** How far the growth is at an iteration, evenly: 0 … 1. */
export function grownShare({ from, to }: GrowthTimes, iteration: number): number {
  return Math.min(1, Math.max(0, (iteration - from) / (to - from)));
}
