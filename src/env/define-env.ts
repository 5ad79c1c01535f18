import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { checkMemory } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { type Key, uniform } from '../base/random.js';
import { checkSlotCount } from '../native/slots.js';
import { type ActionMap, actionMap } from './action-map.js';
import { type EnvBackend, loadRows, type RowArray, type Running, saveRows } from './backend.js';
import type { NonFinite } from './finite-check.js';
import { checkMakeOptions } from './make-options.js';
import { identityHash } from './snapshot.js';
import type { SnapshotPart } from './snapshot-parts.js';
import { commonSource, functionSchema, nameOf, observationOf } from './source-schema.js';
import { spaceSize } from './spaces.js';
import type {
  ActionArray,
  ActionSpace,
  BoxSpace,
  Drawer,
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
  /** [N × action size], as the definition's `action` says. */
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
  /** What decides dynamics and rewards (the version of a simulator, too); a snapshot fits only where it is equal. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stateSize: number;
  /** A number: an unbounded vector of that many elements. */
  readonly observation: number | BoxSpace;
  /**
   * What `step` wants to be given. Policies act in ±1, and so does the environment's `step`: an element with two finite
   * bounds is mapped, -1 to the lower and 1 to the upper one, and clipped to them; an element with one bound is clipped;
   * one without arrives as the policy drew it. With the bounds -1 and 1 themselves (`box([n], -1, 1)`) actions arrive
   * as drawn, too, so perhaps outside: the definition clips, and may price what was wanted.
   */
  readonly action: ActionSpace;
  readonly maxEpisodeSteps: number;
  readonly secondsPerStep: number;
  readonly observationScaling?: ObservationScaling;
  /** What becomes of NaN or infinite rewards and observations; default 'error'. */
  readonly nonFinite?: NonFinite;
  /**
   * Writes the start state of one slot at state[at …], which arrives 0. `draw(i)` is uniform in (0, 1), independent for each
   * i; `key` is the episode's, for starts that another generator draws.
   */
  start(state: Float64Array, at: number, draw: (dimension: number) => number, key: Key): void;
  /** Moves slots first … end - 1 by one step and writes their rewards and terminal flags. */
  step(tables: EnvTables<A>, first: number, end: number): void;
  /** Draws it for `render` and replays; reads the state of slot 0 by `readState`. */
  drawer?(): Drawer;
  /** Writes the observations of slots first … end - 1. Default: the state itself. */
  observe?(state: Float64Array, observations: ObservationArray, first: number, end: number): void;
}

/**
 * An environment from a source: typed arrays in, typed arrays out, no allocation in a step. Episode lengths,
 * truncation, frozen slots, snapshots, keys and argument checks come with it.
 */
export function defineEnv<A extends ActionArray = ActionArray>(source: EnvSource<A>): EnvFactory {
  const checked = parseOptions(sourceSchema, source, `the definition of ${nameOf(source)}`);
  const { id, action, maxEpisodeSteps, secondsPerStep, stateSize, nonFinite } = checked;
  const { observationSpace, observationScaling } = observationOf(checked);
  if (
    source.observe === undefined &&
    (spaceSize(observationSpace) !== stateSize || observationSpace.dtype === 'uint8')
  ) {
    throw new ArgumentError(`"${id}" has no observe function and a state of ${stateSize} doubles`, {
      value: stateSize,
      expected: `as many observations (there are ${spaceSize(observationSpace)}, ${observationSpace.dtype})`,
    });
  }
  const spec: EnvSpec = {
    id,
    observationSpace,
    actionSpace: actionMap(id, action).space,
    maxEpisodeSteps,
    observationScaling,
    modelHash: identityHash(id, checked.parameters, stateSize, maxEpisodeSteps),
    secondsPerStep,
  };
  return {
    spec,
    ...(source.drawer === undefined ? {} : { drawer: () => source.drawer!() }),
    make(slots, options) {
      checkMakeOptions(id, options);
      const count = checkSlotCount(slots);
      checkMemory(`${count} slots of "${id}"`, count * (8 * stateSize + 4 * spaceSize(observationSpace)));
      const backend = new TableBackend(source, stateSize, spec, actionMap(id, action, count), count);
      return makeVectorEnv(spec, count, backend, nonFinite);
    },
  };
}

const sourceSchema = z.strictObject({
  ...commonSource,
  parameters: z.record(z.string(), z.unknown()),
  stateSize: z.int().min(1),
  action: z.custom<ActionSpace>((value) => isObject(value), { error: 'expected a space' }),
  start: functionSchema,
  step: functionSchema,
  observe: functionSchema.optional(),
  drawer: functionSchema.optional(),
});

class TableBackend<A extends ActionArray> implements EnvBackend {
  readonly observations: ObservationArray;
  readonly parts: readonly SnapshotPart[];
  private readonly state: Float64Array;
  private tables?: { -readonly [K in keyof EnvTables<A>]: EnvTables<A>[K] };

  constructor(
    private readonly source: EnvSource<A>,
    private readonly stateSize: number,
    spec: EnvSpec,
    private readonly actions: ActionMap,
    slots: number,
  ) {
    this.state = new Float64Array(slots * stateSize);
    this.parts = [{ name: 'state', type: 'Float64Array', width: stateSize }];
    const size = slots * spaceSize(spec.observationSpace);
    this.observations = spec.observationSpace.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    const { state, stateSize } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      const [k0, k1] = [keys[2 * i], keys[2 * i + 1]];
      for (let at = slot * stateSize; at < (slot + 1) * stateSize; at++) state[at] = 0;
      this.source.start(state, slot * stateSize, (dimension) => uniform(k0, k1, 0, dimension), [k0, k1]);
      this.observe(slot, slot + 1);
    }
  }

  step(actions: ActionArray, running: Running, rewards: Float64Array, terminated: Uint8Array): number {
    const { runs, elapsed, keys } = running;
    const wanted = this.actions.map(actions, runs) as A;
    const { state, observations } = this;
    this.tables ??= { state, observations, actions: wanted, rewards, terminated, elapsed, keys };
    const { tables } = this;
    tables.actions = wanted;
    tables.rewards = rewards;
    tables.terminated = terminated;
    for (let run = 0; run < runs.length; run += 2) {
      this.source.step(tables, runs[run], runs[run + 1]);
      this.observe(runs[run], runs[run + 1]);
    }
    return 0;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    return { state: saveRows(this.state, this.stateSize, slots) };
  }

  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array): void {
    loadRows(this.state, this.stateSize, parts.state!, rows, slots);
  }

  readState(slot: number): Float64Array {
    const size = this.stateSize;
    return this.state.slice(slot * size, (slot + 1) * size);
  }

  close(): void {}

  private observe(first: number, end: number): void {
    if (this.source.observe !== undefined) {
      this.source.observe(this.state, this.observations, first, end);
      return;
    }
    const size = this.stateSize;
    for (let i = first * size; i < end * size; i++) this.observations[i] = this.state[i];
  }
}
