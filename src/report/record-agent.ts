import { ArgumentError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';
import { Purpose, streamKeys } from '../base/random.js';
import { JOYSTICK } from '../env/atari-backend.js';
import type { EnvFactory } from '../env/types.js';
import { AtariBatch } from '../native/atari-batch.js';
import { isAtariGame } from '../native/atari-games.js';
import { AtariStates } from '../native/atari-states.js';
import { type Actor, checkRecordOptions, type RecordOptions } from './record-episode.js';
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
  settings: { repeatActionProbability?: number; rom?: string | undefined } = {},
): Promise<PixelRecording> {
  const { title, seconds, seed, episodes = Infinity } = checkRecordOptions(options);
  checkKnownKeys('settings of a recorded game', settings, ['repeatActionProbability', 'rom']);
  const { repeatActionProbability = 0, rom } = settings;
  const { id, secondsPerStep } = factory.spec;
  if (factory.spec.observationSpace.dtype !== 'uint8' || !isAtariGame(id)) {
    throw new ArgumentError(`"${id}" has nothing to draw`, {
      value: id,
      expected: 'an environment on a MuJoCo model, the cart-pole, or an Atari game',
    });
  }
  const frameSkip = Math.round(60 * secondsPerStep);
  const steps = Math.max(1, Math.ceil(seconds / secondsPerStep));
  const env = factory.make(1, { threads: 1 });
  const display = new AtariBatch({ game: id, ...(rom ? { rom } : {}), repeatActionProbability, outputs: ['screens'] });
  const frames: GameFrame[] = [];
  try {
    let episode = 0;
    let score = 0;
    env.reset([0], streamKeys(seed, Purpose.evaluationReset, 0, 0, 1));
    for (let step = 0, time = 0; step < steps && episode < episodes; step++) {
      const { parts } = env.snapshot([0]);
      display.restore(new AtariStates(parts.state as Uint8Array, parts['state.offsets'] as Uint32Array));
      const action = await act(env.observations, time++);
      const code = JOYSTICK[6 * action[0]! + 2 * action[1]! + action[2]!]!;
      env.step(action);
      const over = env.terminated[0] === 1 || env.truncated[0] === 1;
      for (let frame = 1; frame <= frameSkip; frame++) {
        display.step([code]);
        score += display.rewards[0]!;
        const ended = over && frame === frameSkip;
        frames.push({
          screen: display.screens!.slice(),
          width: display.screenWidth,
          height: display.screenHeight,
          palette: display.palette,
          score,
          over: ended,
        });
      }
      if (over) {
        env.reset([0], streamKeys(seed, Purpose.evaluationReset, 0, ++episode, 1));
        time = 0;
      }
    }
  } finally {
    env.close();
    display.close();
  }
  return recordGame(frames, title);
}
