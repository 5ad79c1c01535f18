import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerPaper } from '../../paper/index.js';
import { train } from '../../src/train/train.js';

registerPaper();

test('single-path TRPO balances the cart-pole: an average cost of -9.9 per step', async () => {
  const { final, rows } = await train({
    experiment: 'cartpole-short',
    method: 'single-path',
    seed: 0,
    iterations: 25,
    environment: { id: 'cartpole' },
    options: { sampling: { steps: 20_000, slots: 50 } },
  });
  assert.ok(rows[0].mean_cost_per_step > -0.5, 'it had to be learned');
  assert.ok((final['mean_cost_per_step'] as number) <= -9.9, `${String(final['mean_cost_per_step'])}`);
});
