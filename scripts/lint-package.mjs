#!/usr/bin/env node
// Packs this checkout and has publint and "are the types wrong" look at the tarball:
//   npm run build:ts && npm run lint:package
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'trellis-lint-'));
const tool = (name) => join(root, 'node_modules/.bin', name);
const windows = process.platform === 'win32';
const run = (command, args, stdio = 'inherit') =>
  spawnSync(command, args, { cwd: root, stdio, shell: windows }).status ?? 1;

let status = run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', scratch], 'ignore');
const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz'));
if (status === 0 && tarball !== undefined) {
  const file = join(scratch, tarball);
  // The package is ESM only: Node 20.19 and later can require() it.
  status = run(tool('publint'), ['--strict', file]) | run(tool('attw'), ['--profile', 'esm-only', file]);
}
rmSync(scratch, { recursive: true });
process.exit(status);
