#!/usr/bin/env node
// Runs the tests, building first what is missing or stale.
//   npm test                      TypeScript tests and native tests: hermetic, no network, no Python
//   npm test -- test/env          only the TypeScript tests under a folder (or of a file)
//   npm run test:native           only the native tests
//   npm run test:differential     against live oracles (Python: $TRELLIS_PYTHON, else python3)
//   npm run test:examples         the programs of examples/, about a minute each
//   npm run test:mpi              several processes under the launchers of $TRELLIS_MPIRUN (paths, with ":" between)
//   npm run test:package          the packed tarball, installed elsewhere
// TRELLIS_SANITIZE=address,undefined builds the native tests with sanitizers, in a folder of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMujoco } from './mujoco-sdk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
/** Suites that need more than this checkout; they have commands of their own. */
const separate = ['differential', 'examples', 'package', 'mpi', 'soak', 'fuzz'];

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error?.code === 'ENOENT') console.error(`${command} is not installed`);
  return status ?? 1;
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort();
}

/** The addon in build/, made again when a native source is newer. $TRELLIS_ADDON: left alone. */
function buildAddon() {
  if (process.env.TRELLIS_ADDON) return 0;
  const addon = 'build/Release/trellis.node';
  const sources = [...filesUnder('native'), 'CMakeLists.txt', 'scripts/build-native.mjs'];
  const built = existsSync(addon) ? statSync(addon).mtimeMs : 0;
  if (sources.every((source) => source.startsWith('native/test/') || statSync(source).mtimeMs < built)) return 0;
  console.log('Building the addon');
  return run(process.execPath, ['scripts/build-native.mjs']);
}

/** dist/ made again when a source is newer: tests of the command line start what is built. */
function buildCommand() {
  const folders = ['bin', 'src', 'envs', 'paper', 'zoo'];
  const main = join(root, 'dist/bin/trellis.js');
  const built = existsSync(main) ? statSync(main).mtimeMs : 0;
  if (folders.flatMap(filesUnder).some((source) => statSync(source).mtimeMs > built)) {
    console.log('Building the command');
    const status = run('npm', ['run', '--silent', 'build:ts'], { shell: process.platform === 'win32' });
    if (status !== 0) return status;
  }
  process.env.TRELLIS_MAIN = main;
  return 0;
}

function typescriptTests(folders) {
  const files = folders.flatMap(filesUnder).filter((name) => name.endsWith('.test.ts'));
  if (files.length === 0) {
    console.error(`No *.test.ts under ${folders.join(', ')}`);
    return 1;
  }
  mkdirSync('build', { recursive: true });
  const suite =
    separate.find((name) => folders[0].startsWith(`test/${name}`)) ?? (paths.length > 0 ? 'chosen' : 'typescript');
  return run(process.execPath, [
    '--import',
    'tsx',
    '--test',
    // One more than there are cores: some files wait for a browser, or for what they started.
    `--test-concurrency=${Math.min(4, availableParallelism() + 1)}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=build/tests-${suite}.tap`,
    ...files,
  ]);
}

/** GoogleTest suites in build/native-tests; they know neither Node nor the addon. */
async function nativeTests() {
  const sanitize = process.env.TRELLIS_SANITIZE ?? '';
  const folder = sanitize ? `build/native-tests-${sanitize.replaceAll(',', '-')}` : 'build/native-tests';
  const mujoco = `-DMUJOCO_DIR=${await findMujoco()}`;
  const configure = ['-S', '.', '-B', folder, '-DTRELLIS_ADDON=OFF', '-DTRELLIS_TESTS=ON', mujoco];
  if (sanitize) configure.push(`-DTRELLIS_SANITIZE=${sanitize}`);
  // With sanitizers g++ takes minutes for files of large tables where clang takes seconds.
  const clang = sanitize && !process.env.CXX && spawnSync('clang++', ['--version']).status === 0;
  const env = clang ? { ...process.env, CC: 'clang', CXX: 'clang++' } : process.env;
  if (spawnSync('ninja', ['--version']).status === 0 && !existsSync(join(folder, 'Makefile'))) {
    configure.push('-G', 'Ninja');
  }
  if (run('cmake', configure, { env }) !== 0) {
    console.error(`
The native tests could not be configured. They need CMake 3.20, a C++20 compiler and GoogleTest:
  Debian, Ubuntu:  apt-get install cmake ninja-build g++ libgtest-dev
  macOS:           brew install cmake ninja googletest`);
    return 1;
  }
  const jobs = String(availableParallelism());
  return (
    run('cmake', ['--build', folder, '--parallel', jobs]) ||
    run('ctest', ['--test-dir', folder, '--output-on-failure', '--no-tests=error', '--parallel', jobs])
  );
}

const failed = [];
const step = async (name, work) => {
  console.log(`\n== ${name}`);
  if ((await work()) !== 0) failed.push(name);
};
if (flags.includes('--native')) {
  await step('native tests', nativeTests);
} else if (paths.length > 0 || flags.length > 0) {
  const chosen = separate.find((name) => flags.includes(`--${name}`));
  if (flags.length > 0 && !chosen) {
    console.error(`Unknown option ${flags.join(' ')}`);
    process.exit(2);
  }
  await step('addon and command', () => buildAddon() || buildCommand());
  if (failed.length === 0) {
    const folders = chosen ? [`test/${chosen}`] : paths;
    await step(folders.join(' '), () => typescriptTests(folders));
  }
} else {
  const folders = readdirSync('test').filter((name) => !separate.includes(name));
  await step('native tests', nativeTests);
  await step('addon and command', () => buildAddon() || buildCommand());
  if (!failed.includes('addon and command')) {
    await step('TypeScript tests', () => typescriptTests(folders.map((name) => join('test', name))));
  }
}
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
