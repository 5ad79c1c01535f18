import { ArgumentError, SnapshotError } from '../base/errors.js';
import { uniform } from '../base/random.js';
import { type EnvBackend, loadRows, type Running, saveRows } from './backend.js';
import { checkSlotCount } from './slots.js';
import { identityHash } from './snapshot.js';
import { box, spaceSize } from './spaces.js';
import type {
  ActionArray,
  ActionSpace,
  BoxSpace,
  EnvFactory,
  EnvSpec,
  ObservationArray,
  ObservationScaling,
} from './types.js';
import { makeVectorEnv } from './vector-env.js';

/** What a definition's functions see: all N slots, row-major; they touch only the rows they are told. */
export interface EnvTables<A extends ActionArray = ActionArray> {
  /** [N × stateSize]: everything that decides a slot's future. */
  readonly state: Float64Array;
  /** [N × observation size], to be written. */
  readonly observations: ObservationArray;
  /** [N × action size] */
  readonly actions: A;
  /** [N], to be written by `step`. */
  readonly rewards: Float64Array;
  /** [N]; arrives 0, to be set 1 where the episode reached a terminal state. */
  readonly terminated: Uint8Array;
  /** Steps taken before this one [N]. */
  readonly elapsed: Int32Array;
  /** [2N]: the environment's own noise is `uniform(keys[2 i], keys[2 i + 1], elapsed[i] + 1, dimension)`. */
  readonly keys: Uint32Array;
}

/** A simulator written in TypeScript over a table of states. */
export interface EnvSource<A extends ActionArray = ActionArray> {
  readonly id: string;
  /** Numbers that decide dynamics and rewards; a snapshot fits only where they are equal. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stateSize: number;
  /** A number: an unbounded vector of that many elements. */
  readonly observation: number | BoxSpace;
  readonly action: ActionSpace;
  readonly maxEpisodeSteps: number;
  readonly secondsPerStep: number;
  readonly observationScaling?: ObservationScaling;
  /** Writes the start state of one slot at state[at …]. `draw(i)` is uniform in (0, 1), independent for each i. */
  start(state: Float64Array, at: number, draw: (dimension: number) => number): void;
  /** Moves slots first … end - 1 by one step and writes their rewards and terminal flags. */
  step(tables: EnvTables<A>, first: number, end: number): void;
  /** Writes the observations of slots first … end - 1. Default: the state itself. */
  observe?(state: Float64Array, observations: ObservationArray, first: number, end: number): void;
}

/**
 * An environment from a source: typed arrays in, typed arrays out, no allocation in a step. Episode lengths,
 * truncation, frozen slots, snapshots, keys and argument checks come with it.
 */
export function defineEnv<A extends ActionArray = ActionArray>(source: EnvSource<A>): EnvFactory {
  const observationSpace = typeof source.observation === 'number' ? box([source.observation]) : source.observation;
  if (source.observe === undefined && spaceSize(observationSpace) !== source.stateSize) {
    throw new ArgumentError(`"${source.id}" has no observe function and a state of ${source.stateSize}`, {
      value: source.stateSize,
      expected: `as many observations (there are ${spaceSize(observationSpace)})`,
    });
  }
  const { id, action: actionSpace, maxEpisodeSteps, secondsPerStep } = source;
  const spec: EnvSpec = {
    id,
    observationSpace,
    actionSpace,
    maxEpisodeSteps: checkEpisodeSteps(maxEpisodeSteps),
    observationScaling: source.observationScaling ?? null,
    modelHash: identityHash(id, source.parameters, source.stateSize, maxEpisodeSteps),
    secondsPerStep,
  };
  return { spec, make: (slots) => makeVectorEnv(spec, checkSlotCount(slots), new TableBackend(source, spec, slots)) };
}

/** A nominal episode length: a positive integer (or Infinity). */
export function checkEpisodeSteps(steps: number): number {
  if (!(steps >= 1) || (!Number.isInteger(steps) && steps !== Infinity)) {
    throw new ArgumentError(`maxEpisodeSteps ${steps}`, { value: steps, expected: 'a positive integer' });
  }
  return steps;
}

class TableBackend<A extends ActionArray> implements EnvBackend {
  readonly observations: ObservationArray;
  private readonly state: Float64Array;

  constructor(
    private readonly source: EnvSource<A>,
    spec: EnvSpec,
    slots: number,
  ) {
    this.state = new Float64Array(slots * source.stateSize);
    const size = slots * spaceSize(spec.observationSpace);
    this.observations = spec.observationSpace.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const draw = (dimension: number) => uniform(keys[2 * i]!, keys[2 * i + 1]!, 0, dimension);
      this.source.start(this.state, slot * this.source.stateSize, draw);
      this.observe(slot, slot + 1);
    }
  }

  step(actions: ActionArray, running: Running, rewards: Float64Array, terminated: Uint8Array): number {
    const { state, observations } = this;
    const { runs, elapsed, keys } = running;
    const tables: EnvTables<A> = { state, observations, actions: actions as A, rewards, terminated, elapsed, keys };
    for (let run = 0; run < runs.length; run += 2) {
      this.source.step(tables, runs[run]!, runs[run + 1]!);
      this.observe(runs[run]!, runs[run + 1]!);
    }
    return 0;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    return { state: saveRows(this.state, this.source.stateSize, slots) };
  }

  load(parts: Readonly<Record<string, ArrayBufferView>>, rows: Int32Array, slots: Int32Array): void {
    const { state } = parts;
    if (!(state instanceof Float64Array)) throw new SnapshotError('snapshot part "state" is missing');
    loadRows(this.state, this.source.stateSize, state, rows, slots);
  }

  readState(slot: number): Float64Array {
    const size = this.source.stateSize;
    return this.state.slice(slot * size, (slot + 1) * size);
  }

  close(): void {}

  private observe(first: number, end: number): void {
    if (this.source.observe !== undefined) {
      this.source.observe(this.state, this.observations, first, end);
      return;
    }
    const size = this.source.stateSize;
    for (let i = first * size; i < end * size; i++) this.observations[i] = this.state[i]!;
  }
}
