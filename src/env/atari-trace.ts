import { crc32 } from 'node:zlib';
import { AtariBatch } from '../native/atari-batch.js';
import { lcgActions } from './atari-action-file.js';

export interface AtariTraceOptions {
  game?: string;
  /** A cartridge file or its bytes; default: the imported ROM. */
  rom?: string | Uint8Array;
  seed?: number;
  /** Acts. */
  steps?: number;
  repeatActionProbability?: number;
  frameSkip?: number;
  mode?: number;
  difficulty?: number;
  /** Action codes, one an act; the trace ends with them. Default: the traces' LCG. */
  actions?: readonly number[];
  /** The LCG draws from all 18 actions instead of the minimal set. */
  allActions?: boolean;
  /** Print every n-th act only (and those that end a game). */
  every?: number;
  /** Every k acts: save, play k acts of other actions, restore. The rows stay the same. */
  snapshotEvery?: number;
}

export const ATARI_TRACE_HEADER = 'step,action,reward,lives,over,ramcrc,screencrc';

/**
 * The raw game, one row an act: action code, reward, lives, game over, CRC-32 of the 128 bytes of RAM and of the screen's
 * palette indices. Row `load` is the console after loading, `reset` after one more reset; after a game over a row
 * `reset@t`; last a row `total` with the sum of rewards.
 */
export function* traceAtari(options: AtariTraceOptions): Generator<string> {
  const { seed = 1, every = 1, snapshotEvery = 0 } = options;
  const batch = new AtariBatch({
    ...(options.game === undefined ? {} : { game: options.game }),
    ...(options.rom === undefined ? {} : { rom: options.rom }),
    ...(options.frameSkip === undefined ? {} : { frameSkip: options.frameSkip }),
    repeatActionProbability: options.repeatActionProbability ?? 0.25,
    outputs: ['ram', 'screens'],
  });
  try {
    batch.load([seed]);
    const set = options.allActions ? Array.from({ length: 18 }, (_, code) => code) : batch.game.minimalActions;
    const actions = (options.actions ?? lcgActions(set))[Symbol.iterator]();
    const others = lcgActions(set, 20150);
    const steps = Math.min(options.steps ?? Infinity, options.actions?.length ?? options.steps ?? 300);
    let total = 0;
    yield ATARI_TRACE_HEADER;
    yield row(batch, 'load');
    batch.reset({
      ...(options.mode === undefined ? {} : { mode: options.mode }),
      ...(options.difficulty === undefined ? {} : { difficulty: options.difficulty }),
    });
    yield row(batch, 'reset');
    for (let step = 1; step <= steps; step++) {
      const action = actions.next().value as number;
      batch.step([action]);
      total += batch.rewards[0];
      const over = isOver(batch);
      if (over || step % every === 0) yield row(batch, String(step), action);
      if (over) {
        batch.reset();
        yield row(batch, `reset@${step}`);
      }
      if (snapshotEvery > 0 && step % snapshotEvery === 0) wander(batch, snapshotEvery, others);
    }
    yield `total,${total},,,,,`;
  } finally {
    batch.close();
  }
}

function isOver(batch: AtariBatch): boolean {
  return batch.terminated[0] === 1 || batch.truncated[0] === 1;
}

function row(batch: AtariBatch, step: string, action?: number): string {
  const played = action === undefined ? ',' : `${action},${batch.rewards[0]}`;
  const over = isOver(batch) ? 1 : 0;
  return `${step},${played},${batch.lives[0]},${over},${hex(batch.ram!)},${hex(batch.screens!)}`;
}

function hex(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Plays something else and comes back: nothing of it may be seen in what follows. */
function wander(batch: AtariBatch, acts: number, actions: Iterator<number>): void {
  const saved = batch.save();
  for (let act = 0; act < acts; act++) {
    batch.step([actions.next().value as number]);
    if (isOver(batch)) batch.reset();
  }
  batch.restore(saved);
}
