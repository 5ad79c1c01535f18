#!/usr/bin/env node
// Builds the native addon with cmake-js:
//   node scripts/build-native.mjs [--out build] [--debug] [--without-mujoco] [--sanitize address,undefined]
//     [--cmake -DNAME=value]…
// The addon and MuJoCo's library land in <out>/Release; a sanitised build in build/sanitized/Release unless named.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findMujoco } from './mujoco-sdk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    debug: { type: 'boolean', default: false },
    'without-mujoco': { type: 'boolean', default: false },
    sanitize: { type: 'string' },
    cmake: { type: 'string', multiple: true, default: [] },
  },
});

const works = (command, ...args) => spawnSync(command, args).status === 0;
const fail = (message) => {
  console.error(`\ntrellis-rl: the native addon was not built: ${message}`);
  process.exit(1);
};

const packages =
  { linux: 'apt install', darwin: 'brew install', win32: 'winget install' }[process.platform] ?? 'install';
if (!works('cmake', '--version'))
  fail(`cmake is missing. Get it: ${packages} cmake (3.20 or later, https://cmake.org)`);
if (process.platform !== 'win32') {
  const compilers = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  if (!compilers.some((compiler) => works(compiler, '--version'))) {
    const how = process.platform === 'darwin' ? 'xcode-select --install' : 'apt install g++ (12 or later) or clang';
    fail(`a C++20 compiler is missing (tried ${compilers.join(', ')}). Get it: ${how}`);
  }
  if (!works('ninja', '--version') && !works('make', '--version')) {
    fail(
      `a build tool is missing. Get it: ${packages} ${process.platform === 'darwin' ? 'ninja' : 'ninja-build or make'}`,
    );
  }
}

// A source checkout has the tools; an installed package gets them when they are really needed, in the versions tried.
const tools = ['cmake-js@8.0.0', 'node-addon-api@8.9.2'];
const toolFolder = join(root, '.cache/build-tools');
const find = (file) => {
  for (const place of [root, toolFolder]) {
    try {
      return createRequire(join(place, 'package.json')).resolve(file);
    } catch {
      // The next place.
    }
  }
  return null;
};
const findTools = () => [find('cmake-js/package.json'), find('node-addon-api/package.json')];
let [cmakeJs, addonApi] = findTools();
if (cmakeJs === null || addonApi === null) {
  console.error(`trellis-rl: fetching ${tools.join(' and ')} into ${toolFolder}`);
  mkdirSync(toolFolder, { recursive: true });
  const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', toolFolder];
  spawnSync('npm', [...install, ...tools], { stdio: 'inherit', shell: process.platform === 'win32' });
  [cmakeJs, addonApi] = findTools();
  if (cmakeJs === null || addonApi === null) fail(`npm did not bring ${tools.join(' and ')}`);
}
const command = [process.execPath, join(cmakeJs, '../bin/cmake-js')];

const args = ['--out', values.out ?? (values.sanitize ? 'build/sanitized' : 'build')];
args.push(`--CDNODE_ADDON_API_DIR=${dirname(addonApi)}`);
const environment = { ...process.env };
if (values.sanitize) {
  args.push(`--CDTRELLIS_SANITIZE=${values.sanitize}`);
  // With sanitizers g++ takes minutes for files of large tables where clang takes seconds.
  if (!process.env.CXX && works('clang++', '--version')) Object.assign(environment, { CC: 'clang', CXX: 'clang++' });
}
if (values.debug) args.push('--debug');
if (values['without-mujoco']) {
  args.push('--CDTRELLIS_MUJOCO=OFF');
} else {
  try {
    args.push('--CDTRELLIS_MUJOCO=ON', `--CDMUJOCO_DIR=${await findMujoco()}`);
  } catch (error) {
    fail(`${error.message}\nAn addon without MuJoCo (Atari only): node scripts/build-native.mjs --without-mujoco`);
  }
}
for (const definition of values.cmake) args.push(`--CD${definition.replace(/^-D/, '')}`);
// Configured each time: "compile" alone would keep the choices of an earlier build in the same folder.
for (const step of ['configure', 'compile']) {
  const { status } = spawnSync(command[0], [...command.slice(1), step, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  if (status !== 0) fail('the messages above say why');
}
