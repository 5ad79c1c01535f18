import { TrellisError } from '../base/errors.js';
import { firstNotFinite } from './spaces.js';
import type { EnvSpec, ObservationArray } from './types.js';

/**
 * What becomes of a step whose reward or observation is NaN or infinite. `error`: it throws. `end`: the episode ends
 * there and counts as diverged, with reward 0 and 0 for the numbers that are none.
 */
export type NonFinite = 'error' | 'end';

/** Keeps NaN and infinity out of what an environment shows. */
export class FiniteCheck {
  constructor(
    private readonly spec: EnvSpec,
    private readonly policy: NonFinite,
    private readonly size: number,
    readonly tables: {
      readonly observations: ObservationArray;
      readonly rewards: Float64Array;
      readonly terminated: Uint8Array;
      readonly elapsed: Int32Array;
    },
  ) {}

  /**
   * Looks at the rows that a step has just written.
   * @param runs pairs (first, end) of consecutive slots
   * @returns episodes ended because of what was found
   * @throws TrellisError ERR_DIVERGED naming slot, step and field
   */
  step(runs: Int32Array): number {
    const { observations, rewards } = this.tables;
    const ended = this.look('reward', rewards, 1, runs);
    return ended + (observations instanceof Float32Array ? this.look('observation', observations, this.size, runs) : 0);
  }

  /** Looks at the first observations of episodes. */
  start(slots: Int32Array): void {
    const { observations: rows } = this.tables;
    if (!(rows instanceof Float32Array)) return;
    const { size } = this;
    for (let i = 0; i < slots.length; i++) {
      const at = firstNotFinite(rows, slots[i] * size, size);
      if (at >= 0) this.refuse('observation', rows[at], slots[i], at % size, 0);
    }
  }

  /** Puts 0 where the slot's observation or reward is no number. */
  clean(slot: number): void {
    const { observations, rewards } = this.tables;
    if (!Number.isFinite(rewards[slot])) rewards[slot] = 0;
    if (!(observations instanceof Float32Array)) return;
    for (let i = slot * this.size; i < (slot + 1) * this.size; i++) {
      if (!Number.isFinite(observations[i])) observations[i] = 0;
    }
  }

  private look(
    what: 'reward' | 'observation',
    rows: Float32Array | Float64Array,
    size: number,
    runs: Int32Array,
  ): number {
    const { rewards, terminated, elapsed } = this.tables;
    let ended = 0;
    for (let run = 0; run < runs.length; run += 2) {
      const end = runs[run + 1] * size;
      for (let from = runs[run] * size; from < end; ) {
        const at = firstNotFinite(rows, from, end - from);
        if (at < 0) break;
        const slot = Math.floor(at / size);
        if (this.policy === 'error') this.refuse(what, rows[at], slot, at % size, elapsed[slot] + 1);
        this.clean(slot);
        rewards[slot] = 0;
        terminated[slot] = 1;
        ended++;
        from = (slot + 1) * size;
      }
    }
    return ended;
  }

  private refuse(what: 'reward' | 'observation', value: number, slot: number, index: number, step: number): never {
    const which = what === 'reward' ? 'reward' : `observation[${index}]`;
    throw new TrellisError('ERR_DIVERGED', `"${this.spec.id}": ${which} of slot ${slot} is ${value} at step ${step}`, {
      value,
      expected: 'a finite number',
      hint: step === 0 ? 'Its start writes it' : "Its definition may end such episodes instead: nonFinite: 'end'",
    });
  }
}
