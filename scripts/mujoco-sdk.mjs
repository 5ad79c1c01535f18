#!/usr/bin/env node
// Where MuJoCo's headers, library and plugins are: MUJOCO_DIR, else the cache, else fetched into the cache. Prints the
// folder. The source is the wheel mujoco-core of the package index. Both the wheel and what is unpacked from it have one
// SHA-256 a platform written down here, checked each time: other bytes are never used, wherever they come from. Every
// step ends in a rename, so that an interrupted one leaves nothing half done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { exportDefinition } from './dll-exports.mjs';

export const version = '4.0.1';

/** The Mac wheel holds code for both processors. */
const mac = {
  tags: ['macosx_11_0_arm64'],
  sha256: '2a898046fab1961b57b07bc199620d57c695eac19c3b49f6fd906cd29e5cc11f',
  contents: 'c39091763dea9eb82033e4399b5f3e140f829b0c99d05cd8807d087cb88d74f5',
};

/** Wheels for Python 3.11 (any Python can download them): platform tags for pip, SHA-256 of the file and, as
 * `contentHash` has it, of what is unpacked. */
export const wheels = {
  'linux-x64': {
    tags: ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64'],
    sha256: 'be28c0c7587347ef996b4de0487264e9da296282082b092bae211a9163e9aed6',
    contents: 'b2d72f540bffb979f8df5ee751a6e66cafa12b92b46db7b1d95eb020ba0395f9',
  },
  'linux-arm64': {
    tags: ['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64'],
    sha256: '52d934614a56f7d75dcfc2bd8bb72f058b465ecc19a0583a56df242f9505bdb6',
    contents: 'cc0874b25b85d845833bb4913a6058c79ba5d489be7542ae9d64f4a1d0e0f524',
  },
  'darwin-arm64': mac,
  'darwin-x64': mac,
  'win32-x64': {
    tags: ['win_amd64'],
    sha256: 'e6bdf0b7a4d7381ff199b0172f192d2a2c79dc31d48dabb8d8121863554a8f8a',
    contents: 'a7e1089e1bd1ef38fc6385bcd185909346e9f0ec706d8786af0b96cc20d05edf',
  },
};

/** The user's cache folder, or .cache in the package where that cannot be written. */
function cacheFolder() {
  const base =
    process.env.XDG_CACHE_HOME ||
    (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ||
    join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  const local = join(dirname(fileURLToPath(import.meta.url)), '../.cache');
  for (const folder of [join(base, 'trellis-rl'), local]) {
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '.writable'), '');
      return folder;
    } catch {
      // Read-only home: try the next.
    }
  }
  throw new Error(`neither ${base} nor ${local} can be written; set XDG_CACHE_HOME or MUJOCO_DIR`);
}

const isSdk = (folder) => existsSync(join(folder, 'include/mujoco/mjbatch.h'));
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const sha256 = (file) => hashOf(readFileSync(file));

/** SHA-256 over the lines "path sha256" of all files in a folder, sorted by path; "" if there is no folder. */
export function contentHash(folder) {
  if (!existsSync(folder)) return '';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const lines = files.map(({ parentPath, path, name }) => {
    const file = join(parentPath ?? path, name);
    return `${relative(folder, file).split(sep).join('/')} ${sha256(file)}\n`;
  });
  return hashOf(lines.sort().join(''));
}

/** How to start pip: as a module of some Python, or by itself. Null if there is none. */
export function findPip() {
  const candidates = [
    ...(process.env.PYTHON ? [[process.env.PYTHON, '-m', 'pip']] : []),
    ['python3', '-m', 'pip'],
    ['python', '-m', 'pip'],
    ['py', '-3', '-m', 'pip'],
    ['pip3'],
    ['pip'],
  ];
  return candidates.find(([command, ...args]) => spawnSync(command, [...args, '--version']).status === 0) ?? null;
}

