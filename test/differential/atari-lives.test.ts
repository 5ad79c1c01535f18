import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defineAtariEnv } from '../../src/env/define-atari-env.js';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { type AtariGame, atariGames } from '../../src/native/atari-games.js';
import { base64, differs, oracle, words } from './atari-more-oracle.js';
import { chooser, oracleRoms } from './atari-oracle.js';

// Lives, and episodes that end with one, in all 104 games against ale-py 0.12.1, the process itself.
const folder = oracleRoms();
process.env['TRELLIS_ROMS'] = folder;
const concurrency = Math.min(4, availableParallelism());
/** Of 12 frames each, so that a second of play is few rows and both engines seldom draw. */
const ACTS = 200;
const FRAME_SKIP = 12;

const SEEDS = [1];

function actionsOf(game: AtariGame, item: number, seed: number): Uint8Array {
  const choose = chooser(7300 + seed, item);
  return Uint8Array.from({ length: ACTS }, () => choose(game.minimalActions.length));
}

/** Rows of lives and end; and the acts in which a life was lost, but for each episode's first. */
function playLives(game: AtariGame, indices: Uint8Array, seed: number): { rows: number[][]; lost: number[] } {
  const batch = new AtariBatch({ game: game.id, frameSkip: FRAME_SKIP });
  batch.reset({ seeds: [seed] });
  const rows: number[][] = [];
  const lost: number[] = [];
  for (const [act, index] of indices.entries()) {
    batch.step([game.minimalActions[index]]);
    const first = act === 0 || rows[act - 1][1] === 1;
    if (batch.lifeLost[0] && !first) lost.push(act);
    rows.push([batch.lives[0], batch.terminated[0]]);
    if (batch.terminated[0]) batch.reset();
  }
  batch.close();
  return { rows, lost };
}

/** Where an act leaves fewer lives than the one before it in the same episode, but some. */
function losses(rows: Buffer): number[] {
  const [lives, over] = [0, 4].map((offset) => (act: number) => rows.readInt32LE(8 * act + offset));
  const acts = Array.from({ length: ACTS - 1 }, (_, i) => i + 1);
  return acts.filter((act) => over!(act - 1) === 0 && lives!(act) < lives!(act - 1) && lives!(act) > 0);
}

/** Until a life, or the game, is over: rows of reward, lives, terminated, truncated, frame of the episode. */
function playEpisode(game: AtariGame, indices: Uint8Array, seed: number): number[][] {
  const settings = { endOnLifeLoss: true, observation: 'ram', actions: 'minimal', noopSteps: 0, frameSkip: 4 };
  const env = defineAtariEnv(game.id, settings).make(1, { threads: 1 });
  env.reset([0], Uint32Array.of(seed, 0));
  const { lives, episodeFrameNumbers } = env.info!;
  const rows: number[][] = [];
  for (const index of indices) {
    env.step(Int32Array.of(index));
    const { terminated, truncated, rewards } = env;
    rows.push([rewards[0], lives![0], terminated[0], truncated[0], episodeFrameNumbers![0]]);
    if (terminated[0] || truncated[0]) break;
  }
  env.close();
  return rows;
}

describe('lives, and where one is lost; endOnLifeLoss ends where episodic_life does', { concurrency }, () => {
  for (const [item, game] of atariGames().entries()) {
    test(game.id, async () => {
      const all = SEEDS.map((seed) => actionsOf(game, item, seed));
      const codes = all.map((indices) => base64(indices.map((index) => game.minimalActions[index])));
      const common = { kind: 'lives', rom: join(folder, `${game.id}.bin`), frameSkip: FRAME_SKIP };
      const theirs = await oracle(
        ...SEEDS.map((seed, i) => ({ ...common, seed, actions: codes[i] })),
        ...SEEDS.map((seed, i) => ({ kind: 'episodic', game: game.id, seed, actions: base64(all[i]) })),
      );
      for (const [i, seed] of SEEDS.entries()) {
        const { rows, lost } = playLives(game, all[i], seed);
        const wanted = theirs.subarray(8 * ACTS * i, 8 * ACTS * (i + 1));
        assert.equal(differs(words(rows), wanted, 8), -1, `lives, seed ${seed}`);
        assert.deepEqual(lost, losses(wanted), `lost lives, seed ${seed}`);
      }
      const episodes = words(SEEDS.flatMap((seed, i) => playEpisode(game, all[i], seed)));
      assert.equal(differs(episodes, theirs.subarray(8 * ACTS * SEEDS.length), 20), -1, 'episodes');
    });
  }
});
