// Stands for `trellis train` in tests of the cell runner: writes a run directory with the same files and the same --json
// lines, one iteration every few milliseconds, and stops at SIGINT. Settings: fail=<iteration>, stall=<iteration>, full=<iteration>. Stops when its parent is gone.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const words = process.argv.slice(2);
const option = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
const directory = option('--resume') ?? option('--out');
const iterations = Number(option('--iterations'));
const file = (name) => join(directory, name);
if (option('--resume') === undefined) {
  if (existsSync(directory)) {
    process.stderr.write(`${JSON.stringify({ event: 'error', message: `${directory} exists` })}\n`);
    process.exit(1);
  }
  mkdirSync(directory, { recursive: true });
  const settings = words.filter((_, i) => words[i - 1] === '--set');
  writeFileSync(file('config.json'), JSON.stringify({ experiment: words[1], method: option('--method'), settings }));
  writeFileSync(file('progress.csv'), 'iteration,mean_cost_per_step,seconds_sampling,seconds_update\n');
}
const { settings } = JSON.parse(readFileSync(file('config.json'), 'utf8'));
const setting = (name) => settings.find((text) => text.startsWith(`${name}=`))?.split('=')[1];
appendFileSync(file('log'), `${words.join(' ')}\n`);
const quality = Number(setting('penalty') ?? 1);
const done = () => readFileSync(file('progress.csv'), 'utf8').split('\n').length - 2;
process.on('SIGINT', () => process.exit(130));
for (let i = done(); i < iterations; i++) {
  await new Promise((resolve) => setTimeout(resolve, setting('stall') === `${i}` ? 60_000 : 5));
  if (setting('fail') === `${i}`) {
    process.stderr.write(`${JSON.stringify({ event: 'error', code: 'ERR_DIVERGED', message: 'it diverged' })}\n`);
    process.exit(1);
  }
  if (setting('full') === `${i}` && !existsSync(file('freed'))) {
    const message = 'cannot write: ENOSPC';
    process.stderr.write(`${JSON.stringify({ event: 'error', code: 'ERR_RUN_DIRECTORY', message })}\n`);
    process.exit(1);
  }
  appendFileSync(file('progress.csv'), `${i},${-i / quality},2,0.5\n`);
  process.stdout.write(`${JSON.stringify({ event: 'iteration', iteration: i, mean_cost_per_step: -i / quality })}\n`);
}
writeFileSync(file('final.json'), '{}');
