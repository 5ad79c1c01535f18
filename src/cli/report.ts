import type { Command } from 'commander';
import { path, paths } from './arguments.js';
import { importForRun } from './user-files.js';

/** `trellis report <run…>`: curves and tables of runs as one HTML page, SVG, PNG and CSV. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('curves and tables of one or more runs: one self-contained HTML page, SVG, PNG and CSV')
    .argument('<run...>', 'run directories; runs that differ only in their seed share a colour', paths)
    .option('--out <dir>', 'folder to write to', path, 'report')
    .option('--json', 'print the paths written as one line of JSON')
    .action(async (directories: string[], options: { out: string; json?: boolean }) => {
      for (const directory of directories) await importForRun(directory);
      const { writeReport } = await import('../report/page.js');
      const files = await writeReport(directories, options.out);
      if (options.json) console.log(JSON.stringify(files));
      else for (const file of Object.values(files)) console.log(file);
    });
}