function downloadWheel(wheel, folder) {
  const known = () =>
    existsSync(folder) &&
    readdirSync(folder).find((name) => name.endsWith('.whl') && sha256(join(folder, name)) === wheel.sha256);
  const earlier = known();
  if (earlier) return join(folder, earlier);
  const pip = findPip();
  if (pip === null)
    throw new Error('pip is missing: install Python 3 with pip (apt install python3-pip, brew install python)');
  mkdirSync(folder, { recursive: true });
  const args = ['download', `mujoco-core==${version}`, '--no-deps', '--only-binary=:all:', '--implementation', 'cp'];
  args.push('--python-version', '3.11', '--abi', 'cp311', '--dest', folder, '--quiet', '--disable-pip-version-check');
  for (const tag of wheel.tags) args.push('--platform', tag);
  const result = spawnSync(pip[0], [...pip.slice(1), ...args], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${pip.join(' ')} download failed: ${result.stderr.trim()}`);
  const file = known();
  if (!file) {
    throw new Error(`the wheel that pip got is not the one with SHA-256 ${wheel.sha256}; nothing of it was used`);
  }
  return join(folder, file);
}

/** Headers, library, plugins and licences of a wheel, into target/include, target/lib, target/plugin and target. */
async function unpackWheel(file, target) {
  const { unzipSync } = await import('fflate');
  const wanted =
    /^mujoco\/include\/|^mujoco\/(lib)?mujoco[\d.]*\.(so[\d.]*|dylib|dll)$|^mujoco\/plugin\/|\/licenses\/LICENSE/;
  const entries = unzipSync(readFileSync(file), { filter: ({ name }) => wanted.test(name) && !name.endsWith('/') });
  for (const [name, data] of Object.entries(entries)) {
    const last = name.split('/').at(-1);
    let place = `lib/${last}`;
    if (/^mujoco\/(include|plugin)\//.test(name)) place = name.slice('mujoco/'.length);
    else if (name.includes('/licenses/')) place = last;
    mkdirSync(dirname(join(target, place)), { recursive: true });
    writeFileSync(join(target, place), data);
    if (place === 'lib/mujoco.dll') writeFileSync(join(target, 'lib/mujoco.def'), exportDefinition(last, data));
  }
}

/**
 * The folder with include/mujoco, the library and plugin/.
 * @throws Error saying what is missing and how to get it
 */
export async function findMujoco(platform = `${process.platform}-${process.arch}`) {
  if (process.env.MUJOCO_DIR) {
    const folder = resolve(process.env.MUJOCO_DIR);
    if (!isSdk(folder))
      throw new Error(`MUJOCO_DIR (${folder}) holds no include/mujoco/mjbatch.h; MuJoCo 4.0 is needed`);
    return folder;
  }
  const byHand = 'Or get a MuJoCo 4.0.x release by hand, unpack it and set MUJOCO_DIR to its folder.';
  const wheel = wheels[platform];
  if (wheel === undefined) throw new Error(`there is no wheel of MuJoCo for ${platform}.\n${byHand}`);
  const cache = cacheFolder();
  const target = join(cache, `mujoco-${version}-${platform}`);
  if (contentHash(target) === wheel.contents) return target;
  const partial = `${target}.${process.pid}.part`;
  console.error(`trellis-rl: fetching MuJoCo ${version} for ${platform} into ${cache}`);
  try {
    rmSync(partial, { recursive: true, force: true });
    await unpackWheel(downloadWheel(wheel, join(cache, 'downloads')), partial);
    const found = contentHash(partial);
    if (found !== wheel.contents) throw new Error(`what was unpacked has SHA-256 ${found}, not ${wheel.contents}`);
    // Someone else may have been faster; an older or damaged folder makes way.
    if (contentHash(target) !== wheel.contents) {
      rmSync(target, { recursive: true, force: true });
      renameSync(partial, target);
    }
    return target;
  } catch (error) {
    throw new Error(`MuJoCo ${version} could not be fetched: ${error.message}\n${byHand}`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await findMujoco(process.argv[2]));
  } catch (error) {
    console.error(`trellis-rl: ${error.message}`);
    process.exit(1);
  }
}
