/** What a name of Gymnasium says about how a game is played. */
export interface GymnasiumName {
  /** As Gymnasium writes it: `ALE/SpaceInvaders-v5`. */
  readonly name: string;
  /** ALE id. */
  readonly game: string;
  /** Frames of an action, evenly drawn from the first to the last. */
  readonly frames: readonly [number, number];
  readonly repeatActionProbability: number;
}

const PATTERN = /^(ale\/)?([a-z0-9_]+?)(noframeskip)?-v([045])$/;

/**
 * A game by its name in Gymnasium: `ALE/Pong-v5`, `Pong-v0`, `Pong-v4`, `PongNoFrameskip-v0`, `PongNoFrameskip-v4`; capitals
 * do not matter. undefined: no such name, or of no such game.
 */
export function parseGymnasiumName(id: string, games: readonly string[]): GymnasiumName | undefined {
  const match = PATTERN.exec(id.toLowerCase());
  if (match === null) return undefined;
  const [, ale, wanted, noFrameskip, version] = match;
  if ((ale !== undefined) !== (version === '5') || (noFrameskip !== undefined && version === '5')) return undefined;
  const game = games.find((candidate) => candidate.replaceAll('_', '') === wanted!.replaceAll('_', ''));
  if (game === undefined) return undefined;
  const title = gymnasiumTitle(game);
  return {
    name: version === '5' ? `ALE/${title}-v5` : `${title}${noFrameskip === undefined ? '' : 'NoFrameskip'}-v${version}`,
    game,
    frames: version === '5' ? [4, 4] : noFrameskip === undefined ? [2, 4] : [1, 1],
    repeatActionProbability: version === '4' ? 0 : 0.25,
  };
}

/** Names as near as possible to what was asked for: in Gymnasium's way where that was used. */
export function likeNames(id: string, games: readonly string[]): string[] {
  if (/^ale\//i.test(id)) return games.map((game) => `ALE/${gymnasiumTitle(game)}-v5`);
  const version = /(noframeskip)?-v[04]$/i.exec(id);
  return version === null ? [...games] : games.map((game) => `${gymnasiumTitle(game)}${version[0]}`);
}

/** `space_invaders` → `SpaceInvaders`, `tic_tac_toe_3d` → `TicTacToe3D`. */
function gymnasiumTitle(game: string): string {
  return game
    .split('_')
    .map((word) => (/^\d/.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1)))
    .join('');
}
