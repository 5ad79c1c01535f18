import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import { ArgumentError, selectCells } from '../../src/index.js';
import { figure4Cells } from '../cells/figure4.js';
import { figure4Table, writeFigure4 } from '../figures/figure4.js';

/** `trellis reproduce fig4`: trains what is missing, then draws figure and table from all that is there. */
export async function reproduceFigure4(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  const out = options.out ?? 'results/fig4';
  const plan = figure4Cells();
  const cells = selectCells(plan, options);
  if (cells.length === 0) {
    throw new ArgumentError(`--only ${options.only} names no cell`, {
      value: options.only,
      expected: 'tasks, methods, task-method or cells such as swimmer-vine-seed1, separated by commas',
    });
  }
  const draw = () => writeFigure4(out, plan, options.budget);
  let failed: Awaited<ReturnType<typeof trainCells>> = [];
  try {
    if (!options.draw) failed = await trainCells(cells, out, options, signal);
  } finally {
    const lines = await draw();
    console.log(options.json ? JSON.stringify(lines) : `${figure4Table(lines)}\n${out}/figure4.png`);
  }
  refuseFailed(failed);
}
