import { ArgumentError } from '../base/errors.js';
import { checkListed } from '../native/atari-arguments.js';
import type { AtariGame } from '../native/atari-games.js';
import type { GymnasiumName } from '../native/atari-names.js';

/** Settings of Atari environments and their defaults, those of the paper's experiments. */
export const atariDefaults = {
  /** Frames an action lasts. */
  frameSkip: 4,
  /** If above 0: each step lasts frameSkip … frameSkipMaximum frames, evenly drawn from the slot's own key. */
  frameSkipMaximum: 0,
  /** Chance that a frame repeats the action before it; 0.25 in ALE's later versions. */
  repeatActionProbability: 0,
  /** Steps without action after a reset (10 of 4 frames: the original code's 40); 0: none. */
  noopSteps: 10,
  /** If above 0: then 1 … noopMax more frames without action, evenly drawn from the slot's own key. */
  noopMax: 0,
  /** After a reset fire is pressed for a frame, where the game knows it. */
  fireReset: false,
  /** Half an hour of play at 60 frames a second. */
  maxEpisodeSteps: 27_000,
  /** If above 0: the engine truncates episodes after so many frames, those after the reset's own counted. */
  maxFramesPerEpisode: 0,
  /** The game's variant, of `AtariGame.modes`; -1: the first. */
  mode: -1,
  /** Of `AtariGame.difficulties`, or 0. */
  difficulty: 0,
  /** A lost life ends the episode: a step that leaves fewer lives than it found, but some. */
  endOnLifeLoss: false,
  /** The reward of a step is its sign. */
  clipRewards: false,
  /**
   * paper: the raw frames of one skip, 52 × 40; mnih: the last steps' pictures; rgb, grey: the whole screen; ram: the 128
   * bytes of RAM.
   */
  observation: 'paper',
  /** Of the pictures of mnih: their size, how many, three channels each, of the maximum of two frames, black before the first. */
  pictureWidth: 84,
  pictureHeight: 84,
  stack: 4,
  colour: false,
  maxPool: true,
  blackStart: false,
  /** joystick: axes and fire; minimal, all: one of the game's actions, or of all 18; continuous: ale-py's r, θ and fire. */
  actions: 'joystick',
  /** Of continuous actions: where an axis begins to count. */
  continuousThreshold: 0.5,
  /** A cartridge file that is played by this game's rules; default: the imported ROM. */
  rom: '',
};

/** What decides how a game is played and seen. */
export type AtariEnvSettings = Readonly<Omit<typeof atariDefaults, 'rom'>>;

/** Settings that were always there; of the others only those that differ from their defaults are hashed, so that older snapshots still fit. */
const HASHED = ['frameSkip', 'repeatActionProbability', 'noopSteps', 'maxEpisodeSteps', 'endOnLifeLoss', 'observation'];

/** Defaults of an environment that is asked for by Gymnasium's name: played and seen as there. */
export function gymnasiumDefaults({ frames, repeatActionProbability }: GymnasiumName): typeof atariDefaults {
  const [frameSkip, last] = frames;
  return {
    ...atariDefaults,
    frameSkip,
    frameSkipMaximum: last === frameSkip ? 0 : last,
    repeatActionProbability,
    noopSteps: 0,
    maxFramesPerEpisode: 108_000,
    // Never fewer steps than these frames take.
    maxEpisodeSteps: 108_000 / frameSkip,
    observation: 'rgb',
    actions: 'minimal',
  };
}

/** What of the settings belongs to the identity of the environment. */
export function hashedSettings(settings: AtariEnvSettings): Record<string, unknown> {
  const entries = Object.entries(settings).filter(
    ([name, value]) => HASHED.includes(name) || value !== atariDefaults[name as keyof AtariEnvSettings],
  );
  return Object.fromEntries(entries);
}

/** @throws ArgumentError naming the first setting that is out of its range, or that this game does not have */
export function checkAtariSettings(settings: AtariEnvSettings, game: AtariGame): void {
  const integer = (name: keyof AtariEnvSettings, low: number, high: number) => {
    const value = settings[name];
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
      throw new ArgumentError(`${name} ${value}`, { value, expected: `an integer ${low} … ${high}` });
    }
  };
  const oneOf = (name: 'observation' | 'actions', values: readonly string[]) => {
    if (values.includes(settings[name])) return;
    throw new ArgumentError(`${name} "${settings[name]}"`, { value: settings[name], expected: values.join(', ') });
  };
  oneOf('observation', ['paper', 'mnih', 'rgb', 'grey', 'ram']);
  oneOf('actions', ['joystick', 'minimal', 'all', 'continuous']);
  integer('frameSkip', 1, 100);
  if (settings.frameSkipMaximum !== 0) integer('frameSkipMaximum', settings.frameSkip, 100);
  if (settings.frameSkipMaximum !== 0 && settings.observation === 'paper') {
    throw new ArgumentError(`frameSkipMaximum ${settings.frameSkipMaximum} with observation "paper"`, {
      value: settings.frameSkipMaximum,
      expected: '0: these observations are the frames of a step, always as many',
    });
  }
  integer('maxFramesPerEpisode', 0, 2 ** 31 - 1);
  integer('noopSteps', 0, 1000);
  integer('noopMax', 0, 1000);
  integer('pictureWidth', 1, 160);
  integer('pictureHeight', 1, 320);
  integer('stack', 1, 64);
  if (settings.mode !== -1) checkListed('mode', settings.mode, game);
  checkListed('difficulty', settings.difficulty, game);
  const { repeatActionProbability, continuousThreshold } = settings;
  if (!(repeatActionProbability >= 0 && repeatActionProbability < 1)) {
    throw new ArgumentError(`repeatActionProbability ${repeatActionProbability}`, { expected: '0 … 1, below 1' });
  }
  if (!(continuousThreshold >= 0 && continuousThreshold <= 1)) {
    throw new ArgumentError(`continuousThreshold ${continuousThreshold}`, { expected: '0 … 1' });
  }
}
