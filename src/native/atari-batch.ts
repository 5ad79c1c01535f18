import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { ArgumentError, ClosedError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { type NativeAtariBatch, type NativeOutputs, openAtariBatch, typed } from './atari-addon.js';
import type { AtariGame } from './atari-games.js';
import { AtariStates } from './atari-states.js';
import { identifyRom, type Rom, readRom, readRomFile } from './rom-library.js';

const INT32 = 2 ** 31;
const outputNames = ['ram', 'screens', 'greys', 'rgb', 'picture', 'frames'] as const;

const schema = z.strictObject({
  /** ALE id; optional where `rom` is a known cartridge. */
  game: z.string().optional(),
  /** A file or the bytes of a cartridge; default: the imported ROM of `game`. */
  rom: z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]).optional(),
  /** Copies of the game stepped together. */
  slots: z
    .number()
    .int()
    .min(1)
    .max(2 ** 24)
    .default(1),
  /** Default: one per core, at most one per slot. */
  threads: z.number().int().min(1).max(1024).optional(),
  /** Chance that a frame repeats the action before it. */
  repeatActionProbability: z.number().min(0).max(1).default(0.25),
  /** Frames an act takes. */
  frameSkip: z.number().int().min(1).max(1e6).default(1),
  /** Frames until an episode is truncated; 0: never. */
  maxFramesPerEpisode: z
    .number()
    .int()
    .min(0)
    .max(INT32 - 1)
    .default(0),
  /** Screens blend each frame with the one before. */
  colourAveraging: z.boolean().default(false),
  /** An episode is truncated when a life is lost. */
  truncateOnLifeLoss: z.boolean().default(false),
  /** Bounds of the reward of one act. */
  rewardMinimum: z
    .number()
    .int()
    .min(-INT32)
    .max(INT32 - 1)
    .default(-INT32),
  rewardMaximum: z
    .number()
    .int()
    .min(-INT32)
    .max(INT32 - 1)
    .default(INT32 - 1),
  /** Default: the game's first mode. */
  mode: z.number().int().optional(),
  difficulty: z.number().int().default(0),
  /** Size of `picture` and `frames`: grey, area-averaged; maxPool: of the maximum of the last two frames. */
  preprocess: z
    .strictObject({
      width: z.number().int().min(1).max(160).default(84),
      height: z.number().int().min(1).max(320).default(84),
      maxPool: z.boolean().default(true),
    })
    .optional(),
  /** Acts of one step() at most, for the size of `frames`. */
  repeats: z.number().int().min(1).max(1000).default(1),
  /** Which large outputs each step fills; the others cost nothing. */
  outputs: z.array(z.enum(outputNames)).default([]),
});

/** See the schema's comments in src/native/atari-batch.ts and docs/atari.md. */
export type AtariBatchOptions = z.input<typeof schema>;
export type AtariOutput = (typeof outputNames)[number];
type Slots = Int32Array | readonly number[];

/** A console with two screens in native memory, about. */
const SLOT_BYTES = 90 * 1024;

/**
 * N copies of one Atari game, stepped together on a few threads, bit for bit as ale-py 0.12.1 plays it. The typed arrays
 * are the same objects for the batch's whole life and hold the present values until the next call; row s is slot s.
 * Results do not depend on the number of slots or threads.
 */
