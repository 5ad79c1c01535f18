import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { uniform } from '../base/random.js';
import { checkSlotCount } from '../native/slots.js';
import { type ActionMap, actionMap } from './action-map.js';
import type { EnvBackend, RowArray, Running } from './backend.js';
import type { EnvSource } from './define-env.js';
import { checkMakeOptions } from './make-options.js';
import { identityHash } from './snapshot.js';
import type { SnapshotPart } from './snapshot-parts.js';
import { commonSource, functionSchema, nameOf, observationOf } from './source-schema.js';
import { spaceSize } from './spaces.js';
import type { ActionArray, ActionSpace, EnvFactory, EnvSpec, ObservationArray } from './types.js';
import { makeVectorEnv } from './vector-env.js';

/** What one step came to. */
export interface StepOutcome {
  readonly reward: number;
  /** Whether a terminal state was reached; default false. */
  readonly terminated?: boolean;
}

/** One simulation of a simulator that has no batches: a physics engine's world, an emulator, a game. */
export interface SlotSimulator {
  /** Begins an episode, whatever was before. `draw(i)` is uniform in (0, 1), independent for each i. */
  start(draw: (dimension: number) => number): void;
  /**
   * One step.
   * @param action [action size], as the definition's `action` says; valid during the call
   * @param draw the step's own noise, as in `start`
   */
  step(action: ActionArray, draw: (dimension: number) => number): StepOutcome;
  /** Writes the present observation. @param out [observation size] */
  observe(out: ObservationArray): void;
  /** All that decides the future, as bytes of any length, which the simulator does not write to again. */
  save(): Uint8Array;
  /** The reverse, into any simulation of the same definition. @param bytes valid during the call */
  load(bytes: Uint8Array): void;
  /** Numbers for traces and for the drawer; default: the observation. */
  readState?(): Float64Array;
  /** Frees what garbage collection does not. */
  close?(): void;
}

/** An environment whose slots are simulations of their own: a definition as `defineEnv` takes it, without its table. */
export interface SimulatorEnvSource extends Omit<EnvSource, 'stateSize' | 'start' | 'step' | 'observe'> {
  /** One simulation; called once for each slot, which keeps it for life. */
  simulator(): SlotSimulator;
}

/**
 * An environment over any simulator that can save and load one simulation. Episode lengths, truncation, frozen slots,
 * snapshots, keys and argument checks come with it. A simulator with batches of its own is better an `EnvBackend`.
 * @throws ArgumentError for a definition that is none
 */
export function defineSimulatorEnv(source: SimulatorEnvSource): EnvFactory {
  const checked = parseOptions(sourceSchema, source, `the definition of ${nameOf(source)}`);
  const { id, action, parameters, maxEpisodeSteps, secondsPerStep, nonFinite } = checked;
  const { observationSpace, observationScaling } = observationOf(checked);
  const spec: EnvSpec = {
    id,
    observationSpace,
    actionSpace: actionMap(id, action).space,
    maxEpisodeSteps,
    observationScaling,
    modelHash: identityHash(id, parameters, maxEpisodeSteps),
    secondsPerStep,
  };
  return {
    spec,
    ...(source.drawer === undefined ? {} : { drawer: () => source.drawer!() }),
    make(slots, options) {
      checkMakeOptions(id, options);
      const count = checkSlotCount(slots);
      const backend = new SimulatorBackend(source, spec, actionMap(id, action, count), count);
      return makeVectorEnv(spec, count, backend, nonFinite);
    },
  };
}

const sourceSchema = z.strictObject({
  ...commonSource,
  parameters: z.record(z.string(), z.unknown()),
  action: z.custom<ActionSpace>((value) => typeof value === 'object' && value !== null, { error: 'expected a space' }),
  simulator: functionSchema,
  drawer: functionSchema.optional(),
});

const METHODS = ['start', 'step', 'observe', 'save', 'load'] as const;

class SimulatorBackend implements EnvBackend {
  readonly observations: ObservationArray;
  readonly parts: readonly SnapshotPart[] = [{ name: 'state', type: 'Uint8Array', width: 'bounded' }];
  private readonly simulators: SlotSimulator[] = [];
  /** Each slot's row of the observations. */
  private readonly rows: ObservationArray[];

  constructor(
    source: SimulatorEnvSource,
    spec: EnvSpec,
    private readonly actions: ActionMap,
    slots: number,
  ) {
    const size = spaceSize(spec.observationSpace);
    const bytes = spec.observationSpace.dtype === 'uint8';
    this.observations = bytes ? new Uint8Array(slots * size) : new Float32Array(slots * size);
    this.rows = Array.from({ length: slots }, (_, i) => this.observations.subarray(i * size, (i + 1) * size));
    try {
      for (let slot = 0; slot < slots; slot++) this.simulators.push(checkSimulator(spec.id, source.simulator()));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    for (let i = 0; i < slots.length; i++) {
      const simulator = this.simulators[slots[i]];
      simulator.start((dimension) => uniform(keys[2 * i], keys[2 * i + 1], 0, dimension));
      simulator.observe(this.rows[slots[i]]);
    }
  }

  step(actions: ActionArray, { ids, runs, elapsed, keys }: Running, rewards: Float64Array, terminated: Uint8Array) {
    const wanted = this.actions.map(actions, runs);
    const size = wanted.length / this.simulators.length;
    for (const slot of ids) {
      const simulator = this.simulators[slot];
      const draw = (i: number) => uniform(keys[2 * slot], keys[2 * slot + 1], elapsed[slot] + 1, i);
      const outcome = simulator.step(wanted.subarray(slot * size, (slot + 1) * size), draw);
      rewards[slot] = outcome.reward;
      terminated[slot] = outcome.terminated === true ? 1 : 0;
      simulator.observe(this.rows[slot]);
    }
    return 0;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    const saved = Array.from(slots, (slot) => checkBytes(this.simulators[slot].save()));
    const offsets = new Uint32Array(slots.length + 1);
    for (let i = 0; i < saved.length; i++) offsets[i + 1] = offsets[i] + saved[i].length;
    const state = new Uint8Array(offsets[slots.length]);
    for (let i = 0; i < saved.length; i++) state.set(saved[i], offsets[i]);
    return { state, 'state.offsets': offsets };
  }

  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array): void {
    const { state, 'state.offsets': offsets } = parts as { state: Uint8Array; 'state.offsets': Uint32Array };
    for (let i = 0; i < slots.length; i++) {
      const row = rows[i];
      this.simulators[slots[i]].load(state.subarray(offsets[row], offsets[row + 1]));
    }
  }

  readState(slot: number): Float64Array {
    return this.simulators[slot].readState?.() ?? Float64Array.from(this.rows[slot]);
  }

  close(): void {
    for (const simulator of this.simulators.splice(0)) simulator.close?.();
  }
}

function checkSimulator(id: string, simulator: SlotSimulator): SlotSimulator {
  const missing = METHODS.filter((name) => typeof simulator?.[name] !== 'function');
  if (missing.length === 0) return simulator;
  throw new ArgumentError(`the simulator of "${id}" has no ${missing.join(', ')}`, {
    value: simulator,
    expected: `an object with the functions ${METHODS.join(', ')}`,
  });
}

function checkBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new ArgumentError('save() of a simulator', { value: bytes, expected: 'a Uint8Array' });
}
