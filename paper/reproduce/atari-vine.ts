import { join } from 'node:path';
import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import { ArgumentError, type Cell, selectCells } from '../../src/index.js';
import { atariVineCells } from '../cells/atari-vine.js';
import { writeAtariVine } from '../figures/atari-vine.js';

/** `trellis reproduce atari-vine`: the study of what the paper leaves open about vine on Atari. */
export async function reproduceAtariVine(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  const out = options.out ?? 'results/atari-vine';
  const cells = selectCells(atariVineCells(), options);
  if (cells.length === 0) {
    throw new ArgumentError(`--only ${options.only} names no cell`, {
      value: options.only,
      expected: 'games, or cells such as estimators/pong-drawn-ratio-seed1, separated by commas',
    });
  }
  let failed: readonly Cell[] = [];
  try {
    if (!options.draw) failed = await trainCells(cells, out, options, signal);
  } finally {
    const tables = await writeAtariVine(out, options.budget);
    console.log(options.json ? JSON.stringify({ files: [join(out, 'README.md')] }) : tables);
  }
  refuseFailed(failed);
}
