import { TrellisError } from '../base/errors.js';
import { allFinite, type Vector } from '../optimize/vectors.js';

const HINT = 'Its updates were too large: set a larger penalty or a lower KL limit, whichever this method has';

/** Runs an iteration; what its sampler or its update reports to have diverged is told with its number. */
export async function namingIteration<T>(iteration: number, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (!(cause instanceof TrellisError) || cause.code !== 'ERR_DIVERGED') throw cause;
    const { value, message } = cause;
    throw new TrellisError('ERR_DIVERGED', `iteration ${iteration}: ${message}`, { value, cause });
  }
}

/** @throws TrellisError ERR_DIVERGED if an update made parameters that are not finite */
export function checkTheta(theta: Vector): void {
  if (allFinite(theta)) return;
  const value = theta.find((parameter) => !Number.isFinite(parameter));
  throw new TrellisError('ERR_DIVERGED', `the policy diverged: the update made a parameter ${value}`, {
    value,
    hint: HINT,
  });
}
