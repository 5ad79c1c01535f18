import { z } from 'zod';
import { parseOptions } from '../base/options.js';
import { Purpose, streamKey, uniform } from '../base/random.js';
import type { EnvFactory } from '../env/types.js';
import { type Actor, askActor } from '../rollout/behaviour.js';
import { EpisodeRecord, playEpisodes } from '../rollout/episodes.js';
import { Lockstep } from '../rollout/lockstep.js';
import { makeDrawer } from './draw-shapes.js';
import { poseOffsets, type ShapeRecording } from './recording.js';

export interface RecordOptions {
  readonly title: string;
  /** Simulated seconds to record; a new episode begins where one ends before. */
  readonly seconds: number;
  /** Stop when so many episodes have ended, if that is sooner. */
  readonly episodes?: number | undefined;
  readonly seed: number;
}

const optionsSchema = z.strictObject({
  title: z.string(),
  seconds: z.number().positive(),
  episodes: z.union([z.int().min(1), z.literal(Infinity)]).optional(),
  seed: z.int().min(0),
});

/** @throws ArgumentError, NotFoundError for options that are missing, of another kind, or that nobody reads */
export function checkRecordOptions(options: RecordOptions): RecordOptions {
  return parseOptions(optionsSchema, options, 'options of a recording');
}

/** Start states of a recording are those of an evaluation with the same seed. */
export function recordedEpisodes({ seed }: RecordOptions) {
  const purposes = { reset: Purpose.evaluationReset, policy: Purpose.evaluationPolicy };
  return { seed, iteration: 0, purposes };
}

/**
 * Plays an environment of bodies (any MuJoCo model, the cart-pole) and keeps what is to be drawn.
 * @throws ArgumentError where there is nothing to draw, or for wrong options
 */
export async function recordShapes(factory: EnvFactory, act: Actor, given: RecordOptions): Promise<ShapeRecording> {
  const options = checkRecordOptions(given);
  const { secondsPerStep } = factory.spec;
  const { episodes = Infinity } = options;
  const count = Math.max(2, Math.ceil(options.seconds / secondsPerStep));
  const drawer = makeDrawer(factory);
  const env = factory.make(1, { threads: 1 });
  const size = poseOffsets(drawer.shapes).at(-1)!;
  const poses = new Float32Array(count * size);
  const focus = new Float32Array(count);
  const score = new Float32Array(count);
  const episode = new Int32Array(count);
  let frames = 0;
  try {
    const lockstep = new Lockstep(env, { distParamSize: 0 });
    let [number, total] = [0, 0];
    const keep = () => {
      focus[frames] = drawer.pose(env, poses, frames * size);
      score[frames] = total;
      episode[frames] = number;
      if (++frames >= count) lockstep.places.clear();
    };
    await playEpisodes(lockstep, askActor(act, factory.spec), new EpisodeRecord(), {
      ...recordedEpisodes(options),
      mayBegin: (begun) => begun < episodes && frames < count,
      onBegin(item) {
        [number, total] = [item, 0];
        keep();
      },
      onStep() {
        total += (env.rawRewards ?? env.rewards)[0];
        keep();
      },
    });
  } finally {
    env.close();
    drawer.close();
  }
  const { shapes, view, ground } = drawer;
  const camera = followed(focus.slice(0, frames), episode);
  const { title } = options;
  return {
    kind: 'shapes',
    title,
    secondsPerFrame: secondsPerStep,
    shapes,
    poses: poses.slice(0, frames * size),
    focus: camera,
    score: score.slice(0, frames),
    episode: episode.slice(0, frames),
    view,
    ground,
  };
}

/** The camera: the focus averaged over about half a second around, within each episode, so that it glides. */
function followed(focus: Float32Array, episode: Int32Array): Float32Array {
  const out = Float32Array.from(focus);
  for (let pass = 0; pass < 8; pass++) {
    const before = Float32Array.from(out);
    for (let i = 1; i + 1 < out.length; i++) {
      if (episode[i - 1] === episode[i + 1]) out[i] = (before[i - 1] + 2 * before[i] + before[i + 1]) / 4;
    }
  }
  return out;
}

/** Random actions: for a box uniform in ±1, smooth enough to look at since each lasts a few steps; else uniform choices. */
export function randomActor(factory: EnvFactory, seed: number): Actor {
  const { actionSpace } = factory.spec;
  const [k0, k1] = streamKey(seed, Purpose.scratch);
  if (actionSpace.kind === 'discrete') {
    return (_, time) => Int32Array.from(actionSpace.sizes, (size, i) => Math.floor(size * uniform(k0, k1, time, i)));
  }
  const size = actionSpace.shape.reduce((product, n) => product * n, 1);
  return (_, time) => Float32Array.from({ length: size }, (__, i) => 2 * uniform(k0, k1, Math.floor(time / 4), i) - 1);
}
