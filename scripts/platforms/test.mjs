#!/usr/bin/env node
// Runs the tests with the Node and the prebuilt binary of another platform, under qemu or Wine:
//   npm run test:platforms                          both, all tests that can run there
//     --platform linux-arm64                        one of them (given again: several)
//     --share                                       only a share of a few minutes
//     --only native,policy/open.test.ts             folders and files under test/
//     --resume                                      files that passed before, and are recorded, are not run again
//     --jobs 2                                      files at a time
//     --timeout 300                                 seconds a file may take
//     --seconds 240                                 files are begun for so long on a platform; the rest is counted as not begun
//     --out <folder>                                in this checkout, for trees, logs and <platform>.jsonl, the record of
//                                                   each file; default .cache/platforms/tests
//     --tools                                       prints the line that installs what is missing, and ends
// The binary is prebuilds/<platform>: npm run prebuilds -- --no-try --only <platform>. What is left out, whole files and
// single tests, is the list of left-out.mjs; a test that is skipped and not listed there counts as failed.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, leftOut, share } from './left-out.mjs';
import { how, starter } from './start.mjs';
import { addonName, targets } from './targets.mjs';
import { runFile } from './test-file.mjs';
import { layOut, program } from './test-tree.mjs';
import { missingTools, packageFolder, toolFolder } from './tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const emulated = Object.keys(targets).filter((platform) => (targets[platform].start?.length ?? 0) > 0);
const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: emulated },
    share: { type: 'boolean', default: false },
    only: { type: 'string' },
    resume: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(Math.max(2, availableParallelism())) },
    timeout: { type: 'string', default: '300' },
    seconds: { type: 'string', default: 'Infinity' },
    out: { type: 'string', default: join(toolFolder, 'tests') },
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

const under = (names, file) => names.find((name) => file === name || file.startsWith(`${name}/`));

/** @returns files to run, and those left out with the reason */
function choose(platform) {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const asked = values.only?.split(',') ?? (values.share ? share : null);
  const reasons = { ...leftOut.everywhere, ...leftOut[platform] };
  // In the order asked for: the share begins with what matters most.
  const named = (asked ?? ['']).flatMap((name) => files.filter((file) => name === '' || under([name], file)));
  const wanted = [...new Set(named)];
  const out = wanted.flatMap((file) => {
    const name = under(Object.keys(reasons), file);
    return name === undefined ? [] : [{ file, reason: reasons[name] }];
  });
  return { chosen: wanted.filter((file) => under(Object.keys(reasons), file) === undefined), out };
}

/** The last result of each file that passed before. */
function recorded(record) {
  if (!values.resume || !existsSync(record)) {
    rmSync(record, { force: true });
    return new Map();
  }
  const lines = readFileSync(record, 'utf8').trim().split('\n').filter(Boolean);
  const last = new Map(lines.map((text) => JSON.parse(text)).map((result) => [result.file, result]));
  return new Map([...last].filter(([, { fail }]) => fail === 0));
}

function tell({ file, pass, skipped, failures, seconds, log }) {
  const aside = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${file}: ${pass} passed${aside}, ${seconds.toFixed(1)} s`);
  for (const name of failures) console.log(`       ${name}`);
  if (failures.length > 0) console.log(`       ${log}`);
}

async function runPlatform(platform) {
  console.log(`\n== ${platform}, ${how(platform)}`);
  const out = resolve(values.out);
  const tree = join(out, platform);
  await layOut(platform, tree);
  mkdirSync(join(tree, 'logs'));
  const { words, env: own, path } = starter(platform);
  const env = {
    ...process.env,
    ...own,
    TRELLIS_ADDON: '',
    NODE_OPTIONS: '',
    NODE_PATH: path(packageFolder),
    TRELLIS_NODE: '',
    TRELLIS_WITHOUT: targets[platform].without ?? '',
  };
  if (targets[platform].system !== 'Windows') env.TRELLIS_NODE = program(tree, words);
  const { chosen, out: aside } = choose(platform);
  const record = join(out, `${platform}.jsonl`);
  const before = recorded(record);
  const results = chosen.flatMap((file) => before.get(file) ?? []);
  const queue = chosen.filter((file) => !before.has(file));
  const began = performance.now();
  const worker = async () => {
    while (queue.length > 0 && performance.now() - began < Number(values.seconds) * 1000) {
      const setting = { tree, env, command: words, path };
      const result = judge(platform, await runFile(queue.shift(), setting, Number(values.timeout)));
      appendFileSync(record, `${JSON.stringify(result)}\n`);
      tell(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  const sum = (what) => results.reduce((total, result) => total + what(result), 0);
  const counts = {
    files: results.length,
    'files that pass': sum(({ fail }) => Number(fail === 0)),
    pass: sum(({ pass }) => pass),
    fail: sum(({ fail }) => fail),
    skipped: sum(({ skipped }) => skipped.length),
    seconds: Math.round((performance.now() - began) / 1000),
  };
  return { platform, aside, late: queue, counts };
}

const summaries = [];
for (const platform of values.platform) summaries.push(await runPlatform(platform));
const rows = {};
for (const { platform, aside, late, counts } of summaries) {
  if (aside.length > 0) console.log(`\nLeft out on ${platform}:`);
  for (const { file, reason } of aside) console.log(`  ${file}: ${reason}`);
  if (late.length > 0) console.log(`\nNot begun within ${values.seconds} s on ${platform}: ${late.join(', ')}`);
  rows[platform] = { ...counts, 'files left out': aside.length, 'files not begun': late.length };
}
console.table(rows);
process.exit(summaries.every(({ counts }) => counts.fail === 0 && counts.pass > 0) ? 0 : 1);
