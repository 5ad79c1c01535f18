import { z } from 'zod';
import { describeValue } from '../../base/describe.js';
import { ArgumentError } from '../../base/errors.js';
import { parseOptions } from '../../base/options.js';
import { Purpose, streamKey } from '../../base/random.js';
import { copyRow } from '../backend.js';
import { spaceSize } from '../spaces.js';
import type { ActionArray, ObservationArray, VectorEnv } from '../types.js';

const optionsSchema = z.strictObject({
  /** `next-step`: the step after an episode's end begins the next one; `same-step`: the very step that ends it does. */
  mode: z.enum(['next-step', 'same-step']).default('next-step'),
});
/** Settings of `autoreset`; what is left out takes its default. */
export type AutoresetOptions = z.input<typeof optionsSchema>;

/** What `Autoreset.step` gives. The same object and arrays at every step; they hold until the next call. */
export interface AutoresetStep {
  /** [N × observation size] */
  readonly observations: ObservationArray;
  /** [N] */
  readonly rewards: Float64Array;
  /** [N] */
  readonly terminated: Uint8Array;
  /** [N] */
  readonly truncated: Uint8Array;
  /**
   * Mode same-step: the true last observation of each slot whose flags are set, [N × observation size]; other rows are of
   * earlier. Mode next-step: `observations` itself, which holds it.
   */
  readonly finalObservations: ObservationArray;
}

/**
 * A VectorEnv whose episodes follow each other by themselves, for loops written for Gymnasium (1.x, `AutoresetMode`).
 * - next-step: the step that ends an episode shows its last observation with its reward and flags. The step after
 *   ignores that slot's action, begins a new episode and shows its first observation with reward 0 and no flags: a row
 *   that is no transition, which a learner leaves out.
 * - same-step: the step that ends an episode begins the next one: it shows the new first observation with the reward and
 *   flags of the old episode, whose last observation is in `finalObservations`.
 * @throws NotFoundError for unknown options
 */
export function autoreset(env: VectorEnv, options: AutoresetOptions = {}): Autoreset {
  if (typeof env?.step !== 'function' || typeof env.reset !== 'function') {
    throw new ArgumentError(`the environment is ${describeValue(env)}`, {
      value: env,
      expected: 'a VectorEnv, as `make` of an EnvFactory gives',
    });
  }
  return new Autoreset(env, parseOptions(optionsSchema, options, 'options of autoreset').mode);
}

/** See `autoreset`. Not a VectorEnv: those leave finished slots as they are. */
export class Autoreset {
  private readonly result: AutoresetStep;
  private readonly size: number;
  /** Episodes begun since `reset` was given a seed [N]: the key of each follows from it. */
  private readonly episodes: Int32Array;
  private seed = 0;
  private begun = false;

  constructor(
    readonly env: VectorEnv,
    readonly mode: 'next-step' | 'same-step',
  ) {
    const { slots, observations, rewards, terminated, truncated } = env;
    this.size = spaceSize(env.spec.observationSpace);
    this.episodes = new Int32Array(slots);
    this.result =
      mode === 'next-step'
        ? { observations, rewards, terminated, truncated, finalObservations: observations }
        : {
            observations,
            rewards: new Float64Array(slots),
            terminated: new Uint8Array(slots),
            truncated: new Uint8Array(slots),
            finalObservations: observations.slice().fill(0),
          };
  }

  /**
   * Begins a new episode in every slot.
   * @param seed decides the start of each episode from here on, together with its slot and its number there; default:
   *   the episodes go on from the last seed (at first 0)
   * @returns the first observations [N × observation size]
   */
  reset(seed?: number): ObservationArray {
    const next = seed === undefined ? this.seed : seed;
    // Checked by the draw of a key before anything changes.
    streamKey(next, Purpose.reset);
    if (seed !== undefined) this.episodes.fill(0);
    this.seed = next;
    this.begin(Int32Array.from({ length: this.env.slots }, (_, slot) => slot));
    this.begun = true;
    const { rewards, terminated, truncated } = this.result;
    for (const array of [rewards, terminated, truncated]) array.fill(0);
    return this.env.observations;
  }

  /**
   * @param actions [N × action size]; in mode next-step, rows of slots that have ended are ignored
   * @throws ArgumentError before the first `reset`, and whatever the environment's `step` throws
   */
  step(actions: ActionArray): AutoresetStep {
    if (!this.begun) throw new ArgumentError('no slot was reset', { expected: 'reset() before the first step' });
    const { env, result, size } = this;
    if (this.mode === 'next-step') {
      const ended = this.ended();
      env.step(actions);
      if (ended.length > 0) this.begin(ended);
      return result;
    }
    env.step(actions);
    result.rewards.set(env.rewards);
    result.terminated.set(env.terminated);
    result.truncated.set(env.truncated);
    const ended = this.ended();
    for (const slot of ended) copyRow(env.observations, slot, result.finalObservations, slot, size);
    if (ended.length > 0) this.begin(ended);
    return result;
  }

  close(): void {
    this.env.close();
  }

  private ended(): Int32Array {
    const { terminated, truncated, slots } = this.env;
    let count = 0;
    for (let slot = 0; slot < slots; slot++) if (terminated[slot] | truncated[slot]) count++;
    if (count === 0) return NONE;
    const list = new Int32Array(count);
    for (let slot = 0, at = 0; slot < slots; slot++) if (terminated[slot] | truncated[slot]) list[at++] = slot;
    return list;
  }

  private begin(slots: Int32Array): void {
    const keys = new Uint32Array(2 * slots.length);
    slots.forEach((slot, i) => {
      keys.set(streamKey(this.seed, Purpose.reset, this.episodes[slot], slot), 2 * i);
      this.episodes[slot] += 1;
    });
    this.env.reset(slots, keys);
  }
}

const NONE = new Int32Array(0);
