import { uniform } from '../base/random.js';
import { AtariBatch } from '../native/atari-batch.js';
import type { AtariGame } from '../native/atari-games.js';
import { AtariStates } from '../native/atari-states.js';
import type { AtariActions } from './atari-actions.js';
import type { AtariEnvSettings } from './atari-settings.js';
import type { EnvBackend, RowArray, Running } from './backend.js';
import type { SnapshotPart } from './snapshot-parts.js';
import type { ActionArray, EnvInfo, EnvOptions } from './types.js';

/** Dimensions of a key's draws. */
const DRAWN_FRAMES = 0;
const DRAWN_NOOPS = 1;

/** An Atari batch as an environment: joystick axes in, small grey pictures out; or as the settings say. */
export class AtariBackend implements EnvBackend {
  readonly observations: Uint8Array;
  readonly parts: readonly SnapshotPart[] = [{ name: 'state', type: 'Uint8Array', width: 'bounded' }];
  readonly info: EnvInfo;
  private readonly batch: AtariBatch;
  private readonly codes: Int32Array;
  private readonly strengths: Float32Array;
  /** Frames of each slot's step, where they are drawn. */
  private readonly frames: Int32Array | null;
  private readonly fires: boolean;

  constructor(
    { game, rom }: { game: AtariGame; rom?: Uint8Array | undefined },
    private readonly settings: AtariEnvSettings,
    private readonly actions: AtariActions,
    slots: number,
    options: EnvOptions,
  ) {
    const { observation, pictureWidth: width, pictureHeight: height, colour, maxPool } = settings;
    const outputs = { paper: 'frames', mnih: 'picture', rgb: 'rgb', grey: 'greys', ram: 'ram' } as const;
    const wanted = outputs[observation as keyof typeof outputs];
    this.batch = new AtariBatch({
      game: game.id,
      ...(rom === undefined ? {} : { rom }),
      slots,
      ...options,
      acts: settings.frameSkip,
      repeatActionProbability: settings.repeatActionProbability,
      endOnLifeLoss: settings.endOnLifeLoss,
      maxFramesPerEpisode: settings.maxFramesPerEpisode,
      ...(settings.mode === -1 ? {} : { mode: settings.mode }),
      difficulty: settings.difficulty,
      preprocess:
        observation === 'paper' ? { width: 40, height: 52, maxPool: false } : { width, height, maxPool, colour },
      outputs: wanted === 'ram' ? ['ram'] : ['ram', wanted],
    });
    const { picture } = this.batch;
    this.observations = picture === null ? this.batch[wanted]! : new Uint8Array(settings.stack * picture.length);
    const { lives, frameNumbers, episodeFrameNumbers } = this.batch;
    this.info = { lives, frameNumbers, episodeFrameNumbers };
    this.codes = new Int32Array(slots);
    this.strengths = new Float32Array(slots);
    this.frames = settings.frameSkipMaximum > settings.frameSkip ? new Int32Array(slots).fill(1) : null;
    this.fires = settings.fireReset && game.minimalActions.includes(FIRE);
  }

  start(slots: Int32Array, keys: Uint32Array): void {
    const { batch, settings } = this;
    batch.reset({ slots, seeds: Uint32Array.from(slots, (_, i) => keys[2 * i]!) });
    if (this.fires) this.idle(slots, FIRE, 1);
    for (let i = 0; i < settings.noopSteps; i++) this.idle(slots, NOOP, settings.frameSkip);
    const { noopMax } = settings;
    if (noopMax > 0) {
      const left = Int32Array.from(
        slots,
        (_, i) => 1 + Math.floor(uniform(keys[2 * i]!, keys[2 * i + 1]!, 0, DRAWN_NOOPS) * noopMax),
      );
      for (let i = 0; i < noopMax; i++) {
        this.idle(
          slots.filter((_, at) => i < left[at]!),
          NOOP,
          1,
        );
      }
    }
    if (batch.picture === null) return;
    // Whatever was done to begin, the first picture shows the present screen alone.
    batch.restartPictures({ slots });
    const size = settings.stack * (batch.picture.length / batch.slots);
    for (const slot of slots) {
      if (settings.blackStart) this.observations.fill(0, slot * size, (slot + 1) * size);
      for (let i = settings.blackStart ? settings.stack - 1 : 0; i < settings.stack; i++) this.push(slot);
    }
  }

  /** The same action in these slots. A game that ends meanwhile begins again, as in ale-py's vector environment. */
  private idle(slots: Int32Array, action: number, frames: number): void {
    if (slots.length === 0) return;
    const { batch, codes } = this;
    codes.fill(-1);
    for (const slot of slots) codes[slot] = action;
    batch.step(codes, { acts: frames });
    const { terminated, truncated, lifeLost } = batch;
    const over = slots.filter((slot) => truncated[slot] !== 0 || (terminated[slot] !== 0 && lifeLost[slot] === 0));
    if (over.length > 0) batch.reset({ slots: over });
  }

  step(
    actions: ActionArray,
    running: Running,
    rewards: Float64Array,
    terminated: Uint8Array,
    truncated: Uint8Array,
  ): number {
    const { batch, codes, strengths, frames } = this;
    const { ids } = running;
    const { clipRewards } = this.settings;
    codes.fill(-1);
    for (let i = 0; i < ids.length; i++) this.actions.read(actions, ids[i]!, codes, strengths);
    if (frames !== null) this.drawFrames(running, frames);
    batch.step(codes, { acts: frames ?? this.settings.frameSkip, ...(this.actions.continuous ? { strengths } : {}) });
    for (let i = 0; i < ids.length; i++) {
      const slot = ids[i]!;
      const reward = batch.rewards[slot]!;
      rewards[slot] = clipRewards ? Math.sign(reward) : reward;
      terminated[slot] = batch.terminated[slot]!;
      truncated[slot] = batch.truncated[slot]!;
      if (batch.picture !== null) this.push(slot);
    }
    return 0;
  }

  private drawFrames({ ids, keys, elapsed }: Running, frames: Int32Array): void {
    const { frameSkip, frameSkipMaximum } = this.settings;
    for (const slot of ids) {
      const drawn = uniform(keys[2 * slot]!, keys[2 * slot + 1]!, elapsed[slot]!, DRAWN_FRAMES);
      frames[slot] = frameSkip + Math.floor(drawn * (frameSkipMaximum - frameSkip + 1));
    }
  }

  save(slots: Int32Array): Record<string, ArrayBufferView> {
    const generator = this.settings.repeatActionProbability > 0;
    const { bytes, offsets } = this.batch.save({ slots, generator });
    return { state: bytes, 'state.offsets': offsets };
  }

  load(parts: Readonly<Record<string, RowArray>>, rows: Int32Array, slots: Int32Array, keys: Uint32Array | null): void {
    const states = new AtariStates(parts.state as Uint8Array, parts['state.offsets'] as Uint32Array);
    this.batch.restore(states, { slots, rows });
    if (keys !== null)
      this.batch.seed(
        Uint32Array.from(slots, (_, i) => keys[2 * i]!),
        { slots },
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
    const { stack } = this.settings;
    const size = picture!.length / slots;
    const at = slot * stack * size;
    this.observations.copyWithin(at, at + size, at + stack * size);
    this.observations.set(picture!.subarray(slot * size, (slot + 1) * size), at + (stack - 1) * size);
  }
}

const NOOP = 0;
const FIRE = 1;
