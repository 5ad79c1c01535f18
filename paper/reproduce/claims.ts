import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import { getEnv } from '../../src/index.js';
import { type ClaimResult, claimCells, judgeClaims, MEASURED_CLAIMS } from '../claims/index.js';
import { claimsTable, writeClaims } from '../figures/claims.js';
import { writeFigure1 } from '../figures/figure1.js';
import { writeFigure2 } from '../figures/figure2.js';
import { settingsTables } from '../figures/settings-table.js';

/**
 * `trellis reproduce claims`: the runs that some claims need, all measurements, Figures 1 and 2, and the tables of
 * settings and timings. Claims about Figure 4 read results/fig4 beside the output folder. With `--only` the others stay as an
 * earlier call judged them.
 */
export async function reproduceClaims(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  const out = options.out ?? 'results/claims';
  const figure4 = join(out, '..', 'fig4');
  const wanted = options.only?.split(',').map((name) => name.trim());
  const selected = (id: string) => wanted === undefined || wanted.includes(id);
  const trained = wanted === undefined || wanted.some((id) => !(id in MEASURED_CLAIMS));
  const failed = trained && !options.draw ? await trainCells(claimCells(), out, options, signal) : [];
  const context = { budget: options.budget, threads: availableParallelism(), signal };
  const judged = await judgeClaims(out, figure4, context, selected);
  const results = wanted === undefined ? judged : besides(judged, join(out, 'claims.json'));
  await writeFigure1(getEnv('cartpole'), out);
  await writeFigure2({ Swimmer: getEnv('swimmer'), Hopper: getEnv('hopper'), Walker: getEnv('walker') }, out);
  const pictures = '\n![Figure 1](figure1.svg)\n\n![Figure 2](figure2.svg)\n';
  await writeClaims(results, out, `${pictures}\n${settingsTables(figure4, join(out, '..', 'atari'))}`);
  if (options.json) for (const result of results) console.log(JSON.stringify(result));
  else console.log(`${claimsTable(results)}\n${join(out, 'README.md')}`);
  refuseFailed(failed);
}

/** Results in the place of earlier ones of the same claims, new ones behind. */
function besides(judged: readonly ClaimResult[], file: string): ClaimResult[] {
  const earlier: ClaimResult[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const now = new Map(judged.map((result) => [result.id, result]));
  const known = new Set(earlier.map(({ id }) => id));
  return [...earlier.map((result) => now.get(result.id) ?? result), ...judged.filter(({ id }) => !known.has(id))];
}
