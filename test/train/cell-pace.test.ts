import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellPace } from '../../src/train/cell-pace.js';
import type { CellStatus } from '../../src/train/cell-status.js';
import type { Cell } from '../../src/train/cells.js';

const limits = { seed: 1, iterations: 10_000, settings: [] };
const cells: Cell[] = [
  { ...limits, name: 'a', task: 'hopper', method: 'ppo', simulatorSteps: 1_000_000 },
  { ...limits, name: 'b', task: 'ant', method: 'ppo', simulatorSteps: 1_000_000 },
  { ...limits, name: 'c', task: 'hopper', method: 'trpo', simulatorSteps: 1_000_000 },
];
const fresh: CellStatus = {
  state: 'not run',
  iterations: 0,
  simulatorSteps: 0,
  finalCost: Number.NaN,
  finalReturn: Number.NaN,
  secondsPerIteration: Number.NaN,
};
const told = (iterations: number, simulatorSteps: number, secondsPerIteration: number): CellStatus => ({
  ...fresh,
  ...{ state: 'partial', iterations, simulatorSteps, secondsPerIteration },
});

function left(statuses: Record<string, CellStatus>): number | null {
  const pace = new CellPace(
    cells,
    ({ name }) => statuses[name] ?? fresh,
    ({ iterations }) => iterations,
    1,
  );
  pace.update(cells[0]);
  return pace.place(cells[0]).secondsLeft;
}

test('where steps end the cells, what is left is counted in them, also for cells not begun', () => {
  // 2,000 steps an iteration: 500 iterations a cell, 100 of one done, at two seconds each.
  assert.equal(left({ a: told(100, 200_000, 2) }), (400 + 500 + 500) * 2);
  // One of the method tells for the method: 4,000 steps and 3 s an iteration.
  assert.equal(left({ a: told(100, 200_000, 2), c: told(50, 200_000, 3) }), (400 + 500) * 2 + 200 * 3);
});

test('nothing is said before an iteration tells', () => assert.equal(left({}), null));
