import { ArgumentError } from '../../base/errors.js';
import { checkFactory } from '../check-factory.js';
import { spaceSize } from '../spaces.js';
import type { ActionArray, BoxSpace, EnvFactory, EnvSpec, ObservationArray, VectorEnv } from '../types.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

/**
 * The environment with every action clipped to the bounds of its action space before the step: what an action outside
 * would have cost is not paid (Gymnasium's ClipAction; Stable-Baselines3 always does it).
 * @throws ArgumentError for discrete actions
 */
export function clipActions(env: EnvFactory): EnvFactory {
  const { spec } = checkFactory(env);
  if (spec.actionSpace.kind !== 'box') {
    throw new ArgumentError(`actions of "${spec.id}" are discrete`, { value: spec.id, expected: 'a box of actions' });
  }
  return wrapFactory(env, {
    changes: {},
    identity: ['clipActions'],
    wrap: (inner, outer) => new ClippedActionsEnv(inner, outer),
    frozen: clipActions,
  });
}

class ClippedActionsEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  private readonly low: Float32Array;
  private readonly high: Float32Array;
  private readonly clipped: Float32Array;

  constructor(inner: VectorEnv, spec: EnvSpec) {
    super(inner, spec, 'clipActions');
    this.observations = inner.observations;
    this.rewards = inner.rewards;
    const { low, high } = spec.actionSpace as BoxSpace;
    this.low = low;
    this.high = high;
    this.clipped = new Float32Array(inner.slots * spaceSize(spec.actionSpace));
  }

  override step(actions: ActionArray): void {
    const { clipped, low, high } = this;
    // Anything but an action of each slot is for the environment to refuse.
    if (!(actions instanceof Float32Array) || actions.length !== clipped.length) {
      super.step(actions);
      return;
    }
    const size = low.length;
    for (let at = 0; at < clipped.length; ) {
      for (let i = 0; i < size; i++, at++) {
        const action = actions[at];
        clipped[at] = action > high[i] ? high[i] : action < low[i] ? low[i] : action;
      }
    }
    super.step(clipped);
  }
}