export class AtariBatch {
  readonly game: AtariGame;
  readonly slots: number;
  /** Of the cartridge. */
  readonly md5: string;
  /** Bank switching: 2K, 4K, F8, … */
  readonly mapper: string;
  readonly format: 'NTSC' | 'PAL';
  readonly screenHeight: number;
  readonly screenWidth: number;
  /** [256], 0xRRGGBB of each palette index. */
  readonly palette: Uint32Array;
  /** [256], grey level of each palette index. */
  readonly greyPalette: Uint8Array;
  /** [N], reward of the last step. */
  readonly rewards: Int32Array;
  readonly lives: Int32Array;
  /** [N], 1 where the game is over. */
  readonly terminated: Uint8Array;
  /** [N], 1 where the episode was cut by its length or a lost life. */
  readonly truncated: Uint8Array;
  /** [N], frames since the ROM was loaded; since the episode began. */
  readonly frameNumbers: Int32Array;
  readonly episodeFrameNumbers: Int32Array;
  /** [N × 128]. This and what follows are null unless asked for in `outputs`. */
  readonly ram: Uint8Array | null;
  /** [N × H × 160], palette indices. */
  readonly screens: Uint8Array | null;
  /** [N × H × 160]. */
  readonly greys: Uint8Array | null;
  /** [N × H × 160 × 3]. */
  readonly rgb: Uint8Array | null;
  /** [N × h × w], preprocessed. */
  readonly picture: Uint8Array | null;
  /** [N × repeats × h × w], each frame of a step, preprocessed, oldest first. */
  readonly frames: Uint8Array | null;

  readonly #native: NativeAtariBatch;
  readonly #outputs: NativeOutputs;
  readonly #mostRepeats: number;
  readonly #all: Int32Array;
  #closed = false;

