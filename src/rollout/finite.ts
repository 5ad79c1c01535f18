import { TrellisError } from '../base/errors.js';
import type { ActionArray } from '../env/types.js';
import type { Episodes } from './types.js';

const HINT = 'Look for extreme rewards in the environment';

/**
 * Environments of this library give finite rewards; those of other makers may not, and sums of large ones overflow.
 * @param what one of the values is called
 * @throws TrellisError ERR_DIVERGED naming the first value that is not finite
 */
export function checkFinite(values: ArrayLike<number>, what: (index: number) => string): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new TrellisError('ERR_DIVERGED', `${what(i)} is ${values[i]}`, { value: values[i], hint: HINT });
  }
}

/**
 * After an environment refused to step: throws what the policy is to blame for, if it is.
 * @param actions of a policy
 * @throws TrellisError ERR_DIVERGED naming the first action that is not finite
 */
export function blamePolicy(actions: ActionArray, cause: unknown): void {
  const at = actions.findIndex((action: number) => !Number.isFinite(action));
  if (at < 0) return;
  throw new TrellisError('ERR_DIVERGED', `the policy diverged: it draws the action ${actions[at]}`, {
    value: actions[at],
    hint: 'Its updates were too large: set a larger penalty or a lower KL limit, whichever the method has',
    cause,
  });
}

/** Rewards of a batch, kept in single precision. @throws TrellisError ERR_DIVERGED naming path and step */
export function checkRewards(rewards: Float32Array, { offsets }: Episodes): void {
  let sum = 0;
  // x · 0 is NaN exactly for NaN and ±Infinity: one branch for the whole batch.
  for (let i = 0; i < rewards.length; i++) sum += rewards[i] * 0;
  if (sum === 0) return;
  checkFinite(rewards, (i) => {
    const path = offsets.findLastIndex((first) => first <= i);
    return `the reward of step ${i - offsets[path]} of path ${path}, in single precision,`;
  });
}
