import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const FOLDERS = ['bin', 'src', 'envs', 'paper', 'zoo'];

/** Runs the committed rule in `folder`, as `npm run lint` does. */
function cruise(folder: string): { exitCode: number | null; rules: string[]; modules: number; report: string } {
  const command = [cruiser, '--config', join(root, '.dependency-cruiser.cjs'), ...FOLDERS];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  const report = stdout + stderr;
  const rules = [...report.matchAll(/^\s*error ([a-z-]+):/gm)].map((match) => match[1]);
  const modules = Number(/(\d+) modules/.exec(report)?.[1]);
  return { exitCode: status, rules: [...new Set(rules)].sort(), modules, report };
}

/** The names of the rules that a small tree of files breaks. */
function brokenRules(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-layers-'));
  try {
    for (const name of FOLDERS) mkdirSync(join(folder, name));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { exitCode, rules, report } = cruise(folder);
    assert.equal(exitCode === 0, rules.length === 0, report);
    return rules;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the tree keeps the layer rule', () => {
  const { exitCode, modules, report } = cruise(root);
  assert.equal(exitCode, 0, report);
  assert.ok(modules > 5, 'the TypeScript sources were really read');
});

test('imports toward the simulator pass', () => {
  const files = {
    'src/base/errors.ts': 'export const a = 1;',
    'src/native/addon.ts': "export { a } from '../base/errors.js';",
    'src/rollout/vine.ts': "import { a } from '../native/addon2.js'; export const b = a;",
    'src/native/addon2.ts': "export { a } from './addon.js';",
    'src/index.ts': "export { a } from './native/addon2.js';",
    'src/cli/index.ts': "export { b } from '../rollout/vine.js';",
    'envs/index.ts': "export { a } from '../src/index.js';",
    'paper/index.ts': "export { a } from '../envs/index.js'; export { b } from '../src/cli/index.js';",
    'bin/trellis.ts': "export { a } from '../paper/index.js'; export { b } from '../src/cli/index.js';",
  };
  assert.deepEqual(brokenRules(files), []);
});

const violations: [rule: string, files: Record<string, string>][] = [
  ['layer-base', { 'src/base/a.ts': "export { b } from '../cli/b.js';", 'src/cli/b.ts': 'export const b = 1;' }],
  [
    'layer-rollout',
    {
      'src/rollout/a.ts': "import type { B } from '../algorithms/b.js'; export type A = B;",
      'src/algorithms/b.ts': 'export type B = number;',
    },
  ],
  ['layer-tracks', { 'paper/a.ts': "export { b } from '../test/b.js';", 'test/b.ts': 'export const b = 1;' }],
  ['public-api', { 'paper/a.ts': "export { b } from '../src/env/b.js';", 'src/env/b.ts': 'export const b = 1;' }],
  ['layer-train', { 'src/train/a.ts': "export { b } from '../../envs/b.js';", 'envs/b.ts': 'export const b = 1;' }],
  ['layer-envs', { 'envs/a.ts': "export { b } from '../paper/b.js';", 'paper/b.ts': 'export const b = 1;' }],
  ['layer-index', { 'src/index.ts': "export { b } from './cli/b.js';", 'src/cli/b.ts': 'export const b = 1;' }],
  ['library-alone', { 'src/cli/a.ts': "export { b } from '../../paper/b.js';", 'paper/b.ts': 'export const b = 1;' }],
  ['unknown-folder', { 'src/other/a.ts': "export { b } from '../base/b.js';", 'src/base/b.ts': 'export const b = 1;' }],
  [
    'no-cycles',
    { 'src/env/a.ts': "import './b.js'; export const a = 1;", 'src/env/b.ts': "import './a.js'; export const b = 1;" },
  ],
  [
    'only-native-loads-the-addon',
    { 'src/env/a.ts': "export { addon } from '../native/addon.js';", 'src/native/addon.ts': 'export const addon = 1;' },
  ],
  ['resolvable', { 'src/env/a.ts': "export { a } from './nowhere.js';" }],
];

for (const [rule, files] of violations) {
  test(`a violation is found: ${rule}`, () => assert.deepEqual(brokenRules(files), [rule]));
}
