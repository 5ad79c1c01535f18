import { ArgumentError } from '../base/errors.js';
import { findAtariGame } from '../native/atari-games.js';
import { readRomFile } from '../native/rom-library.js';
import { AtariBackend, type AtariEnvSettings } from './atari-backend.js';
import { type EnvSettings, resolveSettings } from './registry.js';
import { checkMakeOptions, checkSlotCount } from './slots.js';
import { identityHash } from './snapshot.js';
import { checkEpisodeSteps } from './source-schema.js';
import { box, discrete } from './spaces.js';
import type { EnvFactory, EnvSpec } from './types.js';
import { makeVectorEnv } from './vector-env.js';

/** Settings of Atari environments and their defaults, those of the paper's experiments. */
export const atariDefaults = {
  /** Frames an action lasts. */
  frameSkip: 4,
  /** Chance that a frame repeats the action before it; 0.25 in ALE's later versions. */
  repeatActionProbability: 0,
  /** Steps without action after a reset (10 of 4 frames: the original code's 40). */
  noopSteps: 10,
  /** Half an hour of play at 60 frames a second. */
  maxEpisodeSteps: 27_000,
  /** A lost life ends the episode: a step that leaves fewer lives than it found, but some. */
  endOnLifeLoss: false,
  /** paper: the raw frames of one skip, 52 × 40; mnih: the last four steps' pictures, 84 × 84 (two frames' maximum). */
  observation: 'paper',
  /** A cartridge file that is played by this game's rules; default: the imported ROM. */
  rom: '',
};

/**
 * An Atari game as an environment of the 2015 track. Observation: uint8 [4, 52, 40], the four frames of the last step in
 * grey, cropped to 208 rows and averaged over 4 × 4 (the paper's figure 3 and its appendix on networks); or [4, 84, 84],
 * the whole screen at the last four steps, as in Mnih et al. 2015.
 * Action: three factors, horizontal and vertical joystick axis (0, 1, 2 for -1, 0, 1: left, none, right; down, none, up)
 * and fire (0, 1). Reward: the change of the score, as it is.
 * @param id ALE id, or `homebrew`; `-` and `_` are alike. An imported ROM is looked for when a batch is made, the one that
 *   the setting `rom` names at once.
 */
export function defineAtariEnv(id: string, given?: EnvSettings): EnvFactory {
  const game = findAtariGame(id);
  const name = game.id.replaceAll('_', '-');
  const { rom: path, ...settings } = resolveSettings(name, atariDefaults, given);
  const rom = path === '' ? undefined : readRomFile(path, game.id);
  const { observation, maxEpisodeSteps, frameSkip, repeatActionProbability, noopSteps }: AtariEnvSettings = settings;
  if (observation !== 'paper' && observation !== 'mnih') {
    throw new ArgumentError(`observation "${observation}"`, { value: observation, expected: 'paper or mnih' });
  }
  if (!Number.isInteger(frameSkip) || frameSkip < 1 || frameSkip > 100) {
    throw new ArgumentError(`frameSkip ${frameSkip}`, { value: frameSkip, expected: 'an integer 1 … 100' });
  }
  if (!Number.isInteger(noopSteps) || noopSteps < 1 || noopSteps > 1000) {
    throw new ArgumentError(`noopSteps ${noopSteps}`, { value: noopSteps, expected: 'an integer 1 … 1000' });
  }
  if (!(repeatActionProbability >= 0 && repeatActionProbability < 1)) {
    throw new ArgumentError(`repeatActionProbability ${repeatActionProbability}`, { expected: '0 … 1, below 1' });
  }
  const spec: EnvSpec = {
    id: name,
    observationSpace: box(observation === 'paper' ? [frameSkip, 52, 40] : [4, 84, 84], 0, 255, 'uint8'),
    actionSpace: discrete(3, 3, 2),
    maxEpisodeSteps: checkEpisodeSteps(maxEpisodeSteps),
    observationScaling: { offset: 128, scale: 128, clip: Infinity },
    modelHash: identityHash(name, rom?.md5 ?? game.md5, settings),
    secondsPerStep: frameSkip / 60,
  };
  return {
    spec,
    make(slots, options = {}) {
      checkMakeOptions(name, options);
      return makeVectorEnv(
        spec,
        checkSlotCount(slots),
        new AtariBackend({ game: game.id, rom: rom?.bytes }, settings, slots, options),
      );
    },
  };
}
