/** trellis-rl/policy where there is no Node: what its modules import, and a bundle for browsers at work. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { Policy } from '../../src/policy/policy.js';
import { encodeSafetensors } from '../../src/policy/safetensors.js';
import { encodePolicySpec, namedParameters } from '../../src/policy/stored.js';
import { trialObservations, trialParameters } from '../network/conformance.js';
import { policies } from './specs.js';

const entry = 'src/policy/portable.ts';

test('nothing it reaches imports Node, the addon, or a package', () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    assert.doesNotMatch(source, /\b(require|import)\(/, file);
    for (const [statement, from] of source.matchAll(/^(?:import|export)\b[^;']*?from '([^']+)'/gm)) {
      if (/^(import|export) type\b/.test(statement)) continue;
      assert.match(from!, /^\./, `${file} imports ${from}`);
      visit(join(dirname(file), from!.replace(/\.js$/, '.ts')));
    }
  };
  visit(entry);
  assert.ok(seen.size > 10, [...seen].join());
  assert.deepEqual(
    [...seen].filter((file) => file.startsWith('src/native')),
    [],
  );
});

test('its bundle for browsers acts as the library does', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'policies',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const { text } = outputFiles[0];
  assert.ok(Object.keys(metafile.inputs).every((file) => file.startsWith('src/')));
  assert.ok(text.length < 60_000, `${text.length} bytes`);
  const spec = policies['squashed, log stds of the state'];
  const theta = trialParameters(spec.network, 1);
  const observations = trialObservations(spec.network, 20, 2);
  // What browsers have of their own, and nothing of Node's.
  const context = createContext({
    TextEncoder,
    TextDecoder,
    json: encodePolicySpec(spec),
    tensors: Array.from(encodeSafetensors(namedParameters(spec.network, theta))),
    observations: Array.from(observations),
  });
  const acted = runInContext(
    `${text};
    const policy = policies.openPolicy(json, Uint8Array.from(tensors));
    policy.reseed(7);
    Array.from(policy.act(Float32Array.from(observations)))`,
    context,
  ) as number[];
  const policy = await Policy.create({ spec, theta }, 'reference');
  policy.reseed(7);
  assert.deepEqual(Array.from(acted), Array.from(await policy.act(observations)));
  policy.close();
});
