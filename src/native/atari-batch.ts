// Long because it is one public class: most lines are what its methods promise, and its arrays belong together.
import { availableParallelism } from 'node:os';
import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError, ClosedError, RomError } from '../base/errors.js';
import { checkMemory, namingOption } from '../base/memory.js';
import { readOptions } from '../base/options.js';
import { type NativeAtariBatch, openAtariBatch } from './atari-addon.js';
import {
  checkListed,
  checkStrength,
  copyBytes,
  copyEach,
  copyIntegers,
  copySeeds,
  readLength,
} from './atari-arguments.js';
import type { AtariGame } from './atari-games.js';
import { type AtariBatchOptions, type AtariOutput, parseAtariOptions } from './atari-options.js';
import { AtariArrays, defaultPreprocess, makeLargeOutputs, outputBytes, screenPng } from './atari-outputs.js';
import { AtariStates, checkStates } from './atari-states.js';
import { type BatchSimulator, Fault, type SlotOptions } from './batch-simulator.js';
import { callNative } from './native-errors.js';
import { identifyRom, type Rom, readRom, readRomFile } from './rom-library.js';
import { checkInteger, checkRows, checkSlots, type Slots } from './slots.js';

export type { AtariBatchOptions, AtariOutput } from './atari-options.js';

/** A console with two screens in native memory, about. */
const SLOT_BYTES = 100 * 1024;
/** Acts of one step, where no `frames` bound them. */
const MOST_ACTS = 1_000_000;
/** Seeds that are tried when a batch is made, see the constructor. */
const START_SEEDS = 16;

export interface AtariStepOptions extends SlotOptions {
  /**
   * Acts of the same action, rewards summed: one number, or one for each slot. 1 … 1,000,000; with the output `frames` at
   * most the option `acts`. Default 1.
   */
  acts?: number | ArrayLike<number>;
  /** How far each slot's action turns a paddle, 0 … 1: ale-py's `paddle_strength`. Default 1. */
  strengths?: ArrayLike<number>;
}

/**
 * N copies of one Atari game, stepped together on a few threads, bit for bit as ale-py 0.12.1 plays it. The typed arrays
 * are the same objects until `close`, which leaves them empty, and hold the present values until the next call; row s is
 * slot s. Results do not depend on the number of slots or threads.
 */
