import { AtariBatch } from '../native/atari-batch.js';
import { type AtariGame, findAtariGame } from '../native/atari-games.js';
import { parseGymnasiumName } from '../native/atari-names.js';
import { readRomFile } from '../native/rom-library.js';
import { checkSlotCount } from '../native/slots.js';
import { atariActions } from './atari-actions.js';
import { AtariBackend } from './atari-backend.js';
import {
  type AtariEnvSettings,
  atariDefaults,
  checkAtariSettings,
  gymnasiumDefaults,
  hashedSettings,
} from './atari-settings.js';
import { checkMakeOptions } from './make-options.js';
import { type EnvSettings, resolveSettings } from './registry.js';
import { identityHash } from './snapshot.js';
import { checkEpisodeSteps } from './source-schema.js';
import { box } from './spaces.js';
import type { EnvFactory, EnvSpec } from './types.js';
import { makeVectorEnv } from './vector-env.js';

/**
 * An Atari game as an environment of the 2015 track. Observation: uint8 [4, 52, 40], the four frames of the last step in
 * grey, cropped to 208 rows and averaged over 4 × 4 (the paper's figure 3 and its appendix on networks); or [4, 84, 84],
 * the whole screen at the last four steps, as in Mnih et al. 2015 ([4, 84, 84, 3] in colours); or the screen or RAM.
 * Action: three factors, horizontal and vertical joystick axis (0, 1, 2 for -1, 0, 1: left, none, right; down, none, up)
 * and fire (0, 1), or as the setting `actions` says. Reward: the change of the score, as it is. `info.lives`: lives left.
 * @param id ALE id, or `homebrew`; `-` and `_` are alike. A name of Gymnasium's (`ALE/Pong-v5`, `PongNoFrameskip-v4`) has
 *   other defaults: frame skip, sticky actions and minimal actions as there, no no-ops, the whole screen in colours
 *   [210, 160, 3]. An imported ROM is looked for when a batch is made (at once for whole screens, whose
 *   height it decides), the one that the setting `rom` names at once.
 */
export function defineAtariEnv(id: string, given?: EnvSettings): EnvFactory {
  const game = findAtariGame(id);
  const gymnasium = parseGymnasiumName(id, [game.id]);
  const name = gymnasium?.name ?? game.id.replaceAll('_', '-');
  const defaults = gymnasium === undefined ? atariDefaults : gymnasiumDefaults(gymnasium);
  const { rom: path, ...settings } = resolveSettings(name, defaults, given);
  checkAtariSettings(settings, game);
  const rom = path === '' ? undefined : readRomFile(path, game.id);
  const actions = atariActions(settings.actions, game, settings.continuousThreshold);
  const spec: EnvSpec = {
    id: name,
    observationSpace: box(observationShape(settings, game, rom?.bytes), 0, 255, 'uint8'),
    actionSpace: actions.space,
    maxEpisodeSteps: checkEpisodeSteps(settings.maxEpisodeSteps),
    observationScaling: { offset: 128, scale: 128, clip: Infinity },
    modelHash: identityHash(name, rom?.md5 ?? game.md5, hashedSettings(settings)),
    secondsPerStep: (settings.frameSkip + Math.max(settings.frameSkip, settings.frameSkipMaximum)) / 120,
  };
  return {
    spec,
    make(slots, options = {}) {
      checkMakeOptions(name, options);
      return makeVectorEnv(
        spec,
        checkSlotCount(slots),
        new AtariBackend({ game, rom: rom?.bytes }, settings, actions, slots, options),
      );
    },
  };
}

function observationShape(settings: AtariEnvSettings, game: AtariGame, rom: Uint8Array | undefined): number[] {
  const { observation, stack, pictureHeight, pictureWidth, colour, frameSkip } = settings;
  switch (observation) {
    case 'paper':
      return [frameSkip, 52, 40];
    case 'mnih':
      return [stack, pictureHeight, pictureWidth, ...(colour ? [3] : [])];
    case 'ram':
      return [128];
    default: {
      // Most are 210 lines high; some cartridges, and those for PAL, are not.
      const batch = new AtariBatch({ game: game.id, ...(rom === undefined ? {} : { rom }) });
      const height = batch.screenHeight;
      batch.close();
      return observation === 'rgb' ? [height, 160, 3] : [height, 160];
    }
  }
}
