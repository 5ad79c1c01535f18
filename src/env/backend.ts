import { copyRows, type RowArray } from '../native/rows.js';
import type { SnapshotPart } from './snapshot-parts.js';
import type { ActionArray, EnvInfo, ObservationArray } from './types.js';

/**
 * What a simulator gives to become a VectorEnv (`makeVectorEnv`): it starts, moves, saves and loads the slots it is told
 * to and nothing else. Arguments arrive checked. Everything about episodes (lengths, truncation, freezing, keys, flags,
 * snapshots) is done above it, so a frozen slot is simply never mentioned.
 */
export interface EnvBackend {
  /** [N × observation size]; kept current by start and step. The same object for life. */
  readonly observations: ObservationArray;
  /**
   * What `save` returns: rows of one width a part, in the order of the slots it was given. A snapshot with anything
   * else, or less, is neither made nor reaches `load`.
   */
  readonly parts: readonly SnapshotPart[];
  /** See VectorEnv.info; kept current by start, step and load. */
  readonly info?: EnvInfo;

  /**
   * New episodes in these slots, drawn with two key words per slot; writes their observations.
   * @param episodes the tables of all slots, with these slots' rows as their new episodes begin
   */
  start(slots: Int32Array, keys: Uint32Array, episodes: Pick<Running, 'elapsed' | 'keys'>): void;

  /**
   * Moves the running slots by one step and writes their rows of `observations`, `rewards`, `terminated`, and `truncated`
   * where the simulator itself cuts episodes (both arrive 0; the time limit is looked after above). Returns how many of
   * them diverged; those have terminated.
   */
  step(
    actions: ActionArray,
    running: Running,
    rewards: Float64Array,
    terminated: Uint8Array,
    truncated: Uint8Array,
  ): number;

  /** Copies of everything that decides the future of these slots, row by row; the observation is saved by the caller. */
  save(slots: Int32Array): Record<string, ArrayBufferView>;
  /**
   * Row rows[i] of what `save` returned into slots[i]. The parts are as `parts` says.
   * @param keys new keys of the slots' own noise, two words each, for simulators that keep a generator; null: as saved
   */
  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array, keys: Uint32Array | null): void;
  /** See VectorEnv.readState. */
  readState(slot: number): Float64Array;
  close(): void;
}

/** The slots that run, ascending: as ids, and as pairs (first, end) of consecutive slots. */
export interface Running {
  readonly ids: Int32Array;
  readonly runs: Int32Array;
  /** Steps taken so far in each slot's episode [N]. */
  readonly elapsed: Int32Array;
  /** The key of each slot [2N]: for the environment's own noise, drawn at time `elapsed`. */
  readonly keys: Uint32Array;
}

export type { RowArray };

/** From this many rows on they are copied natively, fewer by a loop. */
const MANY = 64;

/** Copies of rows `slots` of a table whose rows have `width` elements. */
export function saveRows<T extends RowArray>(table: T, width: number, slots: Int32Array): T {
  const saved = new (table.constructor as new (length: number) => T)(slots.length * width);
  if (slots.length >= MANY) copyRows(table, slots, saved, null, slots.length, width);
  else for (let i = 0; i < slots.length; i++) copyRow(table, slots[i], saved, i, width);
  return saved;
}

/** The reverse of saveRows: row rows[i] of `saved` becomes row slots[i] of `table`. */
export function loadRows(table: RowArray, width: number, saved: RowArray, rows: Int32Array, slots: Int32Array): void {
  if (slots.length >= MANY) copyRows(saved, rows, table, slots, slots.length, width);
  else for (let i = 0; i < slots.length; i++) copyRow(saved, rows[i], table, slots[i], width);
}

/** Rows from this width on are copied by a call, narrower ones by a loop. */
const WIDE = 64;

/** Row `row` of one table becomes row `target` of another. */
export function copyRow(from: RowArray, row: number, to: RowArray, target: number, width: number): void {
  const origin = row * width;
  const at = target * width;
  if (width >= WIDE) to.set(from.subarray(origin, origin + width), at);
  else for (let j = 0; j < width; j++) to[at + j] = from[origin + j];
}
