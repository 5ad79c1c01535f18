import { ClosedError } from '../base/errors.js';
import type { ActionArray, ObservationArray } from '../env/types.js';
import { type ActOptions, Policy } from '../policy/policy.js';
import type { PolicySpec } from '../policy/types.js';

/** The policy that an iteration made: what `evaluatePolicy`, `savePolicy` and `Policy.create` take, too. */
export interface TrainedPolicy {
  readonly spec: PolicySpec;
  /** θ [P], a copy */
  readonly theta: Float32Array;
  /**
   * Actions for one or more observations, as `Policy.act`.
   * @throws ClosedError after the callbacks of the iteration: `Policy.create(policy)` makes one to keep
   */
  act(observations: ObservationArray | readonly number[], options?: ActOptions): Promise<ActionArray>;
}

/** A policy that gets ready to act when it is first asked to, and a function that closes it. */
export function trainedPolicy(
  spec: PolicySpec,
  theta: Float32Array,
  engine: string,
  threads: number | undefined,
): { policy: TrainedPolicy; close(): Promise<void> } {
  let acting: Promise<Policy> | undefined;
  let closed = false;
  const act: TrainedPolicy['act'] = async (observations, options) => {
    if (closed) throw new ClosedError('the policy of an iteration that has passed');
    acting ??= Policy.create({ spec, theta }, engine, threads === undefined ? {} : { threads });
    return (await acting).act(observations, options);
  };
  const close = async () => {
    closed = true;
    (await acting?.catch(() => undefined))?.close();
  };
  return { policy: { spec, theta, act }, close };
}
