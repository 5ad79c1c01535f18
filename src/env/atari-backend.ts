import { AtariBatch } from '../native/atari-batch.js';
import { AtariStates } from '../native/atari-states.js';
import type { EnvBackend, RowArray, Running } from './backend.js';
import type { SnapshotPart } from './snapshot-parts.js';
import type { ActionArray, EnvOptions } from './types.js';

/** ALE action code of (horizontal, vertical, fire), each factor counted from its lowest value: index 6 h + 2 v + f. */
export const JOYSTICK = Int32Array.of(9, 17, 4, 12, 7, 15, 5, 13, 0, 1, 2, 10, 8, 16, 3, 11, 6, 14);

/** Frames of a stack of 'mnih' observations. */
const STACK = 4;

/** What decides how a game is played and seen; see `atariDefaults`. */
export interface AtariEnvSettings {
  readonly frameSkip: number;
  readonly repeatActionProbability: number;
  readonly noopSteps: number;
  readonly maxEpisodeSteps: number;
  readonly endOnLifeLoss: boolean;
  readonly observation: string;
}

/** An Atari batch as an environment: joystick axes in, small grey pictures out. */
export class AtariBackend implements EnvBackend {
  readonly observations: Uint8Array;
  readonly parts: readonly SnapshotPart[] = [{ name: 'state', type: 'Uint8Array', width: 'bounded' }];
  private readonly batch: AtariBatch;
  private readonly codes: Int32Array;

  constructor(
    { game, rom }: { game: string; rom?: Uint8Array | undefined },
    private readonly settings: AtariEnvSettings,
    slots: number,
    options: EnvOptions,
  ) {
    const paper = settings.observation === 'paper';
    this.batch = new AtariBatch({
      game,
      ...(rom === undefined ? {} : { rom }),
      slots,
      ...options,
      repeats: settings.frameSkip,
      repeatActionProbability: settings.repeatActionProbability,
      stopOnLifeLoss: settings.endOnLifeLoss,
      preprocess: paper ? { width: 40, height: 52, maxPool: false } : { width: 84, height: 84, maxPool: true },
      outputs: ['ram', paper ? 'frames' : 'picture'],
    });
    this.observations = this.batch.frames ?? new Uint8Array(slots * STACK * 84 * 84);
    this.codes = new Int32Array(slots);
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    const { batch, codes } = this;
    batch.reset({ slots, seeds: Uint32Array.from(slots, (_, i) => keys[2 * i]!) });
    codes.fill(-1);
    for (const slot of slots) codes[slot] = 0;
    for (let i = 0; i < this.settings.noopSteps; i++) {
      batch.step(codes, this.settings.frameSkip);
      // A game that ends meanwhile begins again, as in the Arcade Learning Environment's vector environment.
      const over = slots.filter((slot) => batch.terminated[slot] !== 0);
      if (over.length > 0) batch.reset({ slots: over });
    }
    if (batch.picture !== null) for (const slot of slots) for (let i = 0; i < STACK; i++) this.push(slot);
  }

  step(actions: ActionArray, { ids }: Running, rewards: Float64Array, terminated: Uint8Array): number {
    const { batch, codes } = this;
    const { endOnLifeLoss } = this.settings;
    codes.fill(-1);
    for (let i = 0; i < ids.length; i++) {
      const at = 3 * ids[i]!;
      codes[ids[i]!] = JOYSTICK[6 * actions[at]! + 2 * actions[at + 1]! + actions[at + 2]!]!;
    }
    batch.step(codes, this.settings.frameSkip);
    for (let i = 0; i < ids.length; i++) {
      const slot = ids[i]!;
      rewards[slot] = batch.rewards[slot]!;
      terminated[slot] = batch.terminated[slot]! | (endOnLifeLoss ? batch.lifeLost[slot]! : 0);
      if (batch.picture !== null) this.push(slot);
    }
    return 0;
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    const generator = this.settings.repeatActionProbability > 0;
    const { bytes, offsets } = this.batch.save({ slots, generator });
    return { state: bytes, 'state.offsets': offsets };
  }

  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array, keys: Uint32Array | null): void {
    const states = new AtariStates(parts.state as Uint8Array, parts['state.offsets'] as Uint32Array);
    this.batch.restore(states, { slots, records: rows });
    if (keys !== null)
      this.batch.seed(
        Uint32Array.from(slots, (_, i) => keys[2 * i]!),
        slots,
      );
  }

  /** The 128 bytes of RAM. */
  readState(slot: number): Float64Array {
    return Float64Array.from(this.batch.ram!.subarray(128 * slot, 128 * (slot + 1)));
  }

  close(): void {
    this.batch.close();
  }

  /** Shifts a slot's stack by one picture, oldest first. */
  private push(slot: number): void {
    const { picture, slots } = this.batch;
    const size = this.observations.length / slots / STACK;
    const at = slot * STACK * size;
    this.observations.copyWithin(at, at + size, at + STACK * size);
    this.observations.set(picture!.subarray(slot * size, (slot + 1) * size), at + (STACK - 1) * size);
  }
}
