import { ArgumentError, SnapshotError } from '../../base/errors.js';
import { checkInteger } from '../../native/slots.js';
import type { RowArray } from '../backend.js';
import { checkFactory } from '../check-factory.js';
import type { EnvFactory, EnvSpec, ObservationArray, VectorEnv } from '../types.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

/**
 * The environment with a shorter nominal length: an episode that has not ended after so many steps is truncated there.
 * A terminal state reached by that very step is a termination and no truncation, as everywhere here (Gymnasium's
 * TimeLimit sets both flags).
 * @param steps 1 … the environment's own `maxEpisodeSteps`
 * @throws ArgumentError for another number, and, by `make`, for an environment that cannot be truncated
 */
export function timeLimit(env: EnvFactory, steps: number): EnvFactory {
  const limit = checkInteger('steps of a time limit', steps, 1, checkFactory(env).spec.maxEpisodeSteps);
  return wrapFactory(env, {
    changes: { maxEpisodeSteps: limit },
    identity: ['timeLimit', limit],
    wrap: (inner, spec) => new TimeLimitEnv(inner, spec, limit),
    frozen: (inner) => timeLimit(inner, limit),
  });
}

class TimeLimitEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  private readonly elapsed: Int32Array;

  constructor(
    inner: VectorEnv,
    spec: EnvSpec,
    private readonly limit: number,
  ) {
    super(inner, spec, 'timeLimit');
    if (inner.truncate === undefined) {
      throw new ArgumentError(`"${spec.id}" cannot end episodes on request`, {
        expected: 'a VectorEnv with `truncate`, as makeVectorEnv gives',
      });
    }
    this.observations = inner.observations;
    this.rewards = inner.rewards;
    this.elapsed = new Int32Array(inner.slots);
    this.keep({ elapsed: { array: this.elapsed, width: 1 } });
  }

  protected override started(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.elapsed[slots[i]] = 0;
  }

  protected override moved(active: Uint8Array): void {
    const { elapsed, limit, terminated, truncated } = this;
    for (let slot = 0; slot < active.length; slot++) {
      if (active[slot] === 0) continue;
      elapsed[slot] += 1;
      if (elapsed[slot] >= limit && !(terminated[slot] | truncated[slot])) this.inner.truncate!([slot]);
    }
  }

  protected override checkOwn(parts: Readonly<Record<string, RowArray>>): void {
    const bad = (parts[this.partName('elapsed')] as Int32Array).find((steps) => steps < 0 || steps > this.limit);
    if (bad === undefined) return;
    throw new SnapshotError(`a row of the snapshot is at step ${bad}`, {
      value: bad,
      expected: `a step up to ${this.limit}`,
    });
  }
}
