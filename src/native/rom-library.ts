import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { readBounded } from '../base/bounded-read.js';
import { commandText } from '../base/command-text.js';
import { RomError } from '../base/errors.js';
import { clearLeftovers, temporaryName } from '../base/files.js';
import { type AtariGame, atariGames, findAtariGame, HOMEBREW, md5 } from './atari-games.js';

/**
 * The user's cartridge images: one file `<id>.bin` a game in one folder. They are never part of this package.
 */

/** A cartridge image and the game whose rules go with it. */
export interface Rom {
  readonly game: AtariGame;
  readonly bytes: Uint8Array;
  readonly md5: string;
  /** Where it was read from; null if it came as bytes. */
  readonly path: string | null;
}

/** Cartridge images are 2 KiB … 512 KiB; anything else in a folder or archive is not looked at. */
export const ROM_BYTES = { least: 2048, most: 524288 } as const;

/** What to do when no ROM was imported. */
export const IMPORT_HINT =
  // The star is the shell's: it must not be quoted.
  `Get the ROMs with "pip download ale-py==0.12.1 --no-deps" and then "${commandText(['roms', 'import'])} ale_py-0.12.1-*.whl"`;

/** The folder of imported ROMs: `$TRELLIS_ROMS`, else `trellis/roms` in the user's data folder. */
export function romFolder(): string {
  const named = process.env['TRELLIS_ROMS'];
  if (named !== undefined && named !== '') return named;
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'trellis', 'roms');
  if (process.platform === 'win32') {
    return join(process.env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'trellis', 'roms');
  }
  return join(process.env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'trellis', 'roms');
}

/** Where the ROM of a game is or would be. */
export function romPath(game: AtariGame): string {
  return join(romFolder(), `${game.id}.bin`);
}

/**
 * The imported ROM of a game.
 * @throws NotFoundError for an unknown id, RomError when it was not imported or is not the right cartridge
 */
export function readRom(id: string): Rom {
  const game = findAtariGame(id);
  if (game.id === HOMEBREW) {
    throw new RomError('the rules "homebrew" come without a cartridge', {
      hint: 'Name your own with the option "rom"',
    });
  }
  const path = romPath(game);
  if (!existsSync(path)) {
    throw new RomError(`no ROM of "${game.id}" was imported (${path})`, { value: game.id, hint: IMPORT_HINT });
  }
  const bytes = readImage(path);
  const hash = md5(bytes);
  if (hash !== game.md5) {
    throw new RomError(`${path} is not the cartridge of "${game.id}": its MD5 is ${hash}`, {
      value: hash,
      expected: game.md5,
      hint: `Import it again, or load it as another game by naming both the file and the game`,
    });
  }
  return { game, bytes, md5: hash, path };
}

/**
 * A ROM from a file. Without an id its MD5 must be a known one; with an id any cartridge is taken and plays by that
 * game's rules (console properties of an unknown MD5 are the defaults).
 * @throws RomError for an unknown MD5 without an id, or a file that cannot be a cartridge
 */
export function readRomFile(path: string, id?: string): Rom {
  return { ...identifyRom(readImage(path), id, path), path };
}

/** @throws RomError if it cannot be read, or is larger than any cartridge */
function readImage(path: string): Uint8Array {
  try {
    return readBounded(path, ROM_BYTES.most);
  } catch (cause) {
    throw new RomError(`cannot read ${path}: ${(cause as Error).message}`, {
      value: path,
      expected: 'a cartridge image of 2048, 4096, 8192, 10240, 10495, 10496 or 16384 bytes',
      cause,
    });
  }
}

/** As readRomFile, for bytes at hand; `what` names them in messages. */
export function identifyRom(bytes: Uint8Array, id?: string, what = 'the ROM'): Rom {
  if (bytes.length < ROM_BYTES.least || bytes.length > ROM_BYTES.most) {
    throw new RomError(`${what} has ${bytes.length} bytes`, {
      value: bytes.length,
      expected: `a cartridge image of ${ROM_BYTES.least} to ${ROM_BYTES.most} bytes`,
    });
  }
  const hash = md5(bytes);
  const game = id === undefined ? gameOfMd5(hash) : findAtariGame(id);
  if (game === undefined) {
    throw new RomError(`${what} is no known cartridge: its MD5 is ${hash}`, {
      value: hash,
      expected: `the MD5 of one of the games in "${commandText(['roms', 'list'])}"`,
      hint: 'Name the game whose rules it should play by to load it all the same',
    });
  }
  return { game, bytes, md5: hash, path: null };
}

/** The game whose cartridge has this MD5. */
export function gameOfMd5(hash: string): AtariGame | undefined {
  return atariGames().find((game) => game.md5 === hash);
}

export type RomState = 'imported' | 'missing' | 'wrong';

/** Every game with the state of its ROM; `wrong` is a file of another MD5. */
export function listRoms(): { game: AtariGame; path: string; state: RomState }[] {
  return atariGames().map((game) => ({ game, path: romPath(game), state: romState(game) }));
}

/** What is there of a game's ROM. */
export function romState(game: AtariGame): RomState {
  const path = romPath(game);
  if (!existsSync(path)) return 'missing';
  try {
    return md5(readBounded(path, ROM_BYTES.most)) === game.md5 ? 'imported' : 'wrong';
  } catch {
    return 'wrong';
  }
}

/** Files a ROM under its game: whole or not at all, whoever else writes at the same time. */
export function storeRom(game: AtariGame, bytes: Uint8Array): string {
  const folder = romFolder();
  const path = romPath(game);
  const temporary = temporaryName(path);
  try {
    mkdirSync(folder, { recursive: true });
    clearLeftovers(folder, (name) => name === basename(path));
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new RomError(`cannot write ${path}: ${(cause as Error).message}`, { value: path, cause });
  }
  return path;
}
