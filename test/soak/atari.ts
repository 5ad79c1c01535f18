/**
 * `npm run soak -- atari`: the long comparison of the Atari engine with ale-py 0.12.1, whose result is kept in
 * results/atari-exactness: 20,000 acts in each of two settings for all 104 games, and a million restores.
 *   --acts n  --restores n  --games a,b,…  --out folder
 * Several processes may share the games; `--merge folder,folder` then makes one result of theirs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AtariGame, atariGames, findAtariGame } from '../../src/native/atari-games.js';
import { type Comparison, compare, oracleRoms, playOracle, playOurs } from '../differential/atari-oracle.js';
import { type ReplayResult, replayRestores } from '../differential/atari-replay.js';
import { lifeLossSetting, plainSetting, variedSetting } from '../differential/atari-settings.js';

const { values: options } = parseArgs({
  options: {
    acts: { type: 'string', default: '20000' },
    restores: { type: 'string', default: '1000000' },
    games: { type: 'string' },
    merge: { type: 'string' },
    out: { type: 'string', default: 'results/atari-exactness' },
  },
});
const COUNTS = [
  'games',
  'rows',
  'episodes',
  'acts_with_reward',
  'rows_differing',
  'restores',
  'replays_differing',
  'seconds',
] as const;
type Summary = Record<(typeof COUNTS)[number], number> &
  Record<'oracle' | 'version' | 'cpu' | 'platform' | 'started', string>;

interface Result {
  game: AtariGame;
  comparisons: { setting: string; comparison: Comparison }[];
  replay: ReplayResult;
}

const summary = options.merge === undefined ? await run(options.out) : merge(options.merge.split(','), options.out);
console.log(JSON.stringify(summary));
process.exitCode = summary.rows_differing + summary.replays_differing === 0 ? 0 : 1;

async function run(out: string): Promise<Summary> {
  const started = new Date();
  const folder = oracleRoms();
  process.env['TRELLIS_ROMS'] = folder;
  const games = options.games === undefined ? atariGames() : options.games.split(',').map(findAtariGame);
  const restores = Math.ceil(Number(options.restores) / games.length / 4) * 4;
  const results: Result[] = [];
  for (const game of games) {
    const result = await soak(game, folder, restores);
    results.push(result);
    const bad = result.comparisons.filter(({ comparison }) => comparison.differing > 0);
    const verdict =
      bad.length + result.replay.differing === 0 ? 'exact' : JSON.stringify({ bad, replay: result.replay });
    console.log(`${results.length}/${games.length} ${game.id}: ${verdict}`);
  }
  const sum = (key: 'rows' | 'episodes' | 'rewards' | 'differing') =>
    results.reduce(
      (total, { comparisons }) => total + comparisons.reduce((part, { comparison }) => part + comparison[key], 0),
      0,
    );
  const rows = results.flatMap(({ game, comparisons }) =>
    comparisons.map(({ setting, comparison: c }) =>
      [game.id, c.rows, c.episodes, c.rewards, c.differing, `"${setting.replaceAll('"', "'")}"`].join(','),
    ),
  );
  return write(out, rows, {
    oracle: 'ale-py 0.12.1',
    games: results.length,
    rows: sum('rows'),
    episodes: sum('episodes'),
    acts_with_reward: sum('rewards'),
    rows_differing: sum('differing'),
    restores: results.reduce((total, { replay }) => total + replay.restores, 0),
    replays_differing: results.reduce((total, { replay }) => total + replay.differing, 0),
    version: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
    cpu: cpus()[0]?.model ?? '',
    platform: `${process.platform}-${process.arch}, Node ${process.version}`,
    started: started.toISOString(),
    seconds: Math.round((Date.now() - started.getTime()) / 1000),
  });
}

/** Counts and seconds are sums; the rest is that of the first part. */
function merge(parts: string[], out: string): Summary {
  const read = (part: string, name: string) => readFileSync(join(part, name), 'utf8').trimEnd();
  const [first, ...others] = parts.map((part) => JSON.parse(read(part, 'summary.json')) as Summary);
  if (first === undefined) throw new Error('--merge needs folders');
  for (const other of others) for (const key of COUNTS) first[key] += other[key];
  return write(
    out,
    parts.flatMap((part) => read(part, 'games.csv').split('\n').slice(1)),
    first,
  );
}

function write(out: string, rows: string[], result: Summary): Summary {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'summary.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(out, 'games.csv'), `game,rows,episodes,rewards,differing,setting\n${rows.sort().join('\n')}\n`);
  return result;
}

async function soak(game: AtariGame, folder: string, restores: number): Promise<Result> {
  const item = 500 + atariGames().indexOf(game);
  const acts = Number(options.acts);
  const settings = [
    plainSetting(game, item, acts),
    variedSetting(game, item, acts),
    ...lifeLossSetting(game, item, Math.ceil(acts / 50)),
  ];
  const comparisons = [];
  for (const setting of settings) {
    const { game: _, ...rest } = setting;
    const theirs = playOracle(setting, folder);
    comparisons.push({ setting: JSON.stringify(rest), comparison: compare(playOurs(setting), await theirs) });
  }
  return { game, comparisons, replay: replayRestores(game.id, restores, item) };
}
