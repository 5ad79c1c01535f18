import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { registerPaper } from '../../paper/index.js';
import { NotFoundError } from '../../src/base/errors.js';
import { registerBench } from '../../src/cli/bench.js';

registerPaper();

function program(): Command {
  const command = new Command();
  registerBench(command);
  return command;
}

test('bench --json prints one figure a line', async (context) => {
  const log = context.mock.method(console, 'log', () => {});
  await program().parseAsync([
    'node',
    'trellis',
    'bench',
    'cartpole',
    'swimmer',
    '--threads',
    '1',
    '--slots',
    '8',
    '--json',
  ]);
  const rates = log.mock.calls.map((call) => JSON.parse(String(call.arguments[0])));
  assert.deepEqual(
    rates.map(({ environment, slots, threads }) => [environment, slots, threads]),
    [
      ['cartpole', 8, 1],
      ['swimmer', 8, 1],
    ],
  );
  for (const { steps_per_second } of rates) assert.ok(steps_per_second > 100, String(steps_per_second));
});

test('bench refuses an unknown environment before it measures anything', async () => {
  await assert.rejects(program().parseAsync(['node', 'trellis', 'bench', 'swimer']), NotFoundError);
});
