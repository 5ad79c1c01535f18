import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { streamKey, uniform } from '../../src/base/random.js';
import { AtariBatch } from '../../src/native/atari-batch.js';
import type { AtariGame } from '../../src/native/atari-games.js';
import { askOracle, python } from './oracle-process.js';

/** How one comparison is played. */
export interface Setting {
  game: AtariGame;
  seed: number;
  probability: number;
  frameSkip: number;
  mode: number | null;
  difficulty: number | null;
  lifeLoss: boolean;
  maxFrames: number;
  allActions: boolean;
  acts: number;
}

/** reward, lives, flags (1 terminated, 2 truncated), CRC-32 of RAM, CRC-32 of the screen. */
const ROW = 20;
const script = fileURLToPath(new URL('atari_oracle.py', import.meta.url));

/** The folder of the cartridges that come with ale-py; throws where ale-py 0.12.1 is not installed. */
export function oracleRoms(): string {
  const { status, stdout, stderr, error } = spawnSync(python, [script, '--roms'], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${python} cannot import ale-py (pip install ale-py==0.12.1; $TRELLIS_PYTHON): ${error ?? stderr}`);
  }
  const { folder, version } = JSON.parse(stdout) as { folder: string; version: string };
  if (version !== '0.12.1') throw new Error(`ale-py is ${version}; the oracle is 0.12.1`);
  return folder;
}

/** Random numbers of a setting: uniform integers below n, a function of the setting and a counter. */
export function chooser(seed: number, item: number): (n: number) => number {
  const key = streamKey(seed, 100, 0, item);
  let time = 0;
  return (n) => Math.floor(uniform(key[0], key[1], time++, 0) * n);
}

export function actionsOf(setting: Setting): Uint8Array {
  const set = setting.allActions ? Array.from({ length: 18 }, (_, code) => code) : setting.game.minimalActions;
  const choose = chooser(setting.seed, 1);
  return Uint8Array.from({ length: setting.acts }, () => set[choose(set.length)]);
}

/**
 * What ale-py shows: all rows of a setting. It is a function of the setting, so $TRELLIS_ORACLE_CACHE may name a folder
 * that keeps the rows for the next comparison.
 */
export async function playOracle(setting: Setting, folder: string): Promise<Buffer> {
  const cache = process.env['TRELLIS_ORACLE_CACHE'];
  if (!cache) return runOracle(setting, folder);
  const key = createHash('sha256').update(JSON.stringify({ ...setting, game: setting.game.md5 }));
  const path = join(cache, `${setting.game.id}-${key.update(actionsOf(setting)).digest('hex').slice(0, 16)}.rows`);
  if (existsSync(path)) return readFileSync(path);
  const rows = await runOracle(setting, folder);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${path}.tmp`, rows);
  renameSync(`${path}.tmp`, path);
  return rows;
}

function runOracle(setting: Setting, folder: string): Promise<Buffer> {
  const { game, acts: _, allActions: __, ...rest } = setting;
  return askOracle('atari_oracle.py', {
    ...rest,
    rom: join(folder, `${game.id}.bin`),
    actions: Buffer.from(actionsOf(setting)).toString('base64'),
  });
}

/** What we show: the same rows. */
export function playOurs(setting: Setting): Buffer {
  const batch = new AtariBatch({
    game: setting.game.id,
    repeatActionProbability: setting.probability,
    frameSkip: setting.frameSkip,
    maxFramesPerEpisode: setting.maxFrames,
    truncateOnLifeLoss: setting.lifeLoss,
    outputs: ['ram', 'screens'],
  });
  const rows: Buffer[] = [];
  const row = (reward: number) => {
    const flags = batch.terminated[0] | (2 * batch.truncated[0]);
    const bytes = Buffer.alloc(ROW);
    bytes.writeInt32LE(reward, 0);
    bytes.writeInt32LE(batch.lives[0], 4);
    bytes.writeInt32LE(flags, 8);
    bytes.writeUInt32LE(crc32(batch.ram!), 12);
    bytes.writeUInt32LE(crc32(batch.screens!), 16);
    rows.push(bytes);
    return flags;
  };
  try {
    batch.load([setting.seed]);
    row(0);
    batch.reset({
      ...(setting.mode === null ? {} : { mode: setting.mode }),
      ...(setting.difficulty === null ? {} : { difficulty: setting.difficulty }),
    });
    row(0);
    for (const action of actionsOf(setting)) {
      batch.step([action]);
      if (row(batch.rewards[0]) !== 0) {
        batch.reset();
        row(0);
      }
    }
    return Buffer.concat(rows);
  } finally {
    batch.close();
  }
}

export interface Comparison {
  rows: number;
  episodes: number;
  rewards: number;
  /** Rows that differ, and the first of them in words. */
  differing: number;
  first: string | null;
}

export function compare(ours: Buffer, theirs: Buffer): Comparison {
  const result: Comparison = { rows: theirs.length / ROW, episodes: 0, rewards: 0, differing: 0, first: null };
  if (ours.length !== theirs.length) result.differing = Math.abs(ours.length - theirs.length) / ROW;
  for (let at = 0; at < Math.min(ours.length, theirs.length); at += ROW) {
    if (theirs.readInt32LE(at + 8) !== 0) result.episodes++;
    if (theirs.readInt32LE(at) !== 0) result.rewards++;
    if (ours.compare(theirs, at, at + ROW, at, at + ROW) === 0) continue;
    result.differing++;
    result.first ??= `row ${at / ROW}: ours ${describe(ours, at)}, theirs ${describe(theirs, at)}`;
  }
  return result;
}

function describe(rows: Buffer, at: number): string {
  const [reward, lives, flags] = [0, 4, 8].map((offset) => rows.readInt32LE(at + offset));
  const [ram, screen] = [12, 16].map((offset) => rows.readUInt32LE(at + offset).toString(16));
  return `reward ${reward} lives ${lives} flags ${flags} ram ${ram} screen ${screen}`;
}
