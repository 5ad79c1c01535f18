#!/usr/bin/env node
// Lays out prebuilt binaries for the packed package, as node-gyp-build's loader looks for them:
//   prebuilds/<platform>-<arch>/trellis[.glibc].node, and beside it MuJoCo's library (found by a relative rpath), its
//   plugins and licences.
//   npm run prebuilds                       this platform
//   npm run prebuilds -- --all              all five, on one Linux x64 machine; then packs, installs and tries them
//   npm run prebuilds -- --only a,b         some of them
//     --no-try         build and check only
//     --from <folder>  take a built trellis.node and MuJoCo's library from there (this platform, nothing checked)
//     --out <folder>   the package; default this checkout
// prebuildify packs them; the builder it starts in place of node-gyp is platforms/build-addon.mjs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import prebuildify from 'prebuildify';
import { findMujoco } from './mujoco-sdk.mjs';
import { checkPlatform } from './platforms/checks.mjs';
import { nodeVersion, platforms, targets } from './platforms/targets.mjs';
import { missingTools } from './platforms/tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-try': { type: 'boolean', default: false },
    from: { type: 'string' },
    out: { type: 'string', default: root },
  },
});
const here = `${process.platform}-${process.arch}`;
const out = resolve(values.out);
const many = values.all || values.only !== undefined;
const chosen = values.all ? platforms : (values.only?.split(',') ?? [here]);

function fail(message) {
  console.error(`trellis-rl: ${message}`);
  process.exit(1);
}

const unknown = chosen.filter((platform) => targets[platform] === undefined);
if (unknown.length > 0) fail(`no prebuilt binary is made for ${unknown.join(', ')}; there are ${platforms.join(', ')}`);

if (values.from !== undefined) {
  await copyBuilt(resolve(values.from), join(out, 'prebuilds', here));
} else {
  if (here !== 'linux-x64') fail(`prebuilt binaries of all platforms are made on linux-x64; this is ${here}`);
  const line = missingTools(chosen, many && !values['no-try']);
  if (line !== null) fail(`tools are missing. This installs them:\n\n  ${line}\n`);
  await makeAll();
  if (many && !values['no-try']) {
    const { tryPackage } = await import('./platforms/try.mjs');
    if (!(await tryPackage(out, chosen))) process.exit(1);
  }
}

/** The platforms one after the other; each uses all cores. */
async function makeAll() {
  let failed = false;
  for (const platform of chosen) {
    const began = performance.now();
    const [system, arch] = platform.split('-');
    const work = join(root, '.cache/platforms/build', platform);
    mkdirSync(join(work, 'build/Release'), { recursive: true });
    mkdirSync(join(work, 'artifacts'), { recursive: true });
    const folder = join(out, 'prebuilds', platform);
    rmSync(folder, { recursive: true, force: true });
    await promisify(prebuildify)({
      cwd: work,
      out,
      platform: system,
      arch,
      name: 'trellis',
      targets: [nodeVersion],
      napi: true,
      libc: 'glibc',
      tagLibc: system === 'linux',
      nodeGyp: join(root, 'scripts/platforms/build-addon.mjs'),
      artifacts: join(work, 'artifacts'),
    }).catch((error) => fail(`${platform} was not built: ${error.message.replace('node-gyp', 'its build')}`));
    const { faults, facts } = checkPlatform(platform, folder);
    console.log(`${platform}: ${facts}; ${Math.round((performance.now() - began) / 1000)} s`);
    for (const fault of faults) console.error(`${platform}: refused: ${fault}`);
    failed ||= faults.length > 0;
  }
  if (failed) process.exit(1);
}

/** What a build of this checkout left: for the packaging test. */
async function copyBuilt(from, folder) {
  const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const libc = process.platform === 'linux' ? (isMusl ? '.musl' : '.glibc') : '';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(from, 'trellis.node'), join(folder, `trellis${libc}.node`));
  const travels = (name) => /^(lib)?mujoco[\d.]*\.(so[\d.]*|dylib|dll)$|^plugin$/.test(name);
  for (const name of readdirSync(from).filter(travels))
    cpSync(join(from, name), join(folder, name), { recursive: true });
  const sdk = await findMujoco();
  for (const name of ['LICENSE', 'LICENSES_THIRD_PARTY.md']) {
    if (existsSync(join(sdk, name))) cpSync(join(sdk, name), join(folder, `mujoco-${name}`));
  }
  if (process.platform === 'linux') spawnSync('strip', ['--strip-unneeded', join(folder, `trellis${libc}.node`)]);
  if (!existsSync(folder)) fail(`nothing was copied from ${from}`);
  console.log(`${folder}: ${readdirSync(folder).join(', ')}`);
}
