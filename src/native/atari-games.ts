import { NotFoundError } from '../base/errors.js';
import { addon } from './addon.js';
import { likeNames, parseGymnasiumName } from './atari-names.js';

/** One of the 104 single-player games, as the Arcade Learning Environment 0.12.1 knows it; or `homebrew`. */
export interface AtariGame {
  /** ALE id, e.g. `space_invaders`. */
  readonly id: string;
  /** For people: `Space Invaders`. */
  readonly name: string;
  /** Of the cartridge image, lower-case hexadecimal. */
  readonly md5: string;
  /** Action codes (0 … 17) that do something in this game, ascending. */
  readonly minimalActions: readonly number[];
  /** Action codes the game accepts; others act as NOOP. */
  readonly legalActions: readonly number[];
  /** The first is the default. */
  readonly modes: readonly number[];
  readonly difficulties: readonly number[];
  /** Lives at the start, the measure of truncation on life loss. */
  readonly lives: number;
}

interface GamesAddon {
  atariGames(): AtariGame[];
  homebrewGame(): AtariGame;
  md5(bytes: Uint8Array): string;
}

let games: readonly AtariGame[] | undefined;

/** All games, sorted by id. */
export function atariGames(): readonly AtariGame[] {
  games ??= addon<GamesAddon>().atariGames();
  return games;
}

/** Id of the rules for cartridges of one's own: score in $80 (low byte) and $81, the game is over while $82 is not 0. */
export const HOMEBREW = 'homebrew';

/**
 * The game with this id, or `homebrew`; `-`, `_` and case do not matter. Gymnasium's names are understood, too
 * (`ALE/Pong-v5`, `PongNoFrameskip-v4`): they name the game, and its settings only where an environment is made.
 * @throws NotFoundError naming the nearest ids
 */
export function findAtariGame(id: string): AtariGame {
  if (typeof id !== 'string')
    throw new NotFoundError('Atari game', id, gameIds(), { expected: 'an id, such as "pong"' });
  const wanted = atariId(id);
  if (wanted === HOMEBREW) return addon<GamesAddon>().homebrewGame();
  const game = atariGames().find((candidate) => candidate.id === wanted);
  if (game === undefined) throw new NotFoundError('Atari game', id, likeNames(id, gameIds()));
  return game;
}

/** Whether an id names an Atari game. */
export function isAtariGame(id: string): boolean {
  if (typeof id !== 'string') return false;
  const wanted = atariId(id);
  return wanted === HOMEBREW || gameIds().includes(wanted);
}

/** The id as the Arcade Learning Environment writes it; of a name of Gymnasium's, that of its game. */
export function atariId(id: string): string {
  return parseGymnasiumName(id, gameIds())?.game ?? id.toLowerCase().replaceAll('-', '_');
}

function gameIds(): string[] {
  return atariGames().map((game) => game.id);
}

/** MD5 of bytes, lower-case hexadecimal: how cartridge images are told apart. */
export function md5(bytes: Uint8Array): string {
  return addon<GamesAddon>().md5(bytes);
}
