import { ArgumentError } from '../base/errors.js';
import type { EnvSpec } from '../env/types.js';

/**
 * Whole episodes are waited for, so they must end.
 * @param cut what else ends them, for the hint
 * @throws ArgumentError if the environment sets no limit
 */
export function checkEpisodesEnd({ id, maxEpisodeSteps }: EnvSpec, cut?: string): void {
  if (Number.isFinite(maxEpisodeSteps)) return;
  throw new ArgumentError(`episodes of "${id}" have no limit: maxEpisodeSteps is ${maxEpisodeSteps}`, {
    value: maxEpisodeSteps,
    expected: 'a number of steps',
    hint: `Whole episodes are waited for: set maxEpisodeSteps${cut === undefined ? '' : `, or ${cut}`}`,
  });
}
