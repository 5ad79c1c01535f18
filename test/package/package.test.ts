/**
 * The packed tarball as a stranger meets it: installed in an empty folder with install scripts off and no compiler in
 * PATH, it trains; a small TypeScript program type-checks against it.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const addon = process.env['TRELLIS_ADDON'] ?? join(root, 'build/Release/trellis.node');
/** A place where Node finds no packages but those installed there: no folder above it has a node_modules. */
const place = [tmpdir(), '/var/tmp', homedir()].find((folder) => {
  const above = [folder];
  while (dirname(above.at(-1)!) !== above.at(-1)) above.push(dirname(above.at(-1)!));
  return above.every((parent) => !existsSync(join(parent, 'node_modules')));
});
assert.ok(place, 'every folder for temporary files is under a node_modules');
const scratch = mkdtempSync(join(place, 'trellis-package-'));
const staging = join(scratch, 'staging');
const consumer = join(scratch, 'consumer');
after(() => rmSync(scratch, { recursive: true, force: true }));

/** What may come with the package, all of it; without drawing nothing else is installed. */
const MOST_PACKAGES = 6;
const MOST_BYTES = 5e6;

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}
let packed: Packed;

/** Neither what the surrounding `npm run` set nor our own addon may help the package. */
function cleanEnvironment(path: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|TRELLIS_|NODE_)/.test(name));
  return { ...Object.fromEntries(kept), PATH: path };
}

function run(command: string, args: string[], cwd: string, path = process.env['PATH'] ?? ''): string {
  try {
    return execFileSync(command, args, { cwd, env: cleanEnvironment(path), encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Bytes of all files below. */
function folderSize(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** A folder with node, npm, npx and a shell, and nothing that compiles. */
function pathWithoutCompilers(): string {
  const folder = join(scratch, 'bin');
  mkdirSync(folder);
  const wanted = ['npm', 'npx', 'sh', 'uname'];
  for (const name of wanted) {
    const found = (process.env['PATH'] ?? '').split(delimiter).map((entry) => join(entry, name));
    const target = [join(dirname(process.execPath), name), ...found].find((path) => existsSync(path));
    if (target) symlinkSync(target, join(folder, name));
  }
  symlinkSync(process.execPath, join(folder, 'node'));
  return folder;
}

before(() => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  mkdirSync(staging);
  for (const name of ['package.json', 'README.md', 'LICENSE', ...manifest.files]) {
    const built = /^!|^dist|^prebuilds$/.test(name);
    if (!built) cpSync(join(root, name), join(staging, name), { recursive: true });
  }
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(staging, 'dist')], root);
  run(process.execPath, ['scripts/prebuild.mjs', '--from', dirname(addon), '--out', staging], root);
  const report = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], staging);
  packed = (JSON.parse(report) as Packed[])[0];
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  const tarball = join(scratch, packed.filename);
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball];
  run('npm', install, consumer, pathWithoutCompilers());
});

const npx = (...args: string[]) => run('npx', ['--no-install', 'trellis', ...args], consumer, join(scratch, 'bin'));

