import type { Command } from 'commander';
import { ArgumentError } from '../base/errors.js';
import { nonNegativeInteger, paths } from './arguments.js';
import { interruptible } from './interrupt.js';
import { importForRun } from './user-files.js';

interface WatchArguments {
  port?: number;
  host: string;
  json?: boolean;
}

/** Where `trellis train` puts its runs; the only folder that may come later. */
const RUNS = 'runs';

/** `trellis watch [runs…]`: a local page with live curves, until Ctrl-C. */
export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('a local page with live curves of runs: settings, evaluations, replays, speed and time left')
    .argument('[runs...]', `run directories, or folders with runs in and below them; default: ${RUNS}`, paths)
    .option('--port <n>', 'port; 0: any free one; default: the first free one from 8520 on', nonNegativeInteger)
    .option('--host <address>', '0.0.0.0: seen from other devices, too, by everyone in the network', '127.0.0.1')
    .option('--json', 'print the address as one line of JSON')
    .action(watchRuns);
}

async function watchRuns(given: string[], { port, host, json }: WatchArguments): Promise<void> {
  const { existsSync } = await import('node:fs');
  const missing = given.find((folder) => !existsSync(folder));
  if (missing !== undefined) {
    throw new ArgumentError(`there is no ${missing}`, {
      value: missing,
      expected: 'run directories, or folders of runs',
    });
  }
  const folders = given.length === 0 ? [RUNS] : given;
  const { watch } = await import('../report/watch/server.js');
  const { signal, dispose } = interruptible();
  const server = await watch({ folders, port, host, prepare: importForRun });
  process.stdout.write(
    json ? `${JSON.stringify({ event: 'watching', url: server.url, folders })}\n` : `${server.url} (Ctrl-C ends it)\n`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  await server.close();
  dispose();
}
