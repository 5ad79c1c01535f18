import { availableParallelism } from 'node:os';
import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError, ClosedError, RomError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { readOptions } from '../base/options.js';
import { encodePng } from '../base/png.js';
import { checkArray } from './arrays.js';
import { type NativeAtariBatch, type NativeOutputs, openAtariBatch, typed } from './atari-addon.js';
import {
  checkInteger,
  checkListed,
  checkStrength,
  copyBytes,
  copyEach,
  copyIntegers,
  copySeeds,
  copySlots,
  readLength,
} from './atari-arguments.js';
import type { AtariGame } from './atari-games.js';
import { type AtariBatchOptions, type AtariOutput, outputNames, parseAtariOptions } from './atari-options.js';
import { AtariStates } from './atari-states.js';
import { identifyRom, type Rom, readRom, readRomFile } from './rom-library.js';

export type { AtariBatchOptions, AtariOutput } from './atari-options.js';

type Slots = Int32Array | readonly number[];

const smallOutputs = [
  'rewards',
  'lives',
  'terminated',
  'truncated',
  'lifeLost',
  'modes',
  'difficulties',
  'frameNumbers',
  'episodeFrameNumbers',
] as const;

/** A console with two screens in native memory, about. */
const SLOT_BYTES = 100 * 1024;
/** Samples of sound of an act. */
const AUDIO_SAMPLES = 512;
/** Acts of one step, where no `frames` bound them. */
const MOST_REPEATS = 1_000_000;
/** Seeds that are tried when a batch is made, see the constructor. */
const START_SEEDS = 16;

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
  /** [N], 1 where the last step left fewer lives than it found, but some. */
  readonly lifeLost: Uint8Array;
  /** [N], what `setMode` and `setDifficulty` set last: a mode is that of the next reset, a difficulty that of the next frame. */
  readonly modes: Int32Array;
  readonly difficulties: Int32Array;
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
  /** [N × h × w], preprocessed; [N × stack × h × w × 3] where there are stacks and colours. */
  readonly picture: Uint8Array | null;
  /**
   * [N × repeats × h × w] with the option `repeats`: each frame of a step, preprocessed, oldest first. Where a step had
   * fewer acts its last frame fills the rest, and after anything but a step all are the present screen.
   */
  readonly frames: Uint8Array | null;
  /**
   * [N × 512], the sound of the last act, unsigned bytes, silence is 128 (0 before the first act): what ale-py's getAudio
   * gives. An act makes 512 samples however many frames it has.
   */
  readonly audio: Uint8Array | null;

  readonly #native: NativeAtariBatch;
  readonly #outputs: NativeOutputs;
  readonly #mostRepeats: number;
  readonly #arrays: (Int32Array | Uint8Array)[] = [];
  readonly #all: Int32Array;
  readonly #codes: Int32Array;
  #closed = false;

  /**
   * Loads the ROM into every slot with seed 0 and resets it. (A few modes are sought by acts, which sticky actions
   * disturb: where that fails, with the first seed of 0 … 15 that succeeds.)
   * @throws RomError, NotFoundError, ArgumentError, MemoryError
   */
  constructor(options: AtariBatchOptions) {
    const given = parseAtariOptions(options);
    const rom = resolveRom(given.rom, given.game);
    this.game = rom.game;
    const mode = checkListed('mode', given.mode ?? rom.game.modes[0]!, rom.game);
    checkListed('difficulty', given.difficulty, rom.game);
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
      audio: wants('audio'),
      pixels: given.outputs.some((name) => name !== 'ram' && name !== 'audio'),
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
    this.lifeLost = new Uint8Array(slots);
    this.modes = new Int32Array(slots);
    this.difficulties = new Int32Array(slots);
    this.frameNumbers = new Int32Array(slots);
    this.episodeFrameNumbers = new Int32Array(slots);
    const pixels = slots * native.screenHeight * native.screenWidth;
    const small = preprocess === null ? 0 : slots * pictureBytes(preprocess);
    const array = (name: AtariOutput, length: number) => (wants(name) ? new Uint8Array(length) : null);
    this.ram = array('ram', slots * 128);
    this.screens = array('screens', pixels);
    this.greys = array('greys', pixels);
    this.rgb = array('rgb', pixels * 3);
    this.picture = array('picture', small * (preprocess?.stack ?? 1));
    this.frames = array('frames', small * given.repeats);
    this.audio = array('audio', slots * AUDIO_SAMPLES);
    this.#mostRepeats = wants('frames') ? given.repeats : MOST_REPEATS;
    this.#all = Int32Array.from({ length: slots }, (_, slot) => slot);
    this.#codes = new Int32Array(slots);
    const outputs = Object.create(null) as NativeOutputs;
    for (const name of [...smallOutputs, ...outputNames]) {
      const array = this[name];
      if (array === null) continue;
      this.#arrays.push(array);
      Object.assign(outputs, { [name]: array });
    }
    this.#outputs = Object.assign(outputs, { repeats: 1, frameRows: given.repeats });
    try {
      this.#start();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Starts new episodes.
   * @param options.slots default all
   * @param options.seeds one for each slot: the ROM is loaded anew with it, as Gymnasium's reset(seed) does; default: a
   *   new episode on the running console
   * @param options.mode, options.difficulty new ones for these slots, which then keep them; default: each slot's own
   * @throws RomError where the mode is not reached; these slots then have to be reset once more
   */
  reset(options: { slots?: Slots; seeds?: ArrayLike<number>; mode?: number; difficulty?: number } = {}): void {
    this.#open();
    const given = readOptions(options, ['slots', 'seeds', 'mode', 'difficulty'], 'reset options');
    const slots = this.#slots(given.slots);
    const mode = given.mode === undefined ? undefined : checkListed('mode', given.mode, this.game);
    const difficulty =
      given.difficulty === undefined ? undefined : checkListed('difficulty', given.difficulty, this.game);
    const seeds = given.seeds === undefined ? null : copySeeds(given.seeds, slots.length);
    typed(() => this.#native.reset(slots, seeds, mode, difficulty));
    this.#observe(slots);
  }

  /** Loads the ROM anew with these seeds and leaves the console as loading leaves it (it contains one reset). */
  load(seeds: ArrayLike<number>, slots?: Slots): void {
    this.#open();
    const chosen = this.#slots(slots);
    const words = copySeeds(seeds, chosen.length);
    typed(() => this.#native.load(chosen, words));
    this.#observe(chosen);
  }

  /** New sticky-action generators, and nothing else, for these slots. */
  seed(seeds: ArrayLike<number>, slots?: Slots): void {
    this.#open();
    const chosen = this.#slots(slots);
    const words = copySeeds(seeds, chosen.length);
    typed(() => this.#native.seed(chosen, words));
  }

  /** The mode of these slots' next resets. @throws ArgumentError for a mode that the game does not have */
  setMode(mode: number, slots?: Slots): void {
    this.#set(slots, checkListed('mode', mode, this.game), undefined);
  }

  /** The difficulty switches of these slots from their next frame on. @throws ArgumentError for one it does not have */
  setDifficulty(difficulty: number, slots?: Slots): void {
    this.#set(slots, undefined, checkListed('difficulty', difficulty, this.game));
  }

  #set(slots: Slots | undefined, mode: number | undefined, difficulty: number | undefined): void {
    this.#open();
    const chosen = this.#slots(slots);
    typed(() => this.#native.set(chosen, mode, difficulty));
    for (const slot of chosen) {
      if (mode !== undefined) this.modes[slot] = mode;
      if (difficulty !== undefined) this.difficulties[slot] = difficulty;
    }
  }

  /**
   * One step of every slot: `repeats` acts of the same action, rewards summed. Acting after the end changes nothing.
   * @param actions [N], codes 0 … 17, or -1 to leave a slot as it is
   * @param repeats 1 … 1,000,000; with the output `frames` at most the option `repeats`; one number, or one for each slot
   * @param strengths [N], 0 … 1, how far an action turns a paddle: ale-py's `paddle_strength`; default 1
   */
  step(actions: ArrayLike<number>, repeats: number | ArrayLike<number> = 1, strengths?: ArrayLike<number>): void {
    this.#open();
    const most = this.#mostRepeats;
    const each =
      typeof repeats === 'object'
        ? copyEach('repeats', repeats, this.slots, (value) => checkInteger('repeats', value, 1, most), Int32Array)
        : undefined;
    const acts = each === undefined ? checkInteger('repeats', repeats, 1, most) : 1;
    const turns =
      strengths === undefined ? undefined : copyEach('strengths', strengths, this.slots, checkStrength, Float32Array);
    const codes = this.#readActions(actions);
    this.#checkOutputs();
    this.#outputs.repeats = acts;
    this.#outputs.repeatsEach = each;
    this.#outputs.strengths = turns;
    typed(() => this.#native.step(codes, this.#outputs));
  }

  /**
   * A slot's screen as a PNG file, 320 wide (each pixel twice, as ale-py's saveScreenPNG draws them) and screenHeight
   * high. Needs the output `screens` or `rgb`.
   */
  png(slot: number): Uint8Array {
    this.#open();
    const index = checkInteger('slot', slot, 0, this.slots - 1);
    const { screens, rgb, palette, screenHeight, screenWidth } = this;
    const pixels = screenHeight * screenWidth;
    if (screens === null && rgb === null) {
      throw new ArgumentError('png() of a batch that keeps no screens', { expected: '"screens" or "rgb" in outputs' });
    }
    const wide = new Uint8Array(6 * pixels);
    for (let i = 0; i < pixels; i++) {
      const at = index * pixels + i;
      const colour = screens === null ? 0 : palette[screens[at]!]!;
      for (let c = 0; c < 3; c++) {
        const value = screens === null ? rgb![3 * at + c]! : (colour >> (16 - 8 * c)) & 255;
        wide[6 * i + c] = value;
        wide[6 * i + 3 + c] = value;
      }
    }
    return encodePng(2 * screenWidth, screenHeight, wide);
  }

  /**
   * Saves slots: everything that decides their future and what they show. Any number of restores, into any slot of any
   * batch of the same ROM and options.
   * @param options.slots default all
   * @param options.generator include the sticky-action generator (ALE's include_rng); default true
   * @param options.into states that may be overwritten: their memory is used again, and they are what is returned, if they
   *   are of as many slots and have room; else they stay as they are, and what is returned is new
   */
  save(options: { slots?: Slots; generator?: boolean; into?: AtariStates } = {}): AtariStates {
    this.#open();
    const given = readOptions(options, ['slots', 'generator', 'into'], 'save options');
    const slots = this.#slots(given.slots);
    const generator = given.generator ?? true;
    if (typeof generator !== 'boolean') {
      throw new ArgumentError(`generator is ${describeValue(generator)}`, {
        value: generator,
        expected: 'true or false',
      });
    }
    const into = given.into === undefined ? undefined : checkStates('into', given.into);
    return typed(() => {
      let { bytes, offsets } = into ?? { bytes: new Uint8Array(0), offsets: new Uint32Array(slots.length + 1) };
      let fits = typedArrayLength(offsets) === slots.length + 1;
      if (!fits) offsets = new Uint32Array(slots.length + 1);
      const needed = this.#native.save(slots, generator, fits ? bytes : new Uint8Array(0), offsets);
      fits &&= needed <= typedArrayLength(bytes);
      if (fits) return into === undefined ? new AtariStates(bytes, offsets) : (given.into as AtariStates);
      if (needed >= 2 ** 32) {
        throw new ArgumentError(`states of ${needed} bytes`, {
          value: needed,
          expected: 'less than 4 GiB',
          hint: 'Save fewer slots at a time',
        });
      }
      bytes = new Uint8Array(needed);
      offsets = new Uint32Array(slots.length + 1);
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
    const given = readOptions(options, ['slots', 'records'], 'restore options');
    const { bytes, offsets } = checkStates('states', states);
    const count = typedArrayLength(offsets) - 1;
    const slots = this.#slots(given.slots ?? range(count));
    const records = copyIntegers(
      'records',
      given.records ?? range(slots.length),
      0,
      count - 1,
      (value) =>
        new ArgumentError(`record ${describeValue(value)} of ${count}`, { value, expected: `0 … ${count - 1}` }),
    );
    if (records.length !== slots.length) {
      throw new ArgumentError(`restore was given ${records.length} records for ${slots.length} slots`, {
        expected: 'one record for each slot',
      });
    }
    typed(() => this.#native.restore(bytes, offsets, records, slots));
    this.#observe(slots);
  }

  /** Writes one byte of RAM; `ram` shows it at once, lives and flags see it at the next frame. @param address 0 … 127 */
  setRam(slot: number, address: number, value: number): void {
    this.#open();
    const index = checkInteger('slot', slot, 0, this.slots - 1);
    const where = checkInteger('address', address, 0, 127);
    const byte = checkInteger('value', value, 0, 255);
    typed(() => this.#native.setRam(index, where, byte));
    if (this.ram !== null) this.ram[128 * index + where] = byte;
  }

  /** Frees the native memory. Every later call throws ClosedError; the arrays stay readable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
  }

  /** The first episodes: the seed is sought in one slot, and all others are like it. */
  #start(): void {
    for (let seed = 0; ; seed++) {
      try {
        typed(() => this.#native.reset(this.#all.subarray(0, 1), Uint32Array.of(seed)));
        const rest = this.#all.subarray(1);
        typed(() => this.#native.reset(rest, new Uint32Array(rest.length).fill(seed)));
        this.#observe(this.#all);
        return;
      } catch (error) {
        if (!(error instanceof RomError) || seed + 1 === START_SEEDS) throw error;
      }
    }
  }

  #observe(slots: Int32Array): void {
    this.#checkOutputs();
    typed(() => this.#native.observe(slots, this.#outputs));
  }

  #open(): void {
    if (this.#closed) throw new ClosedError('the Atari batch');
  }

  /** The arrays are the caller's to read; one that was transferred to another thread cannot be written any more. */
  #checkOutputs(): void {
    for (const array of this.#arrays) {
      if (array.length === 0) {
        throw new ArgumentError('an array of this batch was transferred away', {
          hint: 'Transfer a copy: its slice()',
        });
      }
    }
  }

  #readActions(actions: ArrayLike<number>): Int32Array {
    const { slots } = this;
    const length = readLength('actions', actions);
    if (length !== slots) {
      throw new ArgumentError(`step was given ${length} actions`, { value: length, expected: `${slots}` });
    }
    const complain = (value: unknown, slot: number) =>
      new ArgumentError(`action of slot ${slot} is ${describeValue(value)}`, {
        value,
        expected: 'an action code 0 … 17, or -1 for none',
      });
    if (typedArrayType(actions) !== 'Int32Array') return copyIntegers('actions', actions, -1, 17, complain);
    const codes = this.#codes;
    codes.set(actions);
    for (let slot = 0; slot < slots; slot++) {
      const code = codes[slot]!;
      if (code < -1 || code > 17) throw complain(code, slot);
    }
    return codes;
  }

  #slots(slots: unknown): Int32Array {
    return slots === undefined ? this.#all : copySlots(slots, this.slots);
  }
}

const DEFAULT_PREPROCESS = { width: 84, height: 84, maxPool: true, colour: false, stack: 1 };
type Preprocess = typeof DEFAULT_PREPROCESS;

/** Of one picture. */
function pictureBytes({ width, height, colour }: Preprocess): number {
  return width * height * (colour ? 3 : 1);
}

/** Of one slot. */
function outputBytes(outputs: readonly AtariOutput[], preprocess: Preprocess | null, repeats: number): number {
  const screen = 160 * 210;
  const small = preprocess === null ? 0 : pictureBytes(preprocess);
  const stack = preprocess?.stack ?? 1;
  // A stack is kept natively, too.
  const picture = small * (stack > 1 ? 2 * stack : 1);
  const bytes = {
    ram: 128,
    screens: screen,
    greys: screen,
    rgb: 3 * screen,
    picture,
    frames: small * repeats,
    audio: AUDIO_SAMPLES,
  };
  return outputs.reduce((sum, name) => sum + bytes[name], 0);
}

function resolveRom(rom: string | Uint8Array | undefined, game: string | undefined): Rom {
  if (typeof rom === 'string') return readRomFile(rom, game);
  if (rom !== undefined) return identifyRom(copyBytes('rom', rom), game);
  if (game === undefined)
    throw new ArgumentError('AtariBatch needs a game', { expected: 'options.game or options.rom' });
  return readRom(game);
}

/** What a call uses of states, read once. */
function checkStates(what: string, states: unknown): { bytes: Uint8Array; offsets: Uint32Array } {
  if (!(states instanceof AtariStates)) {
    throw new ArgumentError(`${what} is no AtariStates`, { value: states, expected: 'what save() returned' });
  }
  const bytes = checkArray(`bytes of ${what}`, states.bytes, 'Uint8Array', 0);
  const offsets = checkArray(`offsets of ${what}`, states.offsets, 'Uint32Array', 1);
  return { bytes, offsets };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
