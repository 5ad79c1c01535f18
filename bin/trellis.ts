#!/usr/bin/env node
// The `trellis` command: the library's command line, with the paper's presets and its `reproduce`.
import { registerReproduce } from '../paper/reproduce/command.js';
import { runCommandLine } from '../src/cli/index.js';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  commands: [registerReproduce],
  // Loaded only when a command runs: --help needs none of it.
  load: async () => (await import('../paper/index.js')).registerPaper(),
});
