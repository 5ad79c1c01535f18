import { ArgumentError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';
import { atariActions } from '../env/atari-actions.js';
import { atariDefaults, gymnasiumDefaults } from '../env/atari-settings.js';
import type { EnvFactory } from '../env/types.js';
import { AtariBatch } from '../native/atari-batch.js';
import { findAtariGame, isAtariGame } from '../native/atari-games.js';
import { parseGymnasiumName } from '../native/atari-names.js';
import { AtariStates } from '../native/atari-states.js';
import { type Actor, askActor } from '../rollout/behaviour.js';
import { EpisodeRecord, playEpisodes } from '../rollout/episodes.js';
import { Lockstep } from '../rollout/lockstep.js';
import { checkRecordOptions, type RecordOptions, recordedEpisodes } from './record-episode.js';
import { type GameFrame, recordGame } from './record-game.js';
import type { PixelRecording } from './recording.js';

/**
 * Plays an Atari environment and keeps every emulated frame: before each step the emulator's state is put into a second
 * console with a screen, which then makes the same frames.
 * @param settings those of the environment that the second console needs
 * @throws ArgumentError for an environment that is no Atari game
 */
export async function recordAgent(
  factory: EnvFactory,
  act: Actor,
  options: RecordOptions,
  settings: {
    repeatActionProbability?: number;
    rom?: string | undefined;
    actions?: string;
    continuousThreshold?: number;
  } = {},
): Promise<PixelRecording> {
  const { title, seconds, episodes = Infinity } = checkRecordOptions(options);
  checkKnownKeys('settings of a recorded game', settings, [
    'repeatActionProbability',
    'rom',
    'actions',
    'continuousThreshold',
  ]);
  const { rom } = settings;
  const { id, secondsPerStep } = factory.spec;
  if (factory.spec.observationSpace.dtype !== 'uint8' || !isAtariGame(id)) {
    throw new ArgumentError(`"${id}" has nothing to draw`, {
      value: id,
      expected: 'an environment on a MuJoCo model, the cart-pole, or an Atari game',
    });
  }
  const game = findAtariGame(id);
  // What a name of Gymnasium's leaves to its own defaults.
  const gymnasium = parseGymnasiumName(id, [game.id]);
  const defaults = gymnasium === undefined ? atariDefaults : gymnasiumDefaults(gymnasium);
  const { repeatActionProbability, actions: kind, continuousThreshold } = { ...defaults, ...settings };
  const actions = atariActions(kind, game, continuousThreshold);
  const codes = new Int32Array(1);
  const strengths = Float32Array.of(1);
  const steps = Math.max(1, Math.ceil(seconds / secondsPerStep));
  const env = factory.make(1, { threads: 1 });
  const display = new AtariBatch({ game: id, ...(rom ? { rom } : {}), repeatActionProbability, outputs: ['screens'] });
  const frames: GameFrame[] = [];
  try {
    const lockstep = new Lockstep(env, { distParamSize: 0 });
    let [step, score, before] = [0, 0, 0];
    const frameNumber = () => env.info!.frameNumbers![0];
    await playEpisodes(lockstep, askActor(act, factory.spec), new EpisodeRecord(), {
      ...recordedEpisodes(options),
      mayBegin: (begun) => begun < episodes && step < steps,
      onActions(action) {
        const { parts } = env.snapshot([0]);
        display.restore(new AtariStates(parts.state as Uint8Array, parts['state.offsets'] as Uint32Array));
        actions.read(action, 0, codes, strengths);
        before = frameNumber();
      },
      onStep(ended) {
        const shown = Math.max(1, frameNumber() - before);
        for (let frame = 1; frame <= shown; frame++) {
          display.step(codes, { strengths });
          score += display.rewards[0];
          frames.push({
            screen: display.screens!.slice(),
            width: display.screenWidth,
            height: display.screenHeight,
            palette: display.palette,
            score,
            over: ended.length > 0 && frame === shown,
          });
        }
        if (++step >= steps) lockstep.places.clear();
      },
    });
  } finally {
    env.close();
    display.close();
  }
  return recordGame(frames, title);
}
