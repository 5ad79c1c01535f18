import { streamKey, uniform } from '../base/random.js';
import { AtariBatch } from '../native/atari-batch.js';

export interface AtariReplayOptions {
  game?: string;
  /** A cartridge file or its bytes; default: the imported ROM. */
  rom?: string | Uint8Array;
  seed?: number;
  mode?: number;
  difficulty?: number;
  repeatActionProbability?: number;
  /** Frames an action lasts. */
  frameSkip?: number;
  /** Action codes, one an act; default: random minimal actions. */
  actions?: readonly number[];
  /** Acts at most; default: the actions given, or 300. */
  acts?: number;
  /** Begin a new game when one is over, instead of stopping. */
  restart?: boolean;
}

/** One shown frame of a replay. The screen is the batch's own array: copy it to keep it. */
export interface AtariReplayFrame {
  /** [height × width], palette indices. */
  readonly screen: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** [256], 0xRRGGBB. */
  readonly palette: Uint32Array;
  /** Sum of rewards so far. */
  readonly score: number;
  readonly over: boolean;
}

/** Plays a game and shows every frame: scripted actions, or random ones that depend on the seed only. */
export function* replayAtari(options: AtariReplayOptions): Generator<AtariReplayFrame> {
  const { seed = 0, frameSkip = 4 } = options;
  const given = <K extends keyof AtariReplayOptions>(name: K) =>
    options[name] === undefined ? {} : ({ [name]: options[name] } as Pick<AtariReplayOptions, K>);
  const batch = new AtariBatch({
    ...given('game'),
    ...given('rom'),
    ...given('mode'),
    ...given('difficulty'),
    repeatActionProbability: options.repeatActionProbability ?? 0,
    outputs: ['screens'],
  });
  try {
    batch.reset({ seeds: [seed] });
    const key = streamKey(seed, 100);
    const minimal = batch.game.minimalActions;
    const acts = Math.min(options.acts ?? Infinity, options.actions?.length ?? options.acts ?? 300);
    let score = 0;
    for (let act = 0; act < acts; act++) {
      const random = minimal[Math.floor(uniform(key[0], key[1], act, 0) * minimal.length)];
      const action = options.actions === undefined ? random : options.actions[act];
      for (let frame = 0; frame < frameSkip; frame++) {
        batch.step([action]);
        score += batch.rewards[0];
        const over = batch.terminated[0] === 1 || batch.truncated[0] === 1;
        yield {
          screen: batch.screens!,
          width: batch.screenWidth,
          height: batch.screenHeight,
          palette: batch.palette,
          score,
          over,
        };
        if (over && !options.restart) return;
        if (over) batch.reset();
      }
    }
  } finally {
    batch.close();
  }
}
