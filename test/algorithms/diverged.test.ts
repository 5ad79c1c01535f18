import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { listAlgorithms } from '../../src/algorithms/index.js';
import { readPolicy } from '../../src/policy/storage.js';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-diverged-'));
after(() => rmSync(root, { recursive: true }));

/** An environment of another maker, whose rewards nobody checked: one of them is `reward`, from some step on. */
function foreign(reward: number, from: number) {
  const factory = countingEnv(5, 5);
  let steps = 0;
  return {
    spec: factory.spec,
    make(slots: number) {
      const env = factory.make(slots);
      const step = env.step.bind(env);
      env.step = (actions) => {
        step(actions);
        if (++steps > from && env.terminated[0] === 0 && env.truncated[0] === 0) env.rewards[0] = reward;
      };
      return env;
    },
  };
}

const sampling = { steps: 60, slots: 4 };
const options: Record<string, Record<string, unknown>> = {
  vine: { sampling: { trunks: 4, trunkSteps: 60, rolloutStates: 10, actionsPerState: 2, rolloutLength: 3 } },
  cem: { population: 8 },
  'cma-es': { population: 8 },
};

for (const { name: method } of listAlgorithms()) {
  test(`${method}: rewards that are not finite, or sum up to what is not, stop the run at the last whole iteration`, async () => {
    for (const [kind, reward] of Object.entries({ nan: Number.NaN, infinite: -Infinity, huge: 1.7e308 })) {
      for (const from of [0, 100]) {
        const directory = join(root, `${method}-${kind}-${from}`);
        const config = {
          experiment: 'foreign',
          track: 'custom' as const,
          method,
          seed: 1,
          iterations: 60,
          engine: 'reference',
          environment: { id: 'counting' },
          options: options[method] ?? { sampling },
        };
        let rows = 0;
        const onIteration = () => {
          rows++;
        };
        const run = train(config, { env: foreign(reward, from), directory, threads: 1, onIteration });
        await assert.rejects(run, {
          code: 'ERR_DIVERGED',
          message: /^iteration \d+: the (sum of rewards|reward of step)/,
        });
        assert.equal(rows > 0, from > 0);
        assert.ok((await readPolicy(directory)).theta.every(Number.isFinite));
        assert.equal(existsSync(join(directory, 'lock')), false);
        const resumed = await resume(directory, Math.max(1, rows), { env: countingEnv(5, 5), threads: 1 });
        assert.ok(resumed.rows.every((row) => Number.isFinite(row.mean_return)));
      }
    }
  });
}

test('a search whose next state would not be finite stays where it was', async () => {
  const { PopulationMethod } = await import('../../src/algorithms/population.js');
  const { gaussianPolicy, referencePolicy } = await import('../helpers/training.js');
  const policy = gaussianPolicy(2, [], 1);
  const { engine, distribution } = await referencePolicy(policy);
  const theta = new Float32Array(engine.parameterCount);
  const context = { env: countingEnv(5), policy, engine, distribution, initialTheta: theta, seed: 0, threads: 1 };
  let mean = theta;
  const method = new PopulationMethod(context, {
    population: 4,
    ask: () => new Float32Array(4 * theta.length),
    tell: () => {
      mean = mean.map(() => Infinity);
    },
    theta: () => mean,
    save: () => ({ mean }),
    load: (state) => {
      mean = state['mean'] as Float32Array<ArrayBuffer>;
    },
  });
  await assert.rejects(method.iterate(3), {
    code: 'ERR_DIVERGED',
    message: /iteration 3: .*made a parameter Infinity/,
  });
  assert.equal(method.theta(), theta);
  method.close();
});
