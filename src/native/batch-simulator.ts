import type { Slots } from './slots.js';

/** What happened to a slot in the last call (`BatchSimulator.faults`). */
export const Fault = {
  none: 0,
  /** The simulation became NaN or huge, and was reset. */
  diverged: 1,
  /** The engine reported an error; the slot is as it was before. */
  engineError: 2,
  /** A game did not come to its mode; the slot has to be reset once more. */
  modeNotReached: 3,
} as const;

/** Which slots a call is about. */
export interface SlotOptions {
  /** Default: all. */
  slots?: Slots;
}

/**
 * What `MujocoBatch` and `AtariBatch` have in common: N simulations (slots 0 … N - 1) of one model or game, stepped
 * together on a few threads. Results depend neither on N nor on the number of threads. Calls are synchronous; arguments
 * are read and checked before anything happens, so a refused call changes nothing.
 *
 * Every array has row s for slot s and is the same object from the first time it is seen until `close`. What it holds is
 * the present until the next call.
 * @typeParam Saved what `save` gives
 * @typeParam Step arguments of `step`
 */
export interface BatchSimulator<Saved, Step extends unknown[]> {
  /** N */
  readonly slots: number;
  /** Threads that step, the calling one included; never more than N. */
  readonly threads: number;
  /** [N] what happened to each slot in the last call that moved any: a `Fault`. Slots that took no part show none. */
  readonly faults: Uint8Array;
  readonly closed: boolean;

  /** Moves slots. @returns how many had a fault */
  step(...given: Step): number;
  /** Puts slots into a start state. @returns how many had a fault */
  reset(options?: SlotOptions): number;
  /**
   * Copies all that decides the future of slots and what they show, one row each, in the order named. Any number of
   * restores, into any slots of any batch of the same model or game.
   * @param options.into saved before and of no more use: its memory is used again, if it fits
   */
  save(options?: SlotOptions & { into?: Saved }): Saved;
  /**
   * Puts row rows[i] of what was saved into slots[i]. One row may go into many slots.
   * @param options.rows default 0, 1, 2, …: as many rows as slots
   * @returns how many slots had a fault
   */
  restore(saved: Saved, options?: SlotOptions & { rows?: Slots }): number;
  /** The engine's text about the slot's fault in the last call, "" if there was none. */
  errorText(slot: number): string;
  /** Frees everything. Every array is empty afterwards, every later call throws ClosedError. Closing twice is allowed. */
  close(): void;
}
