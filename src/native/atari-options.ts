import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';

const INT32 = 2 ** 31;
export const outputNames = ['ram', 'screens', 'greys', 'rgb', 'picture', 'frames', 'audio'] as const;

const schema = z.strictObject({
  /** ALE id; optional where `rom` is a known cartridge. */
  game: z.string().optional(),
  /** A file or the bytes of a cartridge; default: the imported ROM of `game`. */
  rom: z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]).optional(),
  /** Copies of the game stepped together. */
  slots: z
    .number()
    .int()
    .min(1)
    .max(2 ** 24)
    .default(1),
  /** Default: one per core, at most one per slot. */
  threads: z.number().int().min(1).max(1024).optional(),
  /** Chance that a frame repeats the action before it. */
  repeatActionProbability: z.number().min(0).max(1).default(0.25),
  /** Frames that an act takes: ALE's own setting. */
  frameSkip: z.number().int().min(1).max(1e6).default(1),
  /** Frames until an episode is truncated; 0: never. */
  maxFramesPerEpisode: z
    .number()
    .int()
    .min(0)
    .max(INT32 - 1)
    .default(0),
  /** Screens blend each frame with the one before. */
  colourAveraging: z.boolean().default(false),
  /** An episode is truncated when a life is lost. */
  truncateOnLifeLoss: z.boolean().default(false),
  /** A step ends with the act in which a life is lost, and the slot has then terminated; another step would go on. */
  endOnLifeLoss: z.boolean().default(false),
  /** Bounds of the reward of one act. */
  rewardMinimum: z
    .number()
    .int()
    .min(-INT32)
    .max(INT32 - 1)
    .default(-INT32),
  rewardMaximum: z
    .number()
    .int()
    .min(-INT32)
    .max(INT32 - 1)
    .default(INT32 - 1),
  /** Default: the game's first mode. */
  mode: z.number().int().optional(),
  difficulty: z.number().int().default(0),
  /**
   * How `picture` and `frames` are made, by averaging areas: size; maxPool: `picture` is of the maximum of the last two
   * frames; colour: three channels instead of grey; stack: `picture` holds the last so many, oldest first, and begins an
   * episode with black ones before the first.
   */
  preprocess: z
    .strictObject({
      width: z.number().int().min(1).max(160).default(84),
      height: z.number().int().min(1).max(320).default(84),
      maxPool: z.boolean().default(true),
      colour: z.boolean().default(false),
      stack: z.number().int().min(1).max(64).default(1),
    })
    .optional(),
  /** Acts of one step() at most, for the size of `frames`. */
  acts: z.number().int().min(1).max(1000).default(1),
  /** Which large outputs each step fills; the others cost nothing. */
  outputs: z.array(z.enum(outputNames)).default([]),
});

/** See the schema's comments in src/native/atari-options.ts and docs/atari.md. */
export type AtariBatchOptions = z.input<typeof schema>;
export type AtariOutput = (typeof outputNames)[number];

/** Options with their defaults. @throws NotFoundError for an unknown key, ArgumentError */
export function parseAtariOptions(options: AtariBatchOptions): z.output<typeof schema> {
  const given = parseOptions(schema, options, 'AtariBatch options');
  const { rewardMinimum, rewardMaximum } = given;
  if (rewardMinimum > rewardMaximum) {
    throw new ArgumentError(`rewardMinimum is ${rewardMinimum}, above rewardMaximum`, {
      value: rewardMinimum,
      expected: `at most rewardMaximum, ${rewardMaximum}`,
    });
  }
  if ((given.preprocess?.stack ?? 1) > 1 && !given.outputs.includes('picture')) {
    throw new ArgumentError('preprocess.stack without "picture" in outputs', {
      expected: '"picture" among the outputs',
    });
  }
  return given;
}
