import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { atariGames, findAtariGame } from '../../src/native/atari-games.js';
import { compare, oracleRoms, playOracle, playOurs } from './atari-oracle.js';
import { replayRestores } from './atari-replay.js';
import { lifeLossSetting, plainSetting, variedSetting } from './atari-settings.js';

// All 104 games against ale-py 0.12.1, the process itself: $TRELLIS_PYTHON, else python3.
const folder = oracleRoms();
process.env['TRELLIS_ROMS'] = folder;
const ACTS = 1200;

describe('every act of every game is ale-py’s', { concurrency: Math.min(4, availableParallelism()) }, () => {
  for (const [item, game] of atariGames().entries()) {
    test(game.id, async () => {
      for (const setting of [
        plainSetting(game, item, ACTS / 2),
        variedSetting(game, item, ACTS / 2),
        ...lifeLossSetting(game, item, 100),
      ]) {
        const theirs = playOracle(setting, folder);
        const { differing, first, rows } = compare(playOurs(setting), await theirs);
        assert.equal(
          differing,
          0,
          `${JSON.stringify({ ...setting, game: game.id })}: ${differing} of ${rows}, ${first}`,
        );
      }
    });
  }
});

test('the first act does not repeat what was done to reach a mode', async () => {
  const setting = { ...variedSetting(findAtariGame('video_cube'), 598, 20), mode: 301, difficulty: 1, frameSkip: 2 };
  const theirs = await playOracle(setting, folder);
  assert.deepEqual(compare(playOurs(setting), theirs).first, null);
});

describe('a restored game plays on as it would have', () => {
  for (const [item, game] of atariGames().entries()) {
    test(game.id, () => assert.deepEqual(replayRestores(game.id, 100, item), { restores: 100, differing: 0 }));
  }
});
