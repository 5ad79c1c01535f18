#!/usr/bin/env node
// Runs the tests with the Node and the prebuilt binary of another platform, under qemu or Wine:
//   npm run test:platforms                          both, all tests that can run there
//     --platform linux-arm64                        one of them (given again: several)
//     --share                                       only a share of a few minutes
//     --only native,policy/open.test.ts             folders and files under test/
//     --timeout 300                                 seconds a file may take
//     --seconds 240                                 files are begun for so long on a platform; the rest is counted as not begun
//     --tools                                       prints the line that installs what is missing, and ends
// The binary is prebuilds/<platform>: npm run prebuilds -- --only <platform>. Nothing there compiles TypeScript, so
// esbuild does here; the tree it leaves has the folders of this one, and looks like an installed package.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { leftOut, share } from './left-out.mjs';
import { how, starter } from './start.mjs';
import { addonName, targets } from './targets.mjs';
import { missingTools, packageFolder, toolFolder } from './tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const emulated = Object.keys(targets).filter((platform) => (targets[platform].start?.length ?? 0) > 0);
const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: emulated },
    share: { type: 'boolean', default: false },
    only: { type: 'string' },
    timeout: { type: 'string', default: '300' },
    seconds: { type: 'string', default: 'Infinity' },
    tools: { type: 'boolean', default: false },
  },
});

function fail(message) {
  console.error(`trellis-rl: ${message}`);
  process.exit(1);
}

const unknown = values.platform.filter((platform) => !emulated.includes(platform));
if (unknown.length > 0) fail(`${unknown.join(', ')} cannot be run here; expected ${emulated.join(' or ')}`);
const line = missingTools(values.platform, true);
if (values.tools) {
  console.log(line ?? '');
  process.exit(0);
}
if (line !== null) fail(`tools are missing. This installs them:\n\n  ${line}\n`);
for (const platform of values.platform) {
  if (existsSync(join(root, 'prebuilds', platform, addonName(platform)))) continue;
  fail(`no prebuilt binary for ${platform}: npm run prebuilds -- --no-try --only ${values.platform.join(',')}`);
}

/** A tree with every source compiled, everything copied beside it, and the binary of one platform. */
async function layOut(platform) {
  const tree = join(toolFolder, 'tests', platform);
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  const folders = ['bin', 'src', 'envs', 'paper', 'test', 'bench', 'examples', 'scripts', 'docs', 'results'];
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  await build({
    absWorkingDir: root,
    entryPoints: sources.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
    outdir: tree,
    outbase: root,
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  for (const folder of folders) {
    cpSync(join(root, folder), join(tree, folder), { recursive: true });
  }
  cpSync(join(root, 'prebuilds', platform), join(tree, 'prebuilds', platform), { recursive: true });
  const manifest = readFileSync(join(root, 'package.json'), 'utf8').replaceAll('./dist/', './');
  writeFileSync(join(tree, 'package.json'), manifest);
  writeTsx(tree);
  return tree;
}

/** A tsx that compiles nothing: tests start programs with `--import tsx` and name them as they are in the sources. */
function writeTsx(tree) {
  const folder = join(tree, 'node_modules/tsx');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "tsx", "type": "module", "exports": { ".": "./index.js", "./esm/api": "./index.js" } }\n',
  );
  writeFileSync(
    join(folder, 'index.js'),
    `import { register as registerHooks } from 'node:module';
if (process.env.TRELLIS_NODE) process.execPath = process.env.TRELLIS_NODE;
registerHooks('./hooks.js', import.meta.url);
const nothing = () => {};
export { nothing as register };
`,
  );
  writeFileSync(
    join(folder, 'hooks.js'),
    `export async function resolve(name, context, next) {
  if (!name.endsWith('.ts')) return next(name, context);
  const compiled = name.replace(/\\.ts$/, '.js');
  return next(compiled, context).catch(() => next(name, context));
}
`,
  );
}

