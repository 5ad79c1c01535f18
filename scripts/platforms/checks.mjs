// What is refused before it is packed: an addon that would not load where the README says it does.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonName, glibcFloor, macFloor, targets } from './targets.mjs';
import { python } from './tools.mjs';

const output = (command, ...args) => spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 }).stdout ?? '';
const newest = (versions) => versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? 'none';

/** @returns what is wrong with the folder of one platform, and a line about it */
export function checkPlatform(platform, folder) {
  const addon = join(folder, addonName(platform));
  const check = { Linux: checkLinux, Windows: checkWindows, Darwin: checkMac }[targets[platform].system];
  const { faults, facts } = check(addon, folder, platform);
  const bytes = readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
  return {
    faults,
    facts: `${facts}; ${(bytes / 1e6).toFixed(1)} MB, ${(statSync(addon).size / 1e6).toFixed(1)} of them the addon`,
  };
}

function checkLinux(addon, folder) {
  const faults = [];
  const floors = [];
  const shared = readdirSync(folder, { recursive: true }).filter((name) => /\.(node|so[\d.]*)$/.test(name));
  for (const name of shared) {
    const symbols = output('objdump', '-T', join(folder, name)) || output('llvm-objdump-14', '-T', join(folder, name));
    const floor = newest([...symbols.matchAll(/GLIBC_([\d.]+)/g)].map(([, version]) => version));
    if (newest([floor, glibcFloor]) !== glibcFloor) faults.push(`${name} needs glibc ${floor}, above ${glibcFloor}`);
    if (join(folder, name) === addon && /GLIBCXX|CXXABI/.test(symbols)) faults.push(`${name} needs a libstdc++`);
    floors.push(floor);
  }
  if (shared.length === 0) faults.push('there is no addon');
  return { faults, facts: `glibc ${newest(floors)}` };
}

function checkWindows(addon) {
  const libraries = [...output('x86_64-w64-mingw32-objdump', '-p', addon).matchAll(/DLL Name: (\S+)/g)];
  const names = libraries.map(([, name]) => name);
  const known = /^(kernel32|msvcrt|mujoco)\.dll$/i;
  const faults = names.filter((name) => !known.test(name)).map((name) => `the addon needs ${name}`);
  if (names.length === 0) faults.push('its list of libraries could not be read');
  return { faults, facts: `needs ${names.join(', ')}` };
}

function checkMac(addon, folder, platform) {
  const library = readdirSync(folder).find((name) => name.endsWith('.dylib'));
  const script = fileURLToPath(new URL('check-macho.py', import.meta.url));
  const args = [script, addon, join(folder, library ?? 'no library'), targets[platform].processor, `${macFloor}`];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  const faults = stdout.split('\n').filter((line) => line.startsWith('BAD'));
  if (status !== 0 && faults.length === 0) faults.push(stderr.trim() || `the check ended with ${status}`);
  return { faults, facts: stdout.split('\n').find((line) => line.startsWith('macOS')) ?? 'unreadable' };
}
