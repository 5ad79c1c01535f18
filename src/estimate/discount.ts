import { z } from 'zod';
import { grownShare, growsForward, growthTimes } from '../base/growth.js';

const belowOne = z.number().min(0).lt(1);

/** Options that say which discount γ an iteration has. */
export const discountFields = {
  /** γ */
  discount: z.number().min(0).max(1).default(0.99),
  /**
   * γ of iteration `to` and after; `discount` holds until iteration `from`. Between them the horizon 1 / (1 - γ) grows
   * evenly. A fall costs the rewards of a horizon: a short one lets a robot try to move, a long one keeps it upright.
   */
  growth: z
    .strictObject({ discount: belowOne, ...growthTimes })
    .refine(...growsForward)
    .optional(),
};

type DiscountOptions = z.output<z.ZodObject<typeof discountFields>>;

/** γ of an iteration. */
export function discountAt({ discount, growth }: DiscountOptions, iteration: number): number {
  const share = growth === undefined ? 0 : grownShare(growth, iteration);
  if (growth === undefined || share === 0) return discount;
  if (share === 1) return growth.discount;
  return 1 - 1 / ((1 - share) / (1 - discount) + share / (1 - growth.discount));
}