/** Node of the platform as one program: qemu's cannot start itself again where the kernel does not know qemu. */
function program(tree, words) {
  const file = join(tree, 'node');
  writeFileSync(
    file,
    `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} --import '${tree}/node_modules/tsx/index.js' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  return file;
}

const under = (names, file) => names.find((name) => file === name || file.startsWith(`${name}/`));

/** @returns files to run, and those left out with the reason */
function choose(platform) {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const asked = values.only?.split(',') ?? (values.share ? share : null);
  const reasons = { ...leftOut.everywhere, ...leftOut[platform] };
  // In the order asked for: the share begins with what matters most.
  const wanted = (asked ?? ['']).flatMap((name) => files.filter((file) => name === '' || under([name], file)));
  const out = wanted.flatMap((file) => {
    const name = under(Object.keys(reasons), file);
    return name === undefined ? [] : [{ file, reason: reasons[name] }];
  });
  return { chosen: wanted.filter((file) => under(Object.keys(reasons), file) === undefined), out };
}

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const pid of running) process.kill(-pid, 'SIGKILL');
    process.exit(1);
  });
}

/** Runs one file; its output goes to a log, as under Wine a pipe is not a file descriptor. */
function runFile(file, { tree, env, command, path }) {
  const log = join(tree, 'logs', `${file.replaceAll('/', '-')}.tap`);
  const test = path(join(tree, 'test', file.replace(/\.ts$/, '.js')));
  const words = [...command, '--import', 'tsx', '--test-reporter=tap', test].map((word) => `'${word}'`).join(' ');
  const began = performance.now();
  return new Promise((done) => {
    // A group of its own, so that what a test started ends with it.
    const child = spawn('sh', ['-c', `exec ${words} >'${log}' 2>&1 </dev/null`], {
      cwd: tree,
      env,
      detached: true,
      stdio: 'ignore',
    });
    running.add(child.pid);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, 'SIGKILL');
    }, Number(values.timeout) * 1000);
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      running.delete(child.pid);
      const text = readFileSync(log, 'utf8');
      const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      const failures = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);
      if (late) failures.push(`did not end within ${values.timeout} s`);
      else if (status !== 0 && failures.length === 0) failures.push(`ended with ${signal ?? status}`);
      // Under Wine a program that was ended may seem to have ended well.
      else if (!/^# tests [1-9]/m.test(text)) failures.push('ended before its tests');
      const seconds = (performance.now() - began) / 1000;
      console.log(
        `${failures.length === 0 ? 'ok  ' : 'FAIL'} ${file}: ${count('pass')} passed, ${seconds.toFixed(1)} s`,
      );
      for (const name of failures) console.log(`       ${name}`);
      if (failures.length > 0) console.log(`       ${log}`);
      done({
        file,
        pass: count('pass'),
        fail: Math.max(count('fail'), failures.length > 0 ? 1 : 0),
        skipped: count('skipped'),
        failures,
      });
    });
  });
}

async function runPlatform(platform) {
  console.log(`\n== ${platform}, ${how(platform)}`);
  const tree = await layOut(platform);
  mkdirSync(join(tree, 'logs'));
  const { words, env: own, path } = starter(platform);
  const env = {
    ...process.env,
    ...own,
    TRELLIS_ADDON: '',
    NODE_OPTIONS: '',
    NODE_PATH: path(packageFolder),
    TRELLIS_NODE: '',
  };
  if (targets[platform].system !== 'Windows') env.TRELLIS_NODE = program(tree, words);
  const { chosen, out } = choose(platform);
  const queue = [...chosen];
  const results = [];
  const began = performance.now();
  const worker = async () => {
    while (queue.length > 0 && performance.now() - began < Number(values.seconds) * 1000) {
      results.push(await runFile(queue.shift(), { tree, env, command: words, path }));
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  const seconds = Math.round((performance.now() - began) / 1000);
  const counts = { files: results.length, pass: sum('pass'), fail: sum('fail'), skipped: sum('skipped') };
  return { platform, out, late: queue, counts: { ...counts, seconds } };
}

const summaries = [];
for (const platform of values.platform) summaries.push(await runPlatform(platform));
const rows = {};
for (const { platform, out, late, counts } of summaries) {
  if (out.length > 0) console.log(`\nLeft out on ${platform}:`);
  for (const { file, reason } of out) console.log(`  ${file}: ${reason}`);
  if (late.length > 0) console.log(`\nNot begun within ${values.seconds} s on ${platform}: ${late.join(', ')}`);
  rows[platform] = { ...counts, 'files left out': out.length, 'files not begun': late.length };
}
console.table(rows);
process.exit(summaries.every(({ counts }) => counts.fail === 0 && counts.pass > 0) ? 0 : 1);
