import { z } from 'zod';
import { grownShare, growsForward, growthTimes } from '../base/growth.js';

export const vineSchema = z.strictObject({
  /** Trunks in progress at the same time, and the least there are. */
  trunks: z.int().min(1).max(65_536).default(16),
  /** More trunks are started until this many trunk steps exist. */
  trunkSteps: z.int().min(1).max(100_000_000).default(16_000),
  /** Ends all trunks when the budget is used up. */
  cutAtBudget: z.boolean().default(false),
  /** N: states of the rollout set. */
  rolloutStates: z.int().min(1).max(10_000_000),
  /** K: actions tried in each state. */
  actionsPerState: z.int().min(1).max(1000).default(4),
  /** Steps of a branch, the first action's included. */
  rolloutLength: z.int().min(1).max(1_000_000),
  /**
   * Branches that grow evenly, from `rolloutLength` at iteration `from` to `length` at iteration `to` and after, of fewer
   * and fewer states, so that an iteration's simulator steps stay what they are.
   */
  growth: z
    .strictObject({ length: z.int().min(2).max(1_000_000), ...growthTimes })
    .refine(...growsForward)
    .optional(),
  /** What draws the first actions: the policy, evenly from all actions, or every action once each (Eq. 16). */
  firstActions: z.enum(['policy', 'uniform', 'all']).default('policy'),
  /** Common random numbers: the branches of a state share their noise. */
  commonNoise: z.boolean().default(true),
  /** Parts of the batch that are sampled apart, each with its share of trunks, trunk steps and rollout states. */
  groups: z.int().min(1).max(65_536).default(1),
});
export type VineOptions = z.output<typeof vineSchema>;

/** What the rollout set of one iteration is made of. */
export interface RolloutSizes {
  /** N: states */
  readonly states: number;
  /** Steps of each branch */
  readonly length: number;
}

export function rolloutSizes({ rolloutStates, rolloutLength, growth }: VineOptions, iteration: number): RolloutSizes {
  if (growth === undefined) return { states: rolloutStates, length: rolloutLength };
  const length = Math.round(rolloutLength + grownShare(growth, iteration) * (growth.length - rolloutLength));
  return { states: Math.max(1, Math.round((rolloutStates * rolloutLength) / length)), length };
}