export class AtariBatch
  implements BatchSimulator<AtariStates, [actions: ArrayLike<number>, options?: AtariStepOptions]>
{
  readonly game: AtariGame;
  readonly slots: number;
  readonly threads: number;
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
  /** [N], 1 where the game is over; with `endOnLifeLoss` also where the last step lost a life. */
  readonly terminated: Uint8Array;
  /** [N], 1 where the episode was cut by its length or a lost life. */
  readonly truncated: Uint8Array;
  /** [N], 1 where the last step left fewer lives than it found, and the game goes on. */
  readonly lifeLost: Uint8Array;
  /** [N], what happened to each slot in the last call: `Fault.none`, or `Fault.modeNotReached` after one that threw. */
  readonly faults: Uint8Array;
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
   * [N × acts × h × w] with the option `acts`: each frame of a step, preprocessed, oldest first. Where a step had
   * fewer acts its last frame fills the rest, and after anything but a step all are the present screen.
   */
  readonly frames: Uint8Array | null;
  /**
   * [N × 512], the sound of the last act, unsigned bytes, silence is 128 (0 before the first act): what ale-py's getAudio
   * gives. An act makes 512 samples however many frames it has.
   */
  readonly audio: Uint8Array | null;

  readonly #native: NativeAtariBatch;
  readonly #arrays: AtariArrays;
  readonly #mostActs: number;
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
    const mode = checkListed('mode', given.mode ?? rom.game.modes[0], rom.game);
    checkListed('difficulty', given.difficulty, rom.game);
    const wants = (name: AtariOutput) => given.outputs.includes(name);
    const preprocess = given.preprocess ?? (wants('picture') || wants('frames') ? defaultPreprocess : null);
    const { slots, acts } = given;
    checkMemory(`a batch of ${slots} games`, slots * (SLOT_BYTES + outputBytes(given.outputs, preprocess, acts)));
    const native = openAtariBatch({
      ...given,
      rom: rom.bytes,
      game: rom.game.id,
      threads: given.threads ?? Math.min(slots, availableParallelism()),
      mode,
      preprocess,
      audio: wants('audio'),
      pixels: given.outputs.some((name) => name !== 'ram' && name !== 'audio'),
    });
    this.#native = native;
    this.slots = slots;
    this.threads = native.threads;
    this.md5 = native.md5;
    this.mapper = native.mapper;
    this.format = native.format;
    this.screenHeight = native.screenHeight;
    this.screenWidth = native.screenWidth;
    this.palette = native.palette;
    this.greyPalette = native.greyPalette;
    this.faults = new Uint8Array(slots);
    const small = {
      rewards: new Int32Array(slots),
      lives: new Int32Array(slots),
      terminated: new Uint8Array(slots),
      truncated: new Uint8Array(slots),
      lifeLost: new Uint8Array(slots),
      modes: new Int32Array(slots),
      difficulties: new Int32Array(slots),
      frameNumbers: new Int32Array(slots),
      episodeFrameNumbers: new Int32Array(slots),
    };
    this.rewards = small.rewards;
    this.lives = small.lives;
    this.terminated = small.terminated;
    this.truncated = small.truncated;
    this.lifeLost = small.lifeLost;
    this.modes = small.modes;
    this.difficulties = small.difficulties;
    this.frameNumbers = small.frameNumbers;
    this.episodeFrameNumbers = small.episodeFrameNumbers;
    const large = makeLargeOutputs(given.outputs, slots, native, preprocess, acts);
    this.ram = large.ram;
    this.screens = large.screens;
    this.greys = large.greys;
    this.rgb = large.rgb;
    this.picture = large.picture;
    this.frames = large.frames;
    this.audio = large.audio;
    this.#arrays = new AtariArrays({ ...small, ...large }, this.faults, acts);
    this.#mostActs = wants('frames') ? acts : MOST_ACTS;
    this.#codes = new Int32Array(slots);
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
   * @returns 0: where a mode is not reached it throws
   * @throws RomError where the mode is not reached; those slots (`faults` says which) have to be reset once more
   */
  reset(options: SlotOptions & { seeds?: ArrayLike<number>; mode?: number; difficulty?: number } = {}): number {
    this.#open();
    const given = readOptions(options, ['slots', 'seeds', 'mode', 'difficulty'], 'reset options');
    const slots = checkSlots(given.slots, this.slots);
    const mode = given.mode === undefined ? undefined : checkListed('mode', given.mode, this.game);
    const difficulty =
      given.difficulty === undefined ? undefined : checkListed('difficulty', given.difficulty, this.game);
    const seeds = given.seeds === undefined ? null : copySeeds(given.seeds, slots.length);
    this.#begin(slots, (native) => native.reset(slots, seeds, this.faults, mode, difficulty));
    return 0;
  }

  /**
   * Loads the ROM anew with these seeds and leaves the console as loading leaves it (it contains one reset).
   * @param seeds one for each slot
   */
  load(seeds: ArrayLike<number>, options: SlotOptions = {}): void {
    this.#open();
    const slots = this.#readSlots(options, 'load options');
    const words = copySeeds(seeds, slots.length);
    this.#begin(slots, (native) => native.load(slots, words, this.faults));
  }

  /** New sticky-action generators, and nothing else, for these slots. @param seeds one for each slot */
  seed(seeds: ArrayLike<number>, options: SlotOptions = {}): void {
    this.#open();
    const slots = this.#readSlots(options, 'seed options');
    const words = copySeeds(seeds, slots.length);
    this.#call((native) => native.seed(slots, words));
  }

  /**
   * What `picture` shows begins anew, as after a reset: with the present screen alone, on black ones. For episodes that
   * begin with acts of nobody's choice (no-op starts).
   */
  restartPictures(options: SlotOptions = {}): void {
    this.#open();
    const slots = this.#readSlots(options, 'restartPictures options');
    this.#call((native) => native.restartPictures(slots));
    this.#observe(slots);
  }

  /** The mode of these slots' next resets. @throws ArgumentError for a mode that the game does not have */
  setMode(mode: number, options: SlotOptions = {}): void {
    this.#set(options, checkListed('mode', mode, this.game), undefined);
  }

  /** The difficulty switches of these slots from their next frame on. @throws ArgumentError for one it does not have */
  setDifficulty(difficulty: number, options: SlotOptions = {}): void {
    this.#set(options, undefined, checkListed('difficulty', difficulty, this.game));
  }

  #set(options: SlotOptions, mode: number | undefined, difficulty: number | undefined): void {
    this.#open();
    const slots = this.#readSlots(options, 'options');
    this.#call((native) => native.set(slots, mode, difficulty));
    for (const slot of slots) {
      if (mode !== undefined) this.modes[slot] = mode;
      if (difficulty !== undefined) this.difficulties[slot] = difficulty;
    }
  }

  /**
   * One step of slots: `acts` acts of the same action, rewards summed. Acting after the end changes nothing.
   * @param actions one for each slot: codes 0 … 17, or -1 to leave a slot as it is
   * @returns 0: games have no faults in a step
   */
  step(actions: ArrayLike<number>, options: AtariStepOptions = {}): number {
    this.#open();
    const given = readOptions(options, ['slots', 'acts', 'strengths'], 'step options');
    const slots = given.slots === undefined ? null : checkSlots(given.slots, this.slots);
    const count = slots?.length ?? this.slots;
    const [most, acts] = [this.#mostActs, given.acts ?? 1];
    const each =
      typeof acts === 'object'
        ? copyEach('acts', acts, count, (value) => checkInteger('acts', value, 1, most), Int32Array)
        : undefined;
    const all = each === undefined ? checkInteger('acts', acts, 1, most) : 1;
    const turns =
      given.strengths === undefined
        ? undefined
        : copyEach('strengths', given.strengths, count, checkStrength, Float32Array);
    const codes = this.#readActions(actions, slots);
    this.#checkArrays();
    const outputs = this.#arrays.given;
    outputs.acts = all;
    outputs.actsEach = each && this.#spread(each, slots, 1, Int32Array);
    outputs.strengths = turns && this.#spread(turns, slots, 1, Float32Array);
    this.#call((native) => native.step(codes, outputs));
    this.faults.fill(Fault.none);
    return 0;
  }

  /**
   * A slot's screen as a PNG file, 320 wide (each pixel twice, as ale-py's saveScreenPNG draws them) and screenHeight
   * high. Needs the output `screens` or `rgb`.
   */
  png(slot: number): Uint8Array {
    this.#open();
    return screenPng(checkInteger('slot', slot, 0, this.slots - 1), this, this.#native);
  }

  /**
   * Saves slots: everything that decides their future and what they show. Any number of restores, into any slot of any
   * batch of the same ROM and options.
   * @param options.slots default all
   * @param options.generator include the sticky-action generator (ALE's include_rng); default true
   * @param options.into states that may be overwritten: their memory is used again, and they are what is returned, if they
   *   are of as many slots and have room; else they stay as they are, and what is returned is new
   */
  save(options: SlotOptions & { generator?: boolean; into?: AtariStates } = {}): AtariStates {
    this.#open();
    const given = readOptions(options, ['slots', 'generator', 'into'], 'save options');
    const slots = checkSlots(given.slots, this.slots);
    const generator = given.generator ?? true;
    if (typeof generator !== 'boolean') {
      throw new ArgumentError(`generator is ${describeValue(generator)}`, {
        value: generator,
        expected: 'true or false',
      });
    }
    const into = given.into === undefined ? undefined : checkStates('into', given.into);
    let { bytes, offsets } = into ?? { bytes: new Uint8Array(0), offsets: new Uint32Array(slots.length + 1) };
    let fits = typedArrayLength(offsets) === slots.length + 1;
    if (!fits) offsets = new Uint32Array(slots.length + 1);
    const needed = this.#call((native) => native.save(slots, generator, fits ? bytes : new Uint8Array(0), offsets));
    fits &&= needed <= typedArrayLength(bytes);
    if (fits) return into === undefined ? new AtariStates(bytes, offsets) : (given.into as AtariStates);
    if (needed >= 2 ** 32) {
      throw new ArgumentError(`states of ${needed} bytes`, {
        value: needed,
        expected: 'less than 4 GiB',
        hint: 'Save fewer slots at a time',
      });
    }
    bytes = namingOption('Save fewer slots at a time', `states of ${needed} bytes`, () => new Uint8Array(needed));
    offsets = new Uint32Array(slots.length + 1);
    this.#call((native) => native.save(slots, generator, bytes, offsets));
    return new AtariStates(bytes, offsets);
  }

  /**
   * Puts saved slots back: row rows[i] into slot slots[i]. Nothing changes if any is refused.
   * @param options.rows default 0, 1, 2, …: as many as slots
   * @returns 0: a state that is taken has no faults
   * @throws SnapshotError for states of another ROM, version, or damaged ones
   */
  restore(states: AtariStates, options: SlotOptions & { rows?: Slots } = {}): number {
    this.#open();
    const given = readOptions(options, ['slots', 'rows'], 'restore options');
    const { bytes, offsets } = checkStates('states', states);
    const slots = checkSlots(given.slots, this.slots);
    const rows = checkRows(given.rows, typedArrayLength(offsets) - 1, slots.length);
    this.#call((native) => native.restore(bytes, offsets, rows, slots));
    this.faults.fill(Fault.none);
    this.#observe(slots);
    return 0;
  }

  /** Writes one byte of RAM; `ram` shows it at once, lives and flags see it at the next frame. @param address 0 … 127 */
  setRam(slot: number, address: number, value: number): void {
    this.#open();
    const index = checkInteger('slot', slot, 0, this.slots - 1);
    const where = checkInteger('address', address, 0, 127);
    const byte = checkInteger('value', value, 0, 255);
    this.#call((native) => native.setRam(index, where, byte));
    if (this.ram !== null) this.ram[128 * index + where] = byte;
  }

  /** Says of a slot with a fault that its game did not come to its mode; "" of the others. */
  errorText(slot: number): string {
    this.#open();
    const index = checkInteger('slot', slot, 0, this.slots - 1);
    if (this.faults[index] === Fault.none) return '';
    return `${this.game.id} did not reach mode ${this.modes[index]}`;
  }

  /** Frees the native memory and empties every array. Every later call throws ClosedError. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
    this.#arrays.detach();
  }

  /** The first episodes: the seed is sought in one slot, and all others are like it. */
  #start(): void {
    const all = checkSlots(undefined, this.slots);
    const [one, rest] = [all.subarray(0, 1), all.subarray(1)];
    for (let seed = 0; ; seed++) {
      try {
        this.#begin(one, (native) => native.reset(one, Uint32Array.of(seed), this.faults));
        this.#begin(rest, (native) => native.reset(rest, new Uint32Array(rest.length).fill(seed), this.faults));
        return;
      } catch (error) {
        if (!(error instanceof RomError) || seed + 1 === START_SEEDS) throw error;
      }
    }
  }

  /** Starts episodes and shows them. @throws RomError where the mode is not reached; `faults` then says in which slots */
  #begin(slots: Int32Array, start: (native: NativeAtariBatch) => number): void {
    this.#checkArrays();
    const faults = this.#call(start);
    this.#observe(slots);
    if (faults === 0) return;
    const where = slots.find((slot) => this.faults[slot] !== Fault.none)!;
    throw new RomError(`slot ${where}: ${this.errorText(where)}`, {
      value: this.modes[where],
      hint: 'Is this the cartridge of that game?',
    });
  }

  #observe(slots: Int32Array): void {
    this.#checkArrays();
    this.#call((native) => native.observe(slots, this.#arrays.given));
  }

  #checkArrays(): void {
    this.#open();
    this.#arrays.check();
  }

  #open(): void {
    if (this.#closed) throw new ClosedError('AtariBatch');
  }

  /** Looks whether the batch is open again: a getter among the arguments may have closed it. */
  #call<T>(call: (native: NativeAtariBatch) => T): T {
    this.#open();
    return callNative('AtariBatch', () => call(this.#native));
  }

  #readSlots(options: SlotOptions, what: string): Int32Array {
    return checkSlots(readOptions(options, ['slots'], what).slots, this.slots);
  }

  /** Action codes of all slots: -1 for those that are not named. */
  #readActions(actions: ArrayLike<number>, slots: Int32Array | null): Int32Array {
    const count = slots?.length ?? this.slots;
    const length = readLength('actions', actions);
    if (length !== count) {
      throw new ArgumentError(`step was given ${length} actions`, { value: length, expected: `${count}` });
    }
    const complain = (value: unknown, i: number) =>
      new ArgumentError(`action of slot ${slots?.[i] ?? i} is ${describeValue(value)}`, {
        value,
        expected: 'an action code 0 … 17, or -1 for none',
      });
    if (slots !== null) {
      return this.#spread(copyIntegers('actions', actions, -1, 17, complain), slots, -1, Int32Array);
    }
    if (typedArrayType(actions) !== 'Int32Array') return copyIntegers('actions', actions, -1, 17, complain);
    const codes = this.#codes;
    codes.set(actions);
    for (let slot = 0; slot < count; slot++) {
      const code = codes[slot];
      if (code < -1 || code > 17) throw complain(code, slot);
    }
    return codes;
  }

  /** One number for every slot of the batch, from those of the slots named. */
  #spread<T extends Int32Array | Float32Array>(
    values: T,
    slots: Int32Array | null,
    others: number,
    type: new (length: number) => T,
  ): T {
    if (slots === null) return values;
    const all = new type(this.slots).fill(others) as T;
    for (let i = 0; i < slots.length; i++) all[slots[i]] = values[i];
    return all;
  }
}

function resolveRom(rom: string | Uint8Array | undefined, game: string | undefined): Rom {
  if (typeof rom === 'string') return readRomFile(rom, game);
  if (rom !== undefined) return identifyRom(copyBytes('rom', rom), game);
  if (game === undefined)
    throw new ArgumentError('AtariBatch needs a game', { expected: 'options.game or options.rom' });
  return readRom(game);
}
