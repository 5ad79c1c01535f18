import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { NotFoundError, RomError } from '../../src/base/errors.js';
import { temporaryName } from '../../src/base/files.js';
import { type AtariGame, atariGames, findAtariGame, md5 } from '../../src/native/atari-games.js';
import { importRoms } from '../../src/native/rom-import.js';
import {
  identifyRom,
  listRoms,
  ROM_BYTES,
  readRom,
  readRomFile,
  romFolder,
  romPath,
  storeRom,
} from '../../src/native/rom-library.js';

const synthetic = fileURLToPath(new URL('../golden/atari/synthetic/tia01.bin', import.meta.url));
const cartridge = new Uint8Array(readFileSync(synthetic));
const inherited = process.env['TRELLIS_ROMS'];
let scratch: string;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trellis-roms-'));
});
beforeEach(() => {
  process.env['TRELLIS_ROMS'] = mkdtempSync(join(scratch, 'library-'));
});
after(() => {
  rmSync(scratch, { recursive: true });
  if (inherited === undefined) delete process.env['TRELLIS_ROMS'];
  else process.env['TRELLIS_ROMS'] = inherited;
});

/** Makes the synthetic cartridge the one of a game, for one test. */
function adopt<T>(id: string, body: (game: AtariGame) => T): T {
  const game = findAtariGame(id) as { md5: string } & AtariGame;
  const real = game.md5;
  game.md5 = md5(cartridge);
  try {
    return body(game);
  } finally {
    game.md5 = real;
  }
}

describe('the games', () => {
  test('104, sorted, each with its actions, modes and difficulties', () => {
    const ids = atariGames().map((game) => game.id);
    assert.equal(ids.length, 104);
    assert.deepEqual(ids, [...ids].sort());
    const pong = findAtariGame('Pong');
    assert.deepEqual(pong, {
      id: 'pong',
      name: 'Pong',
      md5: '60e0ea3cbe0913d39803477945e9e5ec',
      minimalActions: [0, 1, 3, 4, 11, 12],
      legalActions: Array.from({ length: 18 }, (_, code) => code),
      modes: [0, 1],
      difficulties: [0, 1, 2, 3],
      lives: 0,
    });
    assert.equal(findAtariGame('space-invaders').id, 'space_invaders');
    assert.equal(findAtariGame('video_cube').modes.length, 153);
  });

  test('an unknown id names the nearest', () => {
    assert.throws(
      () => findAtariGame('spaceinvader'),
      (error: NotFoundError) => {
        assert.ok(error instanceof NotFoundError);
        assert.match(error.message, /space_invaders/);
        return true;
      },
    );
  });

  test('MD5', () => {
    assert.equal(md5(new Uint8Array(0)), 'd41d8cd98f00b204e9800998ecf8427e');
    assert.equal(md5(new TextEncoder().encode('a'.repeat(1000))), 'cabe45dcc9ae5b66ba86600cca6b8ba8');
    assert.equal(md5(cartridge), '9ab1cb4c9280952fbcddfb72bf9fb672');
  });
});

describe('the library', () => {
  test('stores whole files under the game’s id and reads them back', () => {
    adopt('qbert', (game) => {
      // What an import that was killed left behind.
      mkdirSync(romFolder(), { recursive: true });
      writeFileSync(temporaryName(romPath(game)).replace(`-${process.pid}-`, '-4194300-'), 'half');
      const path = storeRom(game, cartridge);
      assert.equal(path, join(romFolder(), 'qbert.bin'));
      assert.deepEqual(readdirSync(romFolder()), ['qbert.bin']);
      assert.deepEqual(new Uint8Array(readRom('QBERT').bytes), cartridge);
      assert.deepEqual(
        listRoms()
          .filter((rom) => rom.state !== 'missing')
          .map((rom) => [rom.game.id, rom.state]),
        [['qbert', 'imported']],
      );
    });
    assert.equal(listRoms().find((rom) => rom.game.id === 'qbert')!.state, 'wrong');
    assert.throws(() => readRom('qbert'), RomError);
  });

  test('without a ROM the message names both commands', () => {
    assert.throws(() => readRom('pong'), /pip download ale-py==0\.12\.1 --no-deps.*trellis roms import/);
  });

  test('an unknown MD5 needs an explicit id', () => {
    assert.throws(() => readRomFile(synthetic), /MD5 is 9ab1cb4c/);
    assert.equal(readRomFile(synthetic, 'qbert').game.id, 'qbert');
    assert.throws(() => readRomFile(synthetic, 'qbort'), NotFoundError);
  });

  test('wrong sizes and missing files', () => {
    assert.throws(() => identifyRom(new Uint8Array(100), 'pong'), /100 bytes/);
    assert.throws(() => identifyRom(new Uint8Array(2 ** 20), 'pong'), RomError);
    assert.throws(() => readRomFile(join(scratch, 'none.bin'), 'pong'), RomError);
  });
});