  /**
   * Loads the ROM into every slot with seed 0 and resets it.
   * @throws RomError, NotFoundError, ArgumentError
   */
  constructor(options: AtariBatchOptions) {
    const given = parseOptions(schema, options, 'AtariBatch options');
    const rom = resolveRom(given.rom, given.game);
    this.game = rom.game;
    const mode = given.mode ?? rom.game.modes[0]!;
    checkListed('mode', mode, rom.game.modes, rom.game);
    // Every game starts at difficulty 0, listed or not (backgammon lists only 3).
    if (given.difficulty !== 0) checkListed('difficulty', given.difficulty, rom.game.difficulties, rom.game);
    const wants = (name: AtariOutput) => given.outputs.includes(name);
    const preprocess = given.preprocess ?? (wants('picture') || wants('frames') ? DEFAULT_PREPROCESS : null);
    const slots = given.slots;
    checkMemory(
      `a batch of ${slots} games`,
      slots * (SLOT_BYTES + outputBytes(given.outputs, preprocess, given.repeats)),
    );
    this.#native = openAtariBatch({
      ...given,
      rom: rom.bytes,
      game: rom.game.id,
      threads: given.threads ?? Math.min(slots, availableParallelism()),
      mode,
      preprocess,
      frames: wants('frames') ? given.repeats : 0,
    });
    const native = this.#native;
    this.slots = slots;
    this.md5 = native.md5;
    this.mapper = native.mapper;
    this.format = native.format;
    this.screenHeight = native.screenHeight;
    this.screenWidth = native.screenWidth;
    this.palette = native.palette;
    this.greyPalette = native.greyPalette;
    this.rewards = new Int32Array(slots);
    this.lives = new Int32Array(slots);
    this.terminated = new Uint8Array(slots);
    this.truncated = new Uint8Array(slots);
    this.frameNumbers = new Int32Array(slots);
    this.episodeFrameNumbers = new Int32Array(slots);
    const pixels = slots * native.screenHeight * native.screenWidth;
    const small = preprocess === null ? 0 : slots * preprocess.width * preprocess.height;
    const array = (name: AtariOutput, length: number) => (wants(name) ? new Uint8Array(length) : null);
    this.ram = array('ram', slots * 128);
    this.screens = array('screens', pixels);
    this.greys = array('greys', pixels);
    this.rgb = array('rgb', pixels * 3);
    this.picture = array('picture', small);
    this.frames = array('frames', small * given.repeats);
    this.#mostRepeats = given.repeats;
    this.#all = Int32Array.from({ length: slots }, (_, slot) => slot);
    this.#outputs = { repeats: 1 };
    for (const name of [
      'rewards',
      'lives',
      'terminated',
      'truncated',
      'frameNumbers',
      'episodeFrameNumbers',
    ] as const) {
      Object.assign(this.#outputs, { [name]: this[name] });
    }
    for (const name of outputNames) if (this[name] !== null) Object.assign(this.#outputs, { [name]: this[name] });
    this.reset();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Starts new episodes.
   * @param options.slots default all
   * @param options.seeds one for each slot: the ROM is loaded anew with it, as Gymnasium's reset(seed) does; default: a
   *   new episode on the running console
   * @param options.mode, options.difficulty new ones for these slots; default: as they are
   */
  reset(options: { slots?: Slots; seeds?: ArrayLike<number>; mode?: number; difficulty?: number } = {}): void {
    this.#open();
    const slots = this.#slots(options.slots);
    if (options.mode !== undefined) checkListed('mode', options.mode, this.game.modes, this.game);
    if (options.difficulty !== undefined && options.difficulty !== 0) {
      checkListed('difficulty', options.difficulty, this.game.difficulties, this.game);
    }
    const seeds = options.seeds === undefined ? null : checkSeeds(options.seeds, slots.length);
    typed(() => this.#native.reset(slots, seeds, options.mode, options.difficulty));
    this.#observe(slots);
  }

  /** Loads the ROM anew with these seeds and leaves the console as loading leaves it (it contains one reset). */
  load(seeds: ArrayLike<number>, slots?: Slots): void {
    this.#open();
    const chosen = this.#slots(slots);
    const words = checkSeeds(seeds, chosen.length);
    typed(() => this.#native.load(chosen, words));
    this.#observe(chosen);
  }

  /** New sticky-action generators, and nothing else, for these slots. */
  seed(seeds: ArrayLike<number>, slots?: Slots): void {
    this.#open();
    const chosen = this.#slots(slots);
    const words = checkSeeds(seeds, chosen.length);
    typed(() => this.#native.seed(chosen, words));
  }

  /**
   * One step of every slot: `repeats` acts of the same action, rewards summed. Acting after the end changes nothing.
   * @param actions [N], codes 0 … 17, or -1 to leave a slot as it is
   */
  step(actions: ArrayLike<number>, repeats = 1): void {
    this.#open();
    if (actions.length !== this.slots) {
      throw new ArgumentError(`step was given ${actions.length} actions`, {
        value: actions.length,
        expected: `${this.slots}`,
      });
    }
    if (!Number.isInteger(repeats) || repeats < 1 || (this.frames !== null && repeats > this.#mostRepeats)) {
      throw new ArgumentError(`repeats is ${repeats}`, {
        value: repeats,
        expected: this.frames === null ? 'an integer from 1' : `1 … ${this.#mostRepeats}, the option "repeats"`,
      });
    }
    const codes = actions instanceof Int32Array ? actions : Int32Array.from(actions);
    for (let slot = 0; slot < codes.length; slot++) {
      if (!(codes[slot]! >= -1 && codes[slot]! <= 17 && codes[slot] === actions[slot])) {
        throw new ArgumentError(`action of slot ${slot} is ${actions[slot]}`, {
          value: actions[slot],
          expected: 'an action code 0 … 17, or -1 for none',
        });
      }
    }
    this.#outputs.repeats = repeats;
    typed(() => this.#native.step(codes, this.#outputs));
  }

  /**
   * Saves slots: everything that decides their future and what they show. Any number of restores, into any slot of any
   * batch of the same ROM and options.
   * @param options.slots default all
   * @param options.generator include the sticky-action generator (ALE's include_rng); default true
   * @param options.into states of as many slots that may be overwritten: their memory is used again if it is enough
   */
  save(options: { slots?: Slots; generator?: boolean; into?: AtariStates } = {}): AtariStates {
    this.#open();
    const slots = this.#slots(options.slots);
    const { generator = true, into } = options;
    return typed(() => {
      if (into !== undefined && into.count === slots.length) {
        if (this.#native.save(slots, generator, into.bytes, into.offsets) >= 0) return into;
      }
      const length = this.#native.stateSizes(slots, generator).reduce((sum, size) => sum + size, 0);
      const bytes = new Uint8Array(length);
      const offsets = new Uint32Array(slots.length + 1);
      this.#native.save(slots, generator, bytes, offsets);
      return new AtariStates(bytes, offsets);
    });
  }

  /**
   * Puts saved slots back: record records[i] into slot slots[i]. Nothing changes if any record is refused.
   * @param options.slots default 0 … count - 1
   * @param options.records default 0, 1, … in order
   * @throws SnapshotError for records of another ROM, version, or damaged ones
   */
  restore(states: AtariStates, options: { slots?: Slots; records?: Slots } = {}): void {
    this.#open();
    const slots = options.slots === undefined ? this.#slots(range(states.count)) : this.#slots(options.slots);
    const records = Int32Array.from(options.records ?? range(slots.length));
    if (records.length !== slots.length) {
      throw new ArgumentError(`restore was given ${records.length} records for ${slots.length} slots`, {
        expected: 'one record for each slot',
      });
    }
    for (const record of records) {
      if (!(record >= 0 && record < states.count)) {
        throw new ArgumentError(`record ${record} of ${states.count}`, {
          value: record,
          expected: `0 … ${states.count - 1}`,
        });
      }
    }
    typed(() => this.#native.restore(states.bytes, states.offsets, records, slots));
    this.#observe(slots);
  }

  /** Writes one byte of RAM. @param address 0 … 127 */
  setRam(slot: number, address: number, value: number): void {
    this.#open();
    this.#slots([slot]);
    checkInteger('address', address, 127);
    checkInteger('value', value, 255);
    typed(() => this.#native.setRam(slot, address, value));
  }

  /** Frees the native memory. Every later call throws ClosedError; the arrays stay readable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
  }

  #observe(slots: Int32Array): void {
    typed(() => this.#native.observe(slots, this.#outputs));
  }

  #open(): void {
    if (this.#closed) throw new ClosedError('the Atari batch');
  }

  #slots(slots: Slots | undefined): Int32Array {
    if (slots === undefined) return this.#all;
    const seen = new Uint8Array(this.slots);
    for (const slot of slots) {
      if (!(Number.isInteger(slot) && slot >= 0 && slot < this.slots)) {
        throw new ArgumentError(`slot ${slot} of ${this.slots}`, { value: slot, expected: `0 … ${this.slots - 1}` });
      }
      if (seen[slot])
        throw new ArgumentError(`slot ${slot} is named twice`, { value: slot, expected: 'each slot once' });
      seen[slot] = 1;
    }
    return slots instanceof Int32Array ? slots : Int32Array.from(slots);
  }
}

const DEFAULT_PREPROCESS = { width: 84, height: 84, maxPool: true };

/** Of one slot. */
function outputBytes(
  outputs: readonly AtariOutput[],
  preprocess: { width: number; height: number } | null,
  repeats: number,
): number {
  const screen = 160 * 210;
  const picture = preprocess === null ? 0 : preprocess.width * preprocess.height;
  const bytes = { ram: 128, screens: screen, greys: screen, rgb: 3 * screen, picture, frames: picture * repeats };
  return outputs.reduce((sum, name) => sum + bytes[name], 0);
}

function resolveRom(rom: string | Uint8Array | undefined, game: string | undefined): Rom {
  if (typeof rom === 'string') return readRomFile(rom, game);
  if (rom !== undefined) return identifyRom(rom, game);
  if (game === undefined)
    throw new ArgumentError('AtariBatch needs a game', { expected: 'options.game or options.rom' });
  return readRom(game);
}

function checkListed(what: string, value: number, listed: readonly number[], game: AtariGame): void {
  if (listed.includes(value)) return;
  throw new ArgumentError(`${game.id} has no ${what} ${value}`, { value, expected: `one of ${listed.join(', ')}` });
}

function checkSeeds(seeds: ArrayLike<number>, count: number): Uint32Array {
  if (seeds.length !== count) {
    throw new ArgumentError(`${seeds.length} seeds for ${count} slots`, { value: seeds.length, expected: 'one each' });
  }
  for (let i = 0; i < count; i++) checkInteger('seed', seeds[i]!, 2 ** 32 - 1);
  return Uint32Array.from(seeds);
}

function checkInteger(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new ArgumentError(`${what} is ${value}`, { value, expected: `an integer 0 … ${most}` });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
