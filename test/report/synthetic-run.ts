import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAlgorithm } from '../../src/algorithms/index.js';
import { uniform } from '../../src/base/random.js';
import { formatCsv } from '../../src/report/csv.js';

/** Writes a run directory whose mean cost falls from 0 to `final` over its iterations, with a little noise of its seed. */
export function writeSyntheticRun(
  parent: string,
  {
    experiment = 'swimmer',
    method = 'single-path',
    seed = 1,
    iterations = 20,
    planned = 20,
    final = -0.15,
    name = '',
    options = {},
  } = {},
): string {
  const directory = join(parent, name === '' ? `${experiment}-${method}-seed${seed}` : name);
  mkdirSync(directory, { recursive: true });
  const rows = Array.from({ length: iterations }, (_, i) => {
    const cost = final * (1 - Math.exp((-5 * (i + 1)) / planned)) + 0.02 * final * (uniform(seed, 7, i, 0) - 0.5);
    return [
      i,
      50000 * (i + 1),
      null,
      null,
      50,
      -1000 * cost,
      1000,
      cost,
      0,
      0.02,
      0.0098,
      0.05,
      2.1,
      1,
      1e-3,
      0.4,
      0.1,
    ];
  });
  writeFileSync(
    join(directory, 'progress.csv'),
    formatCsv(
      getAlgorithm('single-path').columns.map(({ name }) => name),
      rows,
    ),
  );
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({ experiment, method, seed, iterations: planned, options }),
  );
  if (iterations >= planned) writeFileSync(join(directory, 'final.json'), JSON.stringify({ parameters: 364 }));
  return directory;
}
