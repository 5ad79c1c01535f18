#!/usr/bin/env node
// The `trellis` command: the library's command line, with the presets of paper and zoo and their `reproduce`.
import { paperTargets } from '../paper/reproduce/command.js';
import { reproduceCommand, runCommandLine } from '../src/cli/index.js';
import { zooTargets } from '../zoo/reproduce/command.js';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  commands: [reproduceCommand({ ...paperTargets, ...zooTargets })],
  // Loaded only when a command runs: --help needs none of it.
  load: async () => {
    (await import('../paper/index.js')).registerPaper();
    (await import('../zoo/index.js')).registerZoo();
  },
});
