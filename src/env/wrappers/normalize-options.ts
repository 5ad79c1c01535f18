import { z } from 'zod';
import { ArgumentError } from '../../base/errors.js';
import type { EnvFactory } from '../types.js';
import { RunningStatistics } from './running-statistics.js';

/** What both normalising wrappers are told. */
export const commonOptions = {
  /** Added to the variance. */
  epsilon: z.number().positive().default(1e-8),
  /** Results are clipped to ±clip; Infinity: they are not. */
  clip: z
    .custom<number>((value) => typeof value === 'number' && value > 0, { error: 'expected a positive number' })
    .default(10),
  /** Statistics to go on with, of another factory or loaded; default: new ones. */
  statistics: z.instanceof(RunningStatistics, { error: 'expected RunningStatistics' }).optional(),
};

/** An EnvFactory whose environments all add to, and use, the same running statistics. */
export interface NormalizedEnvFactory extends EnvFactory {
  readonly statistics: RunningStatistics;
}

/** The statistics to use, of the right size. @throws ArgumentError for those of something else */
export function statisticsOf(given: RunningStatistics | undefined, size: number): RunningStatistics {
  if (given === undefined || given.size === size) return given ?? new RunningStatistics(size);
  throw new ArgumentError(`statistics of ${given.size} numbers`, {
    value: given.size,
    expected: `statistics of ${size}`,
  });
}
