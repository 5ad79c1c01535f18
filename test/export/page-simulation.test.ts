/** The page's simulation (MuJoCo's WebAssembly build, in Node here) beside the native one, from the same keys. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hopper } from '../../envs/mujoco/hopper.js';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { walker } from '../../envs/mujoco/walker.js';
import { isMujocoEnv } from '../../src/env/define-mujoco-env.js';
import type { MujocoEnvSource } from '../../src/env/mujoco-source.js';
import type { PageEnvironment } from '../../src/export/page/contract.js';
import type { LoadWasm, Wasm } from '../../src/export/page/mujoco.js';
import { replayModel } from '../../src/export/page/recorded-model.js';
import { PageSimulation } from '../../src/export/page/simulation.js';
import { pageEnvironment } from '../../src/export/page.js';

const file = createRequire(import.meta.url).resolve('@mujoco/mujoco');
let wasm: Promise<Wasm> | undefined;

async function loadWasm(): Promise<Wasm> {
  const { default: load } = (await import(pathToFileURL(file).href)) as { default: LoadWasm };
  return load({ wasmBinary: readFileSync(file.replace(/js$/, 'wasm')) });
}

for (const make of [hopper, walker, swimmer]) {
  test(`${make.name}: the same start, and the same steps to the precision of two versions of MuJoCo`, async () => {
    wasm ??= loadWasm();
    const factory = make();
    assert.ok(isMujocoEnv(factory));
    const { module, name, arguments: given } = factory.source.portable!;
    const functions = ((await import(module)) as Record<string, (...words: unknown[]) => MujocoEnvSource['functions']>)[
      name
    ];
    const environment = JSON.parse(JSON.stringify(pageEnvironment(factory))) as PageEnvironment;
    const page = new PageSimulation(await wasm, environment, functions(...given)(replayModel(environment.answers)));
    const env = factory.make(1, { threads: 1 });
    for (const key of [
      [1, 2],
      [3, 4],
    ] as const) {
      env.reset([0], Uint32Array.from(key));
      page.reset(key);
      const close = (tolerance: number, what: string) => {
        for (const [i, x] of env.observations.entries()) {
          const away = Math.abs(x - page.observation[i]);
          assert.ok(
            away <= tolerance * Math.max(1, Math.abs(x)),
            `${what}, input ${i}: ${x} and ${page.observation[i]}`,
          );
        }
      };
      close(1e-7, 'start');
      for (let k = 0; k < 10; k++) {
        const action = Float32Array.from({ length: page.environment.half.length }, (_, i) => Math.sin(k + 2 * i) / 2);
        env.step(action);
        const ended = page.step(action);
        close(1e-4, `step ${k}`);
        assert.ok(Math.abs(env.rewards[0] - page.reward) < 1e-4, `step ${k}: ${env.rewards[0]} and ${page.reward}`);
        assert.equal(ended, env.terminated[0] === 1);
        if (ended) break;
      }
    }
    env.close();
  });
}