test('the tarball holds what is needed and no more', () => {
  const paths = packed.files.map(({ path }) => path);
  const has = (pattern: RegExp) => paths.some((path) => pattern.test(path));
  assert.ok(has(/^dist\/src\/index\.js$/));
  assert.ok(has(/^dist\/src\/index\.d\.ts$/));
  assert.ok(has(/^envs\/mujoco\/models\/swimmer\.xml$/));
  assert.ok(has(/^prebuilds\/[a-z0-9]+-[a-z0-9]+\/trellis(\.\w+)?\.node$/));
  assert.ok(has(/^prebuilds\/.*mujoco[\d.]*\.(so|dylib|dll)/), "MuJoCo's library is beside the addon");
  assert.ok(has(/^prebuilds\/.*mujoco-LICENSE/), 'with its licence');
  assert.ok(has(/^native\/addon\.cc$/) && has(/^scripts\/build-native\.mjs$/), 'other platforms can build the addon');
  assert.ok(has(/^docs\/guide\.md$/), 'the documents that the README names');
  assert.ok(!has(/^(test|bench|results|node_modules|build|\.ci|native\/test)\//), 'nothing of the workshop');
  assert.ok(!has(/\.map$/), 'no maps without their sources');
  assert.equal(new Set(paths).size, paths.length);
  assert.ok(!has(/binding\.gyp$/), 'npm would build it at install time');
  assert.ok(packed.size < 12e6, `${packed.size} bytes packed`);
});

test('few packages come with it, and they are small', () => {
  const lock = JSON.parse(readFileSync(join(consumer, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { engines?: { node?: string }; hasInstallScript?: boolean }>;
  };
  const names = Object.keys(lock.packages).filter((name) => name !== '' && name !== 'node_modules/trellis-rl');
  assert.ok(names.length <= MOST_PACKAGES, names.join(', '));
  const bytes = names.reduce((sum, name) => sum + folderSize(join(consumer, name)), 0);
  assert.ok(
    bytes < MOST_BYTES,
    `${bytes} bytes: ${names.map((n) => `${n} ${folderSize(join(consumer, n))}`).join(', ')}`,
  );
  for (const name of names) {
    const { engines, hasInstallScript } = lock.packages[name];
    assert.notEqual(hasInstallScript, true, `${name} runs a script when it is installed`);
    // An engine warning on the oldest Node that is promised would come from a newer floor than ours.
    const floor = Number(/^>=\s*(\d+)/.exec(engines?.node ?? '')?.[1] ?? 0);
    assert.ok(floor <= 20, `${name} wants Node ${engines?.node}`);
  }
});

test('no install script runs', () => {
  const { scripts } = JSON.parse(readFileSync(join(staging, 'package.json'), 'utf8')) as { scripts: object };
  for (const name of ['preinstall', 'install', 'postinstall']) assert.ok(!(name in scripts), name);
});

test('doctor finds the prebuilt binary', () => {
  const report = npx('doctor', '--json');
  assert.match(report, /prebuilds/);
});

for (const experiment of ['cartpole', 'swimmer']) {
  test(`npx trellis train ${experiment}: two iterations`, () => {
    const out = join(scratch, `run-${experiment}`);
    npx('train', experiment, '--iterations', '2', '--set', 'sampling.steps=2000', '--out', out);
    const rows = readFileSync(join(out, 'progress.csv'), 'utf8').trim().split('\n');
    assert.equal(rows.length, 3, 'a header and two iterations');
    const evaluation = JSON.parse(npx('eval', out, '--episodes', '2', '--seed', '1'));
    assert.equal(evaluation.returns.length, 2);
  });
}

test('--engine tfjs without TensorFlow.js says what to install', () => {
  const out = join(scratch, 'run-tfjs');
  assert.throws(
    () => npx('train', 'cartpole', '--engine', 'tfjs', '--iterations', '1', '--out', out),
    /TensorFlow\.js is not installed.*@tensorflow\/tfjs-node.*trellis tfjs build/s,
  );
});

const DRAWING = /need the package "[^"]+"\. Run "npm install vega vega-lite @resvg\/resvg-js gifenc"/;

test('training goes on without the packages that draw, with one note', () => {
  const out = join(scratch, 'run-plain');
  const command = ['--no-install', 'trellis', 'train', 'cartpole', '--iterations', '1', '--out', out];
  const { status, stdout, stderr } = spawnSync('npx', [...command, '--set', 'sampling.steps=1000'], {
    cwd: consumer,
    env: cleanEnvironment(join(scratch, 'bin')),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal(`${stdout}${stderr}`.split('\n').filter((line) => DRAWING.test(line)).length, 1, stdout + stderr);
  assert.ok(!existsSync(join(out, 'curve.svg')));
  assert.ok(existsSync(join(out, 'policy.json')));
  assert.throws(() => npx('report', out), DRAWING);
});

test('reproduce says what to install before it works for hours', () => {
  assert.throws(() => npx('reproduce', 'fig4', '--out', join(scratch, 'fig4')), DRAWING);
  assert.ok(!existsSync(join(scratch, 'fig4')));
});

test('render makes a page; a GIF or an MP4 without its encoder says what to install', () => {
  const out = join(scratch, 'replay');
  npx('render', 'cartpole', '--seconds', '1', '--out', `${out}.html`);
  assert.ok(readFileSync(`${out}.html`).length > 1000);
  assert.throws(() => npx('render', 'cartpole', '--out', `${out}.gif`), DRAWING);
  assert.throws(
    () => npx('render', 'cartpole', '--out', `${out}.mp4`),
    /need the package.*npm install h264-mp4-encoder/s,
  );
});

/** Strict TypeScript on the installed package, its declarations checked, too. @returns the folder of what was compiled */
function compile(...files: string[]): string {
  for (const file of files) writeFileSync(join(consumer, file), readFileSync(join(root, 'test/package', file), 'utf8'));
  const options = {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      outDir: 'compiled',
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    },
    files,
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify(options));
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], consumer);
  return join(consumer, 'compiled');
}

test('a TypeScript program type-checks against the package', () => {
  compile('consumer.ts');
});

test("a stranger's environment, simulator, network, method, logger and experiments work by the command line", () => {
  const compiled = compile('stranger.ts');
  const run = (name: string) => join(scratch, name);
  const module = ['--import', join(compiled, 'stranger.js')];
  assert.match(npx('list', ...module), /stranger-critic +policy gradient with a value network/);
  const begin = ['train', 'stranger-line', ...module];
  npx(...begin, '--out', run('whole'), '--logger', 'stranger-log');
  npx(...begin, '--out', run('resumed'), '--iterations', '5');
  npx('train', '--resume', run('resumed'), '--iterations', '12');
  const rows = (name: string) => {
    const lines = readFileSync(join(run(name), 'progress.csv'), 'utf8')
      .trim()
      .split('\n');
    return lines.map((line) => line.split(',').slice(0, -2).join(','));
  };
  assert.deepEqual(rows('resumed'), rows('whole'));
  assert.match(rows('whole')[0], /mean_cost_per_step,value_error,gradient_norm$/);
  assert.equal(readFileSync(join(consumer, 'stranger.log'), 'utf8').trim().split('\n').length, 12);
  // Twenty steps of at most 1 each; the first policy earns about 8.
  assert.ok(JSON.parse(npx('eval', run('whole'), '--episodes', '10')).mean_return > 12);
  npx('render', run('whole'), '--out', join(scratch, 'line.html'), '--seconds', '2');
  npx('train', 'stranger-world', ...module, '--method', 'vine', '--iterations', '2', '--out', run('vine'));
  const drawing = ['vega', 'vega-lite', '@resvg/resvg-js', 'gifenc'];
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...drawing], {
    cwd: consumer,
    env: cleanEnvironment(process.env['PATH'] ?? ''),
    stdio: 'pipe',
  });
  npx('report', run('whole'), run('resumed'), run('vine'), '--out', join(scratch, 'report'));
  assert.match(readFileSync(join(scratch, 'report', 'report.html'), 'utf8'), /stranger-critic/);
});
