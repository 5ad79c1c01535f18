import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { registerPaper } from '../../paper/index.js';
import { getEnv } from '../../src/env/registry.js';
import { evaluatePolicy } from '../../src/train/evaluate.js';
import { train } from '../../src/train/train.js';
import { assemble } from '../support/assembler.js';

registerPaper();

const listing = fileURLToPath(new URL('../support/cartridges/two-sides.asm', import.meta.url));
/** Every round of the cartridge won. */
const BEST = 16;
let folder: string;
let rom: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trellis-cartridge-'));
  rom = join(folder, 'two-sides.bin');
  writeFileSync(rom, assemble(readFileSync(listing, 'utf8')));
});
after(() => rmSync(folder, { recursive: true }));

describe('a cartridge of our own', () => {
  const settings = () => ({ rom, noopSteps: 1, maxEpisodeSteps: 100 });

  it('scores what its listing says', () => {
    const env = getEnv('homebrew', settings()).make(3, { threads: 1 });
    env.reset();
    const returns = [0, 0, 0];
    let steps = 0;
    while (env.terminated[0] === 0) {
      // Left of the middle pixel row is white or black: the first slot looks, the others hold one side.
      const white = env.observations[26 * 40 + 2] > 128;
      env.step(Int32Array.of(white ? 0 : 2, 1, 0, 0, 1, 0, 2, 1, 0));
      returns.forEach((_, slot) => {
        returns[slot] += env.rewards[slot];
      });
      steps++;
    }
    env.close();
    assert.equal(steps, (8 * BEST - 4) / 4);
    assert.equal(returns[0], BEST);
    assert.equal(returns[1] + returns[2], BEST, 'every round is left or right');
    assert.ok(returns[1] > 3 && returns[2] > 3, String(returns));
  });

  it('does not take snapshots of another cartridge', () => {
    const other = join(folder, 'other.bin');
    const bytes = readFileSync(rom);
    bytes[2048] = 0;
    writeFileSync(other, bytes);
    const [env, second] = [rom, other].map((path) => getEnv('homebrew', { ...settings(), rom: path }).make(1));
    env!.reset();
    assert.throws(() => second!.restore(env!.snapshot(), [0]), { code: 'ERR_SNAPSHOT', message: /ROM/ });
    env!.close();
    second!.close();
  });

  const cases = {
    'single-path': { sampling: { steps: 1500, slots: 16 } },
    vine: {
      sampling: { trunks: 16, trunkSteps: 400, rolloutStates: 100, rolloutLength: 6, firstActions: 'uniform' },
    },
  } as const;
  const configuration = (method: keyof typeof cases, iterations: number) => ({
    experiment: 'two-sides',
    method,
    seed: 1,
    iterations,
    environment: { id: 'homebrew', settings: settings() },
    policy: {
      convolutions: [{ filters: 2, kernel: [13, 20] as [number, number], stride: [13, 20] as [number, number] }],
      hidden: [4],
      activation: 'tanh' as const,
    },
    options: { ...cases[method], trustRegion: { klLimit: 0.1 } },
  });
  for (const method of ['single-path', 'vine'] as const) {
    it(`is learned to the best score from its pixels: ${method}`, async () => {
      const { theta, policy, rows } = await train(configuration(method, 14));
      assert.ok(rows[0].mean_return < 0.6 * BEST, `it had to be learned: ${rows[0].mean_return}`);
      const env = getEnv('homebrew', settings());
      const played = await evaluatePolicy({ theta, spec: policy }, env, { episodes: 2, deterministic: true });
      assert.deepEqual(played.returns, [BEST, BEST]);
    });

    it(`trains to the same bytes on 1 and 2 threads: ${method}`, async () => {
      const [one, two] = [
        await train(configuration(method, 2), { threads: 1 }),
        await train(configuration(method, 2), { threads: 2 }),
      ];
      assert.deepEqual(one.theta, two.theta);
      assert.equal(one.rows[1].mean_return, two.rows[1].mean_return);
    });
  }
});