describe('import', () => {
  test('from folders, archives in folders, wheels and single files, whatever their names', () => {
    const folder = mkdtempSync(join(scratch, 'source-'));
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'Any Name (1982).A26'), cartridge);
    writeFileSync(join(folder, 'readme.txt'), 'x'.repeat(4096));
    const wheel = join(scratch, 'games.whl');
    writeFileSync(wheel, zipSync({ 'ale_py/roms/whatever.bin': cartridge, 'ale_py/env.py': new Uint8Array(3000) }));
    const nested = mkdtempSync(join(scratch, 'nested-'));
    writeFileSync(join(nested, 'pack.zip'), readFileSync(wheel));
    adopt('seaquest', () => {
      for (const source of [folder, wheel, nested, join(folder, 'deep', 'Any Name (1982).A26')]) {
        process.env['TRELLIS_ROMS'] = mkdtempSync(join(scratch, 'library-'));
        const first = importRoms(source);
        assert.deepEqual(
          [first.imported.map((game) => game.id), first.present, first.unknown],
          [['seaquest'], [], []],
          source,
        );
        const second = importRoms(source);
        assert.deepEqual([second.imported, second.present.map((game) => game.id)], [[], ['seaquest']]);
        assert.deepEqual(new Uint8Array(readFileSync(join(romFolder(), 'seaquest.bin'))), cartridge);
      }
    });
  });

  test('a wrong file in the library is replaced', () => {
    writeFileSync(join(romFolder(), 'seaquest.bin'), 'broken');
    const source = join(scratch, 'right.zip');
    writeFileSync(source, zipSync({ 'a.bin': cartridge }));
    adopt('seaquest', () => {
      assert.equal(importRoms(source).imported.length, 1);
      assert.equal(readRom('seaquest').bytes.length, 4096);
    });
  });

  test('unknown cartridges are named with their MD5', () => {
    const source = join(scratch, 'unknown.zip');
    writeFileSync(source, zipSync({ 'pong.bin': cartridge }));
    assert.throws(() => importRoms(source), /pong\.bin \(4096 bytes, MD5 9ab1cb4c9280952fbcddfb72bf9fb672\)/);
  });

  test('a library that cannot be written', () => {
    const blocked = join(scratch, 'a-file');
    writeFileSync(blocked, 'x');
    process.env['TRELLIS_ROMS'] = join(blocked, 'roms');
    adopt('seaquest', (game) => assert.throws(() => storeRom(game, cartridge), RomError));
  });

  test('what is no source', () => {
    assert.throws(() => importRoms(join(scratch, 'nowhere')), RomError);
    const damaged = join(scratch, 'damaged.zip');
    writeFileSync(damaged, 'PK not really');
    assert.throws(() => importRoms(damaged), /no readable archive/);
    const tiny = join(scratch, 'tiny.bin');
    writeFileSync(tiny, 'x');
    assert.throws(() => importRoms(tiny), /1 bytes/);
    assert.throws(() => importRoms(mkdtempSync(join(scratch, 'empty-'))), /no known cartridge/);
  });

  test('what is damaged in a folder is said, and keeps nothing else out', () => {
    const folder = mkdtempSync(join(scratch, 'mixed-'));
    writeFileSync(join(folder, 'a.zip'), 'PK not really');
    writeFileSync(join(folder, 'b.zip'), zipSync({ 'x.bin': cartridge }));
    for (const name of ['self', 'again']) symlinkSync(folder, join(folder, name));
    symlinkSync('/dev/zero', join(folder, 'zero.bin'));
    process.env['TRELLIS_ROMS'] = mkdtempSync(join(scratch, 'library-'));
    adopt('seaquest', () => {
      const { imported, damaged } = importRoms(folder);
      assert.equal(imported.length, 1);
      assert.deepEqual(
        damaged.map(({ name }) => name),
        [join(folder, 'a.zip')],
      );
      assert.match(damaged[0].reason, /no readable archive/);
    });
  });

  test('archives that would fill the memory are refused', () => {
    const source = join(scratch, 'bomb.zip');
    const large = new Uint8Array(ROM_BYTES.most);
    const zip = (entries: number, bytes: Uint8Array) =>
      zipSync(Object.fromEntries(Array.from({ length: entries }, (_, i) => [`${i}.bin`, bytes])), { level: 1 });
    writeFileSync(source, zip(520, large));
    assert.throws(() => importRoms(source), /unpacks to more than/);
    writeFileSync(source, zip(20_001, new Uint8Array(0)));
    assert.throws(() => importRoms(source), /more than 20000 entries/);
  });

  test('pipes, devices and folders are refused without reading', {
    skip: process.platform === 'win32' && 'no named pipes in folders',
  }, () => {
    const pipe = join(scratch, 'pipe.zip');
    execFileSync('mkfifo', [pipe]);
    assert.throws(() => importRoms(pipe), /pipe or a device/);
    for (const path of [pipe, '/dev/zero', scratch]) assert.throws(() => readRomFile(path, 'pong'), RomError, path);
    assert.throws(() => importRoms('/dev/zero'), RomError);
  });
});
