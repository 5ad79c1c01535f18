import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { readBounded } from '../base/bounded-read.js';
import { RomError } from '../base/errors.js';
import { type AtariGame, isAtariGame, md5 } from './atari-games.js';
import { gameOfMd5, ROM_BYTES, romState, storeRom } from './rom-library.js';

export { romFolder } from './rom-library.js';

/** What an import did. */
export interface RomImport {
  /** Filed now. */
  readonly imported: AtariGame[];
  /** Were there already. */
  readonly present: AtariGame[];
  /** Files that look like cartridges but have another MD5 than any game; `expected` where the name is a game's. */
  readonly unknown: { name: string; md5: string; bytes: number; expected: string | null }[];
  /** Archives and files of a folder that could not be read, and why; the others were. */
  readonly damaged: { name: string; reason: string }[];
}

/** Archives larger than this are not opened. */
const LARGEST_ARCHIVE = 512 * 2 ** 20;
const DEEPEST_FOLDER = 8;
/** More than any collection needs; what goes beyond is made to fill the memory. */
const MOST_ENTRIES = 20_000;
const MOST_UNPACKED = 256 * 2 ** 20;

/**
 * Files all known cartridges found in a folder (and the archives in it), a `.zip`, a Python wheel or a single file.
 * Known is known by MD5, whatever the name.
 * @throws RomError if the source does not exist, is a damaged archive, or holds no known cartridge
 */
export function importRoms(source: string): RomImport {
  if (!existsSync(source)) throw new RomError(`there is no ${source}`, { value: source, expected: SOURCES });
  const result: RomImport = { imported: [], present: [], unknown: [], damaged: [] };
  try {
    for (const { name, bytes } of candidates(source, { depth: 0, seen: new Set(), damaged: result.damaged })) {
      file(name, bytes, result);
    }
  } catch (cause) {
    if (cause instanceof RomError) throw cause;
    throw new RomError(`cannot read all of ${source}: ${(cause as Error).message}`, { value: source, cause });
  }
  if (result.imported.length + result.present.length === 0) {
    const unread = result.damaged.map(({ name, reason }) => `; ${name} cannot be read (${reason})`).slice(0, 3);
    const seen = result.unknown.map((file) => `${file.name} (${file.bytes} bytes, MD5 ${file.md5})`).slice(0, 3);
    throw new RomError(
      `no known cartridge in ${source}${seen.length > 0 ? `: found ${seen.join(', ')}` : ''}${unread.join('')}`,
      {
        value: source,
        expected: SOURCES,
        hint: 'Cartridges are known by MD5; a ROM of another MD5 can be used by naming its file and the game',
      },
    );
  }
  return result;
}

const SOURCES = 'a folder, a .zip or a Python wheel with Atari 2600 cartridges';

/** Cartridges for two players that come with ale-py: combat, joust, maze_craze, warlords. Nothing to say about them. */
const FOR_TWO = new Set([
  '0ef64cdbecccb7049752a3de0b7ade14',
  '3276c777cbe97cdd2b4a63ffc16b7151',
  'ed2218b3075d15eaa34e3356025ccca3',
  'cbe5a166550a8129a5e6d374901dffad',
]);

function file(name: string, bytes: Uint8Array, result: RomImport): void {
  const hash = md5(bytes);
  const game = gameOfMd5(hash);
  if (FOR_TWO.has(hash)) return;
  if (game === undefined) {
    const stem = basename(name).replace(/\.[^.]*$/, '');
    // Anything can have a cartridge's size; what has neither its extension nor its name is not worth a word.
    if (!/\.(a26|bin|rom)$/i.test(name)) return;
    const expected = isAtariGame(stem) ? stem : null;
    result.unknown.push({ name, md5: hash, bytes: bytes.length, expected });
    return;
  }
  if (romState(game) === 'imported') {
    if (!result.present.includes(game) && !result.imported.includes(game)) result.present.push(game);
    return;
  }
  storeRom(game, bytes);
  result.imported.push(game);
}

interface Search {
  readonly depth: number;
  /** Folders that were gone through, whatever links lead to them. */
  readonly seen: Set<string>;
  readonly damaged: RomImport['damaged'];
}

interface Candidate {
  name: string;
  bytes: Uint8Array;
}

function* candidates(path: string, search: Search): Generator<Candidate> {
  const { depth, seen, damaged } = search;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (status.isDirectory()) {
    const real = realpathSync(path);
    if (depth > DEEPEST_FOLDER || seen.has(real)) return;
    seen.add(real);
    for (const name of readdirSync(path).sort()) {
      try {
        yield* candidates(join(path, name), { ...search, depth: depth + 1 });
      } catch (error) {
        // One that cannot be read does not keep the others out.
        damaged.push({ name: join(path, name), reason: (error as Error).message });
      }
    }
  } else if (/\.(zip|whl)$/i.test(path)) {
    yield* fromArchive(path);
  } else if (status.isFile() && sizeFits(status.size)) {
    yield { name: path, bytes: readBounded(path, ROM_BYTES.most) };
  } else if (depth === 0 && !status.isFile()) {
    throw new RomError(`${path} is a pipe or a device`, { value: path, expected: SOURCES });
  } else if (depth === 0) {
    throw new RomError(`${path} has ${status.size} bytes`, {
      value: status.size,
      expected: `a cartridge image of ${ROM_BYTES.least} to ${ROM_BYTES.most} bytes, or ${SOURCES}`,
    });
  }
}

function* fromArchive(path: string): Generator<Candidate> {
  let files: Record<string, Uint8Array>;
  let entries = 0;
  let unpacked = 0;
  try {
    files = unzipSync(readBounded(path, LARGEST_ARCHIVE), {
      filter: ({ originalSize }) => {
        if (++entries > MOST_ENTRIES) throw new RangeError(`it has more than ${MOST_ENTRIES} entries`);
        if (!sizeFits(originalSize)) return false;
        unpacked += originalSize;
        if (unpacked > MOST_UNPACKED) throw new RangeError(`it unpacks to more than ${MOST_UNPACKED} bytes`);
        return true;
      },
    });
  } catch (cause) {
    throw new RomError(`${path} is no readable archive: ${(cause as Error).message}`, { value: path, cause });
  }
  for (const [name, bytes] of Object.entries(files)) {
    if (sizeFits(bytes.length)) yield { name: `${path}/${name}`, bytes };
  }
}

function sizeFits(bytes: number): boolean {
  return bytes >= ROM_BYTES.least && bytes <= ROM_BYTES.most;
}
