#!/usr/bin/env node
// Run by `npm install` in a source checkout (never for the packed package): builds the addon and the JavaScript, and
// links the command, so that `npx trellis` works in the checkout itself.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!existsSync('node_modules/typescript') || !existsSync('node_modules/cmake-js')) {
  console.log('trellis-rl: development dependencies are not installed, so nothing is built');
  process.exit(0);
}
for (const args of [['scripts/build-native.mjs'], ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const main = 'dist/bin/trellis.js';
if (existsSync(main)) {
  mkdirSync('node_modules/.bin', { recursive: true });
  chmodSync(main, 0o755);
  const link = 'node_modules/.bin/trellis';
  rmSync(link, { force: true });
  if (process.platform === 'win32') {
    writeFileSync(`${link}.cmd`, `@node "%~dp0\\..\\..\\${main.replaceAll('/', '\\')}" %*\r\n`);
  } else {
    symlinkSync(`../../${main}`, link);
  }
}
