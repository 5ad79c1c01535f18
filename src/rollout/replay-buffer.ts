import { ArgumentError, NotFoundError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { type Key, uniform } from '../base/random.js';
import { copyRows } from '../native/rows.js';

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;

/** One column of a replay buffer. */
export interface ReplayField {
  /** Elements a transition has of it. */
  readonly width: number;
  readonly type: keyof typeof arrayTypes;
}

type FieldArray<F extends ReplayField> = InstanceType<(typeof arrayTypes)[F['type']]>;
/** One array a field, rows of transitions one after the other. */
export type ReplayRows<Fields extends Record<string, ReplayField>> = { [K in keyof Fields]: FieldArray<Fields[K]> };

/**
 * The last `capacity` transitions in typed arrays, a ring. What a transition consists of is the caller's: fields with a
 * width and a type, for example observation, action, reward, next observation, terminated.
 */
export class ReplayBuffer<const Fields extends Record<string, ReplayField>> {
  /** Transitions held. */
  size = 0;
  private next = 0;
  private readonly columns: ReplayRows<Fields>;
  private readonly names: readonly string[];

  /**
   * @param capacity most transitions held
   * @throws ArgumentError for absurd sizes, MemoryError if the machine has not that much memory
   */
  constructor(
    readonly capacity: number,
    readonly fields: Fields,
  ) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 2 ** 31 - 1) {
      throw new ArgumentError(`a replay buffer of ${capacity}`, {
        value: capacity,
        expected: 'a number of transitions',
      });
    }
    this.names = Object.keys(fields);
    let bytes = 0;
    for (const [name, { width, type }] of Object.entries(fields)) {
      if (!Number.isSafeInteger(width) || width < 1) {
        throw new ArgumentError(`width of replay field "${name}"`, { value: width, expected: 'a positive integer' });
      }
      if (!Object.hasOwn(arrayTypes, type))
        throw new NotFoundError('element type', String(type), Object.keys(arrayTypes));
      bytes += capacity * width * arrayTypes[type].BYTES_PER_ELEMENT;
    }
    checkMemory(`a replay buffer of ${capacity} transitions`, bytes, 'Lower its capacity');
    this.columns = this.makeRows(capacity);
  }

  /** Arrays for so many transitions, for `add` and `sample`. */
  makeRows(count: number): ReplayRows<Fields> {
    const entries = Object.entries(this.fields).map(([name, { width, type }]) => [
      name,
      new arrayTypes[type](count * width),
    ]);
    return Object.fromEntries(entries) as ReplayRows<Fields>;
  }

  /**
   * Adds `count` transitions, over the oldest where the buffer is full.
   * @param rows every field, at least [count × width]
   * @throws ArgumentError for a missing field, another type or too few rows
   */
  add(rows: ReplayRows<Fields>, count: number): void {
    this.checkRows(rows, count);
    // Of more than fit only the last stay.
    for (let from = Math.max(0, count - this.capacity); from < count; ) {
      const part = Math.min(count - from, this.capacity - this.next);
      for (const name of this.names) {
        const { width } = this.fields[name];
        this.columns[name].set(rows[name].subarray(from * width, (from + part) * width), this.next * width);
      }
      from += part;
      this.next = (this.next + part) % this.capacity;
      this.size = Math.min(this.capacity, this.size + part);
    }
  }

  /**
   * Draws `count` transitions uniformly with replacement.
   * @param key decides which, e.g. `streamKey(seed, purpose, iteration, update)`
   * @param into every field, at least [count × width]
   * @throws ArgumentError while the buffer is empty
   */
  sample(count: number, key: Key, into: ReplayRows<Fields>): void {
    this.checkRows(into, count);
    if (this.size === 0) throw new ArgumentError('sampling an empty replay buffer', { expected: 'add() first' });
    const rows = new Int32Array(count);
    for (let i = 0; i < count; i++) rows[i] = Math.floor(uniform(key[0], key[1], i, 0) * this.size);
    for (const name of this.names) copyRows(this.columns[name], rows, into[name], null, count, this.fields[name].width);
  }

  /** All of it as named arrays for a checkpoint: the fields' used rows and `cursor` (size, next). Copies. */
  saveState(): Record<string, Float32Array | Float64Array | Int32Array | Uint8Array> {
    const state: Record<string, FieldArray<ReplayField>> = { cursor: Int32Array.of(this.size, this.next) };
    for (const name of this.names)
      state[`field.${name}`] = this.columns[name].slice(0, this.size * this.fields[name].width);
    return state;
  }

  /** Goes on from what `saveState` gave. @throws ArgumentError for the state of another buffer */
  loadState(state: Readonly<Record<string, ArrayBufferView>>): void {
    const { cursor } = state;
    const [size, next] = cursor instanceof Int32Array ? cursor : [];
    const saved = (name: string): Float32Array | Float64Array | Int32Array | Uint8Array | undefined => {
      const array = state[`field.${name}`];
      const { width, type } = this.fields[name];
      return array instanceof arrayTypes[type] && array.length === size * width ? array : undefined;
    };
    const fits = this.names.every((name) => saved(name) !== undefined);
    if (!fits || !(size >= 0 && size <= this.capacity) || !(next >= 0 && next < this.capacity)) {
      throw new ArgumentError('the saved state does not fit this replay buffer', {
        expected: `the fields ${this.names.join(', ')} of at most ${this.capacity} transitions`,
      });
    }
    for (const name of this.names) this.columns[name].set(saved(name)!);
    this.size = size;
    this.next = next;
  }

  private checkRows(rows: ReplayRows<Fields>, count: number): void {
    if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 31 - 1) {
      throw new ArgumentError('count', { value: count, expected: 'a number of transitions' });
    }
    for (const name of this.names) {
      const { width, type } = this.fields[name];
      const array: unknown = rows[name];
      if (array instanceof arrayTypes[type] && array.length >= count * width) continue;
      throw new ArgumentError(`replay field "${name}"`, {
        value: array,
        expected: `a ${arrayTypes[type].name} of at least ${count} × ${width}`,
      });
    }
  }
}
