import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { traceAtari } from '../../src/env/atari-trace.js';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { atariGames } from '../../src/native/atari-games.js';
import { IMPORT_HINT, listRoms } from '../../src/native/rom-library.js';

// These need the user's cartridges. Where there are none they are skipped, unless TRELLIS_REQUIRE_ROMS is set (as in CI).
const folder = fileURLToPath(new URL('atari/', import.meta.url));
const imported = new Set(
  listRoms()
    .filter((rom) => rom.state === 'imported')
    .map((rom) => rom.game.id),
);
const required = Boolean(process.env['TRELLIS_REQUIRE_ROMS']);
const skip = imported.size === 0 && !required ? IMPORT_HINT : false;
const here = (id: string) => required || imported.has(id);

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
}

function table(name: string): string[][] {
  return lines(join(folder, name))
    .slice(1)
    .map((line) => line.split(','));
}

const hex = (bytes: Uint8Array) => crc32(bytes).toString(16).padStart(8, '0');

describe('recorded traces of the real games', { skip }, () => {
  const games = readdirSync(join(folder, 'games')).filter((name) => !name.startsWith('tetris_seed'));
  assert.equal(games.length, 104);
  for (const name of games) {
    const game = name.replace('.csv', '');
    if (!here(game)) continue;
    test(game, () => {
      const recorded = lines(join(folder, 'games', name));
      const trace = { game, seed: 1, steps: 1000, every: 25 };
      assert.deepEqual([...traceAtari(trace)], recorded);
      assert.deepEqual([...traceAtari({ ...trace, snapshotEvery: 50 })], recorded);
    });
  }
  for (const [suffix, repeatActionProbability] of [['p0', 0] as const, ['p025', 0.25] as const]) {
    if (!here('tetris')) continue;
    test(`tetris, all actions, ${suffix}`, () => {
      const options = { game: 'tetris', seed: 123, steps: 5000, every: 25, allActions: true, repeatActionProbability };
      assert.deepEqual([...traceAtari(options)], lines(join(folder, 'games', `tetris_seed123_${suffix}.csv`)));
    });
  }
});

describe('check values of the 104 games', { skip }, () => {
  assert.equal(atariGames().length, 104);
  for (const [id, mapper, height, ...values] of table('check-values.csv')) {
    if (!here(id!)) continue;
    test(id!, () => {
      const batch = new AtariBatch({ game: id!, repeatActionProbability: 0, outputs: ['ram', 'screens'] });
      try {
        assert.equal(batch.mapper, mapper);
        assert.equal(batch.screenHeight, Number(height));
        batch.load([0]);
        const loaded = hex(batch.ram!);
        batch.reset();
        const start = [batch.episodeFrameNumbers[0], batch.lives[0], loaded, hex(batch.ram!)];
        const minimal = batch.game.minimalActions;
        let total = 0;
        let acts = 0;
        while (acts < 600 && batch.terminated[0] === 0) {
          batch.step([minimal[Math.floor(acts++ / 7) % minimal.length]]);
          total += batch.rewards[0];
        }
        const end = [total, batch.lives[0], acts, hex(batch.ram!), hex(batch.screens!)];
        assert.deepEqual([...start, ...end].map(String), values);
      } finally {
        batch.close();
      }
    });
  }
});

describe('reset into every mode', { skip }, () => {
  const modes = table('modes.csv');
  for (const id of new Set(modes.map(([game]) => game!))) {
    if (!here(id)) continue;
    test(id, () => {
      const batch = new AtariBatch({ game: id, repeatActionProbability: 0, outputs: ['ram'] });
      try {
        for (const [, mode, frames, ram] of modes.filter(([game]) => game === id)) {
          batch.load([0]);
          batch.reset({ mode: Number(mode) });
          assert.deepEqual([mode, String(batch.episodeFrameNumbers[0]), hex(batch.ram!)], [mode, frames, ram]);
        }
      } finally {
        batch.close();
      }
    });
  }
});
