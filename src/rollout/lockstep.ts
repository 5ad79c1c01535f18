import { Pacer } from '../base/scheduling.js';
import { makeActions } from '../env/spaces.js';
import type { ActionArray, VectorEnv } from '../env/types.js';
import { checkInteger } from '../native/slots.js';
import { checkEnv, checkFunction } from './arguments.js';
import type { Behaviour, StepRows } from './behaviour.js';
import { blamePolicy } from './finite.js';
import { Places } from './places.js';
import { gatherRows, scatterRows } from './rows.js';

/** What goes on around the steps; all of it optional. */
export interface LockstepHooks {
  /** Memory for the rows of the next step. Default: scratch memory. */
  rows?(count: number): StepRows;
  /** Sees the states that are about to be left, and the actions [N × act] that leave them. */
  onActions?(actions: ActionArray): void;
  /** After each step. Items that ended in it still run, for this call. @param ended their places */
  onStep?(ended: Int32Array): void;
  /** May let others play in the slots of those that ended. */
  onEnded?(ended: Int32Array): void;
  /** Now and then, some twenty times a second. */
  onProgress?(): void;
}

export interface LockstepOptions {
  /** m */
  readonly distParamSize: number;
  /** Rows go to memory of the caller's: there is no scratch, and no row of a finished item. */
  readonly logged?: boolean;
}

/**
 * The loop of everything that acts: observe, choose actions, step, in all places of an environment at once, until none
 * is left. Who uses it fills the places (after a reset or restore of their slots) and says what to do around the steps.
 */
export class Lockstep {
  readonly places: Places;
  private readonly logged: boolean;
  private readonly actions: ActionArray;
  private readonly scratch: StepRows;

  /** @throws ArgumentError; MemoryError */
  constructor(
    readonly env: VectorEnv,
    options: LockstepOptions,
  ) {
    const { slots, observations, spec } = checkEnv(env);
    const { distParamSize, logged = false } = options ?? {};
    checkInteger('distParamSize', distParamSize, 0, 2 ** 31 - 1);
    this.logged = logged;
    this.places = new Places(slots);
    this.actions = makeActions(spec.actionSpace, slots);
    const count = logged ? 0 : slots;
    this.scratch = {
      count,
      observations: observations.slice(0, (count * observations.length) / slots),
      distParams: new Float32Array(count * distParamSize),
      actions: makeActions(spec.actionSpace, count),
      logQ: new Float32Array(count),
    };
  }

  /** @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for a policy's action that is not finite */
  async run(behaviour: Behaviour, hooks: LockstepHooks, signal?: AbortSignal): Promise<void> {
    const pacer = new Pacer(signal);
    checkFunction('act of the behaviour', behaviour?.act);
    const { env, places } = this;
    while (places.count > 0) {
      const rows = this.observe(hooks.rows);
      await behaviour.act(rows, places);
      const actions = places.everySlot ? rows.actions : this.scatter(rows);
      hooks.onActions?.(actions);
      this.step(actions, behaviour);
      const ended = places.advance(env);
      hooks.onStep?.(ended);
      if (ended.length > 0 && places.count > 0) this.replace(ended, behaviour, hooks);
      if (!pacer.due()) continue;
      hooks.onProgress?.();
      await pacer.pause();
    }
  }

  private step(actions: ActionArray, { distParamSize }: Behaviour): void {
    try {
      this.env.step(actions);
    } catch (cause) {
      // Others than policies answer for their actions themselves.
      if (distParamSize > 0) blamePolicy(actions, cause);
      throw cause;
    }
  }

  private observe(logged: LockstepHooks['rows']): StepRows {
    const { env, places } = this;
    const { count } = places;
    const rows = logged === undefined ? this.scratchRows(count) : logged(count);
    const { observations } = rows;
    if (observations === env.observations) return rows;
    if (places.everySlot) observations.set(env.observations);
    else gatherRows(env.observations, places.slots, count, observations.length / count, observations, 0);
    return rows;
  }

  private scratchRows(count: number): StepRows {
    const { env, scratch } = this;
    const part = <T extends { length: number; subarray(from: number, to: number): T }>(array: T) =>
      array.subarray(0, (array.length / env.slots) * count);
    return {
      count,
      // All slots are seen where they are.
      observations: count === env.slots ? env.observations : part(scratch.observations as Float32Array),
      distParams: part(scratch.distParams),
      actions: part(scratch.actions as Float32Array),
      logQ: part(scratch.logQ),
    };
  }

  private scatter({ actions, count }: StepRows): ActionArray {
    return scatterRows(actions, this.places.slots, count, actions.length / count, this.actions);
  }

  private replace(ended: Int32Array, behaviour: Behaviour, hooks: LockstepHooks): void {
    const { places, logged } = this;
    places.finish(ended);
    hooks.onEnded?.(ended);
    // Once rows are gathered it costs nothing to leave one out, unless the behaviour has arrays of its own to pack.
    const kept = places.pack(logged || (!places.everySlot && behaviour.pack === undefined));
    if (kept !== null) behaviour.pack?.(kept);
  }
}
