#!/usr/bin/env node
// Lays out the binaries of this platform for the packed package, as node-gyp-build's loader looks for them:
//   prebuilds/<platform>-<arch>/trellis[.glibc].node   and MuJoCo's library beside it (found by a relative rpath).
//   node scripts/prebuild.mjs [--from <folder of trellis.node>] [--out <package folder>]
// Without --from the addon is built first. prebuildify is not used: it hands cmake-js a wrong --target and drops
// libraries with more than one version number in their name.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMujoco } from './mujoco-sdk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const option = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
};
const from = resolve(option('--from', join(root, 'build/Release')));
const out = resolve(option('--out', root));

if (!process.argv.includes('--from')) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build-native.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const folder = join(out, 'prebuilds', `${process.platform}-${process.arch}`);
const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
const libc = process.platform === 'linux' ? (isMusl ? '.musl' : '.glibc') : '';
const libraries = readdirSync(from).filter((name) => /^(lib)?mujoco[\d.]*\.(so[\d.]*|dylib|dll)$/.test(name));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
copyFileSync(join(from, 'trellis.node'), join(folder, `trellis${libc}.node`));
for (const name of libraries) copyFileSync(join(from, name), join(folder, name));
if (libraries.length > 0) {
  const sdk = await findMujoco();
  for (const name of ['LICENSE', 'LICENSES_THIRD_PARTY.md']) {
    if (existsSync(join(sdk, name))) copyFileSync(join(sdk, name), join(folder, `mujoco-${name}`));
  }
}
if (process.platform === 'linux') spawnSync('strip', ['--strip-unneeded', join(folder, `trellis${libc}.node`)]);
console.log(`${folder}: ${readdirSync(folder).join(', ')}`);
