import type { AtariGame } from '../../src/native/atari-games.js';
import { chooser, type Setting } from './atari-oracle.js';

const PLAIN = { probability: 0, frameSkip: 1, mode: null, difficulty: null, lifeLoss: false, maxFrames: 0 };

/** As a deterministic agent plays: no sticky actions, default mode. */
export function plainSetting(game: AtariGame, item: number, acts: number): Setting {
  return { ...PLAIN, game, seed: 1 + item, allActions: item % 2 === 0, acts };
}

/** Everything turned that can be: sticky actions, frame skip, mode, difficulty, now and then a limit of frames. */
export function variedSetting(game: AtariGame, item: number, acts: number): Setting {
  const choose = chooser(104, item);
  const pick = (values: readonly number[]) => values[choose(values.length)];
  return {
    game,
    seed: 1000 + item,
    probability: 0.25,
    frameSkip: 1 + choose(4),
    mode: pick(game.modes),
    difficulty: pick(game.difficulties),
    lifeLoss: false,
    // Not with modes: a limit reached while a mode is sought makes ale-py seek for ever.
    maxFrames: game.modes.length === 1 ? pick([0, 1500]) : 0,
    allActions: item % 2 === 1,
    acts,
  };
}

/**
 * Episodes that end with a life. None for atlantis2, whose measure of lives is an uninitialised number in ale-py, nor for
 * games whose mode is sought with acts, which ale-py would refuse for ever.
 */
export function lifeLossSetting(game: AtariGame, item: number, acts: number): Setting[] {
  if (['atlantis2', 'adventure', 'berzerk', 'double_dunk', 'video_cube'].includes(game.id)) return [];
  return [
    { ...PLAIN, game, seed: 2000 + item, probability: 0.25, frameSkip: 4, lifeLoss: true, allActions: false, acts },
  ];
}
