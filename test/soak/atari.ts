/**
 * `npm run soak`: the long comparison of the Atari engine with ale-py 0.12.1, whose result is kept in
 * results/atari-exactness: 20,000 acts in each of two settings for all 104 games, and a million restores.
 *   --acts n  --restores n  --games a,b,…  --jobs n  --out folder
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
    jobs: { type: 'string', default: '1' },
    out: { type: 'string', default: 'results/atari-exactness' },
  },
});
const folder = oracleRoms();
process.env['TRELLIS_ROMS'] = folder;
const games = options.games === undefined ? atariGames() : options.games.split(',').map(findAtariGame);
const restores = Math.ceil(Number(options.restores) / games.length / 4) * 4;

interface Result {
  game: AtariGame;
  comparisons: { setting: string; comparison: Comparison }[];
  replay: ReplayResult;
}

async function soak(game: AtariGame): Promise<Result> {
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

const started = new Date();
const queue = [...games];
const results: Result[] = [];
await Promise.all(
  Array.from({ length: Number(options.jobs) }, async () => {
    for (let game = queue.shift(); game !== undefined; game = queue.shift()) {
      const result = await soak(game);
      results.push(result);
      const bad = result.comparisons.filter(({ comparison }) => comparison.differing > 0);
      const verdict =
        bad.length + result.replay.differing === 0 ? 'exact' : JSON.stringify({ bad, replay: result.replay });
      console.log(`${results.length}/${games.length} ${game.id}: ${verdict}`);
    }
  }),
);

results.sort((a, b) => a.game.id.localeCompare(b.game.id));
const rows = results.flatMap(({ game, comparisons }) =>
  comparisons.map(({ setting, comparison: c }) =>
    [game.id, c.rows, c.episodes, c.rewards, c.differing, `"${setting.replaceAll('"', "'")}"`].join(','),
  ),
);
const total = (key: 'rows' | 'episodes' | 'rewards' | 'differing') =>
  results.reduce(
    (sum, { comparisons }) => sum + comparisons.reduce((part, { comparison }) => part + comparison[key], 0),
    0,
  );
const summary = {
  oracle: 'ale-py 0.12.1',
  games: results.length,
  rows: total('rows'),
  episodes: total('episodes'),
  acts_with_reward: total('rewards'),
  rows_differing: total('differing'),
  restores: results.reduce((sum, { replay }) => sum + replay.restores, 0),
  replays_differing: results.reduce((sum, { replay }) => sum + replay.differing, 0),
  version: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
  cpu: cpus()[0]?.model,
  platform: `${process.platform}-${process.arch}, Node ${process.version}`,
  started: started.toISOString(),
  seconds: Math.round((Date.now() - started.getTime()) / 1000),
};
mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
writeFileSync(join(options.out, 'games.csv'), `game,rows,episodes,rewards,differing,setting\n${rows.join('\n')}\n`);
console.log(JSON.stringify(summary));
process.exitCode = summary.rows_differing + summary.replays_differing === 0 ? 0 : 1;
