import type { ReproduceOptions } from '../../src/cli/index.js';
import { TrellisError } from '../../src/index.js';
import { theoryTable, writeTheory } from '../figures/theory.js';
import { CLAIMS, checkTheory } from '../theory/check-theory.js';

/** Random problems at budget 1. */
const GARNETS = 1000;

/**
 * `trellis reproduce theory`: checks every claim, prints the table and writes results/theory. A claim that fails in its
 * corrected form is a fault of this library or of the correction, and ends with an error after the table.
 */
export async function reproduceTheory(options: ReproduceOptions): Promise<void> {
  const garnets = Math.max(1, Math.round(GARNETS * options.budget));
  const wanted = options.only?.split(',');
  const claims = wanted === undefined ? CLAIMS : CLAIMS.filter(({ id }) => wanted.some((name) => id.includes(name)));
  const verdicts = checkTheory({ garnets, claims });
  const files = verdicts.length > 0 ? await writeTheory(verdicts, options.out ?? 'results/theory') : [];
  if (options.json) for (const verdict of verdicts) console.log(JSON.stringify(verdict));
  else console.log(`${theoryTable(verdicts)}\n${files.join('\n')}`);
  const broken = verdicts.filter(({ verdict }) => verdict === 'fails').map(({ id }) => id);
  if (broken.length > 0) throw new TrellisError('ERR_CLAIM', `claims that should hold fail: ${broken.join(', ')}`);
}
