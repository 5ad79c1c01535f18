// Packs the package, installs it in an empty folder and tries it on every platform whose programs run here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { how, starter } from './start.mjs';
import { nodeVersion, targets } from './targets.mjs';
import { toolFolder } from './tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @returns whether everything that could be tried worked and agreed */
export async function tryPackage(out, chosen) {
  const scratch = mkdtempSync(join(tmpdir(), 'trellis-try-'));
  const rows = [];
  try {
    const consumer = install(out, scratch);
    for (const platform of chosen) {
      const { start } = targets[platform];
      if (start === null) rows.push({ platform, tried: 'built and checked, not run' });
      else rows.push({ platform, tried: how(platform), ...smoke(platform, consumer, scratch) });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.table(Object.fromEntries(rows.map(({ platform, ...rest }) => [platform, rest])));
  const ran = rows.filter((row) => row['cart-pole θ'] !== undefined);
  const same = new Set(ran.map((row) => row['cart-pole θ'])).size <= 1;
  if (!same) console.error('cart-pole does not end with the same θ everywhere');
  return same && ran.every((row) => row.failed === '');
}

function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

function install(out, scratch) {
  const report = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], { cwd: out });
  const [{ filename, size, unpackedSize }] = JSON.parse(report);
  console.log(`${filename}: ${(size / 1e6).toFixed(1)} MB packed, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked`);
  cpSync(join(scratch, filename), join(toolFolder, filename));
  const consumer = join(scratch, 'consumer');
  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(scratch, filename)], { cwd: consumer });
  cpSync(join(root, 'scripts/platforms/smoke.mjs'), join(consumer, 'smoke.mjs'));
  cpSync(join(root, 'test/golden/atari/synthetic/tia02.bin'), join(consumer, 'cartridge.bin'));
  return consumer;
}

/** Runs smoke.mjs with a platform's Node. Its output goes to a file: under Wine a pipe is not a file descriptor. */
function smoke(platform, consumer, scratch) {
  const { words, env, path } = starter(platform);
  const result = join(scratch, `${platform}.json`);
  const log = join(scratch, `${platform}.log`);
  const command = [...words, path(join(consumer, 'smoke.mjs')), path(result), path(join(scratch, `runs-${platform}`))];
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const { status } = spawnSync('sh', ['-c', `exec ${quoted} >'${log}' 2>&1 </dev/null`], {
    cwd: consumer,
    env: { ...process.env, ...env, TRELLIS_ADDON: '' },
  });
  if (status !== 0 || !existsSync(result)) {
    console.error(`${platform}: ended with ${status}\n${readFileSync(log, 'utf8')}`);
    return { failed: 'all' };
  }
  const { failed, node, instructionSet, policies } = JSON.parse(readFileSync(result, 'utf8'));
  for (const line of failed) console.error(`${platform}: ${line}`);
  const hash = (name) =>
    createHash('sha256')
      .update(Buffer.from(policies[name] ?? '', 'base64'))
      .digest('hex')
      .slice(0, 12);
  return {
    node: node === process.version || node === `v${nodeVersion}` ? node : `${node} (!)`,
    'instruction set': instructionSet,
    failed: failed.map((line) => line.split(':')[0]).join(', '),
    'cart-pole θ': hash('cartpole'),
    'swimmer θ': hash('swimmer'),
  };
}
