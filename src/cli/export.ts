import type { Command } from 'commander';
import { path } from './arguments.js';
import { importForRun } from './user-files.js';

interface ExportArguments {
  onnx?: string;
  html?: string;
  json?: boolean;
}

/** `trellis export <run>`: the policy of a run for programs that are not Node. */
export function registerExport(program: Command): void {
  program
    .command('export')
    .description('the policy of a run as an ONNX model, or as a page in which it controls its robot')
    .argument('<run>', 'run directory', path)
    .option('--onnx <file>', 'write an ONNX model: observations in, distribution and most likely action out', path)
    .option('--html <file>', 'write a self-contained page: simulation and policy, live in the browser', path)
    .option('--json', 'print the paths written as one line of JSON')
    .addHelpText('after', '\nPages need optional packages: npm install @mujoco/mujoco esbuild')
    .action(async (run: string, { onnx, html, json }: ExportArguments) => {
      const { ArgumentError } = await import('../base/errors.js');
      if (onnx === undefined && html === undefined) {
        throw new ArgumentError('nothing to export', { value: run, expected: '--onnx <file>, --html <file>, or both' });
      }
      await importForRun(run);
      if (onnx !== undefined) {
        const { exportOnnx } = await import('../export/onnx.js');
        await exportOnnx(run, onnx);
      }
      if (html !== undefined) {
        const { exportPage } = await import('../export/page.js');
        const onWarning = (message: string) => process.stderr.write(`trellis: warning: ${message}\n`);
        await exportPage(run, html, { onWarning });
      }
      const files = [onnx, html].filter((file) => file !== undefined);
      if (json) console.log(JSON.stringify({ files }));
      else for (const file of files) console.log(file);
    });
}
