import type { Command } from 'commander';

/** `trellis list`: experiments with their methods, methods, environments, engines, loggers. */
export function registerList(program: Command): void {
  program
    .command('list')
    .description('experiments, methods, environments, engines and loggers')
    .option('--json', 'one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { listExperiments } = await import('../train/experiments.js');
      const { listAlgorithms } = await import('../algorithms/index.js');
      const { listLoggers } = await import('../train/loggers.js');
      const { listEnvs } = await import('../env/registry.js');
      const { listEngines } = await import('../network/engines/index.js');
      const experiments = listExperiments().map(({ name, summary, track, iterations, methods }) => {
        return { name, summary, track, iterations, methods: Object.keys(methods) };
      });
      const methods = listAlgorithms().map(({ name, summary }) => ({ name, summary }));
      const loggers = listLoggers().map(({ name, summary }) => ({ name, summary }));
      const lists = { experiments, methods, environments: listEnvs(), engines: listEngines(), loggers };
      if (options.json) {
        process.stdout.write(`${JSON.stringify(lists)}\n`);
        return;
      }
      const section = (title: string, rows: readonly { name: string; summary: string }[]) => {
        const width = Math.max(...rows.map(({ name }) => name.length));
        const lines = rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
        process.stdout.write(`${title}\n${lines.join('\n')}\n\n`);
      };
      section('Experiments (trellis train <experiment>)', experiments);
      section('Methods (--method)', methods);
      section('Other settings of a method (--method), and for which experiments', variants(experiments));
      section('Loggers (--logger)', loggers);
      process.stdout.write(`Environments\n  ${lists.environments.join(', ')}\n\n`);
      process.stdout.write(`Engines (--engine)\n  ${listEngines().join(', ')}\n`);
    });
}

/** The names that go on after a slash, with the experiments that know them. */
function variants(experiments: readonly { name: string; methods: readonly string[] }[]) {
  const names = new Set(experiments.flatMap(({ methods }) => methods.filter((name) => name.includes('/'))));
  return [...names].sort().map((name) => {
    const known = experiments.filter(({ methods }) => methods.includes(name));
    return { name, summary: known.map((experiment) => experiment.name).join(', ') };
  });
}
