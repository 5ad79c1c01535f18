#!/usr/bin/env node
// Builds the addon of one platform, here: what prebuildify starts in node-gyp's place, with the platform in
// PREBUILD_PLATFORM and PREBUILD_ARCH. Run in a work folder; leaves the addon in build/Release, and what travels beside
// it in artifacts/.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMujoco } from '../mujoco-sdk.mjs';
import { targets } from './targets.mjs';
import { installNameTool, lipo, python, toolFolder } from './tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const platform = `${process.env.PREBUILD_PLATFORM}-${process.env.PREBUILD_ARCH}`;
const target = targets[platform];
const work = process.cwd();
const release = join(work, 'build/Release');
const artifacts = join(work, 'artifacts');

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status === 0) return;
  console.error(`${platform}: ${command} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}

const output = (command, ...args) => spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();

/** Programs without arguments, as CMake wants them, that call zig for a target. */
function zigTools(zigTarget) {
  const folder = join(toolFolder, 'zig', zigTarget);
  mkdirSync(folder, { recursive: true });
  const tools = { 'c++': `c++ -target ${zigTarget}`, ar: 'ar', ranlib: 'ranlib' };
  for (const [name, words] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${python} -m ziglang ${words} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

function compilerSettings() {
  const { compiler, system, processor } = target;
  const settings = { CMAKE_SYSTEM_NAME: system, CMAKE_SYSTEM_PROCESSOR: processor };
  if (compiler.gnu === '') return {};
  if (compiler.gnu !== undefined) {
    settings.CMAKE_CXX_COMPILER = `${compiler.gnu}g++${compiler.suffix ?? ''}`;
    // By its whole path: CMake takes a bare name for a file of the build folder.
    if (system === 'Windows') settings.CMAKE_DLLTOOL = output('sh', '-c', `command -v ${compiler.gnu}dlltool`);
    return settings;
  }
  const tools = zigTools(compiler.zig);
  settings.CMAKE_CXX_COMPILER = join(tools, 'c++');
  settings.CMAKE_AR = join(tools, 'ar');
  settings.CMAKE_RANLIB = join(tools, 'ranlib');
  settings.CMAKE_SYSTEM_VERSION = '20.0.0';
  settings.CMAKE_INSTALL_NAME_TOOL = installNameTool();
  // CMake asks a real Mac whether the linker knows rpaths; where there is none it writes none.
  settings.CMAKE_SHARED_LINKER_FLAGS = '-Wl,-rpath,@loader_path';
  return settings;
}

/** GCC's objects linked again by zig: against an older glibc's symbol versions, with libstdc++ inside. */
function linkForFloor(sdk) {
  const { compiler, floor } = target;
  const gxx = `${compiler.gnu}g++`;
  const scratch = mkdtempSync(join(tmpdir(), 'trellis-floor-'));
  const library = (name) => output(gxx, `-print-file-name=${name}`);
  const under = (folder, pattern) =>
    readdirSync(join(work, 'build', folder), { recursive: true })
      .filter((name) => pattern.test(name))
      .map((name) => join(work, 'build', folder, name));
  try {
    // libstdc++ reads a variable that glibc has only since 2.32; 0 stands for "there may be several threads".
    const source = join(scratch, 'single_threaded.c');
    writeFileSync(source, '__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;\n');
    run(`${compiler.gnu}gcc`, ['-O2', '-fPIC', '-c', source, '-o', join(scratch, 'single_threaded.o')]);
    const exported = 'napi_register_module_v1; node_api_module_get_api_version_v1;';
    writeFileSync(join(scratch, 'exports.map'), `{ global: ${exported} local: *; };\n`);
    run(python, [
      ...['-m', 'ziglang', 'cc', '-target', floor, '-shared', '-s', '-o', join(release, 'trellis.node')],
      ...under('native/napi', /\.o$/),
      join(scratch, 'single_threaded.o'),
      `-Wl,--version-script=${join(scratch, 'exports.map')}`,
      '-Wl,--start-group',
      ...under('native', /libtrellis_.*\.a$/),
      ...['libstdc++.a', 'libgcc.a', 'libgcc_eh.a'].map(library),
      '-Wl,--end-group',
      ...librariesOf(sdk),
      ...['-Wl,-rpath,$ORIGIN', '-lm', '-lpthread'],
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const librariesOf = (sdk) =>
  readdirSync(join(sdk, 'lib'))
    .filter((name) => /^(lib)?mujoco[\d.]*\.(so[\d.]*|dylib|dll)$/.test(name))
    .map((name) => join(sdk, 'lib', name));

/** MuJoCo's library for this processor, its plugins and its licences. */
function collectArtifacts(sdk) {
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  const thin = (file, to) => {
    if (target.system === 'Darwin') run(lipo(), ['-thin', target.processor, file, '-output', to]);
    else cpSync(file, to);
    if (target.system === 'Linux') run(`${target.compiler.gnu}strip`, ['--strip-unneeded', to]);
  };
  for (const file of librariesOf(sdk)) thin(file, join(artifacts, file.split('/').at(-1)));
  const plugins = join(sdk, 'plugin');
  if (existsSync(plugins)) {
    mkdirSync(join(artifacts, 'plugin'));
    for (const name of readdirSync(plugins)) thin(join(plugins, name), join(artifacts, 'plugin', name));
  }
  for (const name of ['LICENSE', 'LICENSES_THIRD_PARTY.md']) {
    if (existsSync(join(sdk, name))) cpSync(join(sdk, name), join(artifacts, `mujoco-${name}`));
  }
}

const sdk = await findMujoco(platform);
const require = createRequire(import.meta.url);
const includes = [require('node-api-headers').include_dir, resolve(root, require('node-addon-api').include_dir)];
const settings = {
  CMAKE_BUILD_TYPE: 'Release',
  CMAKE_JS_INC: includes.join(';'),
  CMAKE_LIBRARY_OUTPUT_DIRECTORY: release,
  CMAKE_RUNTIME_OUTPUT_DIRECTORY: release,
  TRELLIS_MUJOCO: 'ON',
  MUJOCO_DIR: sdk,
  ...compilerSettings(),
};
const definitions = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
run('cmake', [
  '-S',
  root,
  '-B',
  join(work, 'build'),
  '-G',
  'Ninja',
  '--log-level=WARNING',
  '--no-warn-unused-cli',
  ...definitions,
]);
run('cmake', ['--build', join(work, 'build'), '--', '--quiet']);
if (target.floor !== undefined) linkForFloor(sdk);
else if (target.system === 'Windows') run(`${target.compiler.gnu}strip`, [join(release, 'trellis.node')]);
collectArtifacts(sdk);
// prebuildify takes every library beside the addon; ours come from artifacts/.
for (const name of readdirSync(release)) if (name !== 'trellis.node') rmSync(join(release, name), { recursive: true });
