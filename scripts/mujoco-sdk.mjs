#!/usr/bin/env node
// Where MuJoCo's headers and library are: MUJOCO_DIR, else the cache, else fetched into the cache. Prints the folder.
// The source is the wheel mujoco-core of the package index (headers and library, one checksum a platform); where there
// is none, the release archive. Every step ends in a rename, so that an interrupted one leaves nothing half done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { exportDefinition } from './dll-exports.mjs';

export const version = '4.0.0';

/** Wheels for Python 3.11 (any Python can download them): platform tags for pip, SHA-256 of the file. */
const wheels = {
  'linux-x64': {
    tags: ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64'],
    sha256: '885bd9b9cc0a6b5ba1114923eb954027652a6a0c115fa46b3218b83bae72ac4f',
  },
  'linux-arm64': {
    tags: ['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64'],
    sha256: '34de0c1674caa95abd3a0214ded4461e688150fbaa015b2db523d553b7411c3b',
  },
  'darwin-arm64': {
    tags: ['macosx_11_0_arm64'],
    sha256: 'b975be077a9d020f7d70e8d6061eea0067b12fef06455f779ab98a3a9a7598e1',
  },
  'win32-x64': {
    tags: ['win_amd64'],
    sha256: 'bde3f4b42cb65514e5d40a5ed52c3ef7fffdaff79b35a5dc657ea11abbf458e4',
  },
};
const releases = 'https://github.com/google-deepmind/mujoco/releases/download';
const archives = {
  'linux-x64': `mujoco-${version}-linux-x86_64.tar.gz`,
  'linux-arm64': `mujoco-${version}-linux-aarch64.tar.gz`,
  'darwin-arm64': `mujoco-${version}-macos-universal2.dmg`,
  'darwin-x64': `mujoco-${version}-macos-universal2.dmg`,
  'win32-x64': `mujoco-${version}-windows-x86_64.zip`,
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
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

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

function downloadWheel(platform, folder) {
  const wheel = wheels[platform];
  if (wheel === undefined) throw new Error(`there is no wheel for ${platform}`);
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
  if (!file) throw new Error(`the downloaded wheel has another SHA-256 than ${wheel.sha256}`);
  return join(folder, file);
}

/** Headers, library and licences of a wheel, into target/include, target/lib and target. */
async function unpackWheel(file, target) {
  const { unzipSync } = await import('fflate');
  const wanted = /^mujoco\/include\/|^mujoco\/(lib)?mujoco[\d.]*\.(so[\d.]*|dylib|dll)$|\/licenses\/LICENSE/;
  const entries = unzipSync(readFileSync(file), { filter: ({ name }) => wanted.test(name) && !name.endsWith('/') });
  for (const [name, data] of Object.entries(entries)) {
    const place = name.startsWith('mujoco/include/')
      ? name.slice('mujoco/'.length)
      : name.includes('/licenses/')
        ? name.split('/').at(-1)
        : `lib/${name.split('/').at(-1)}`;
    mkdirSync(dirname(join(target, place)), { recursive: true });
    writeFileSync(join(target, place), data);
    if (place.endsWith('.dll')) writeFileSync(join(target, 'lib/mujoco.def'), exportDefinition('mujoco.dll', data));
  }
}

/** Downloads a file, going on where an earlier attempt stopped. */
async function download(url, file) {
  if (existsSync(file)) return;
  const partial = `${file}.part`;
  const have = existsSync(partial) ? statSync(partial).size : 0;
  const response = await fetch(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {} });
  if (response.status !== 416) {
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    const flags = response.status === 206 ? 'a' : 'w';
    await pipeline(Readable.fromWeb(response.body), createWriteStream(partial, { flags }));
  }
  renameSync(partial, file);
}

async function downloadArchive(platform, folder) {
  const name = archives[platform];
  if (name === undefined) throw new Error(`there is no release for ${platform}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  await download(`${releases}/${version}/${name}`, file);
  rmSync(`${file}.sha256`, { force: true });
  await download(`${releases}/${version}/${name}.sha256`, `${file}.sha256`);
  const expected = readFileSync(`${file}.sha256`, 'utf8').trim().split(/\s+/)[0];
  if (sha256(file) !== expected) {
    rmSync(file);
    throw new Error(`${name} has another SHA-256 than its release page says; start again`);
  }
  return file;
}

function unpackArchive(file, target) {
  const run = (command, ...args) => {
    const result = spawnSync(command, args, { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr ?? result.error}`);
  };
  mkdirSync(join(target, 'include'), { recursive: true });
  mkdirSync(join(target, 'lib'), { recursive: true });
  if (file.endsWith('.dmg')) {
    const disk = `${target}.volume`;
    run('hdiutil', 'attach', '-nobrowse', '-readonly', '-mountpoint', disk, file);
    try {
      const framework = join(disk, 'mujoco.framework/Versions/A');
      run('cp', '-R', join(framework, 'Headers'), join(target, 'include/mujoco'));
      run('cp', join(framework, `libmujoco.${version}.dylib`), join(target, 'lib'));
    } finally {
      run('hdiutil', 'detach', disk);
    }
  } else {
    const strip = file.endsWith('.zip') ? [] : ['--strip-components=1'];
    run('tar', '-xf', file, '-C', target, ...strip);
  }
}

/**
 * The folder with include/mujoco and the library.
 * @throws Error saying what is missing and how to get it
 */
export async function findMujoco(platform = `${process.platform}-${process.arch}`) {
  if (process.env.MUJOCO_DIR) {
    const folder = resolve(process.env.MUJOCO_DIR);
    if (!isSdk(folder))
      throw new Error(`MUJOCO_DIR (${folder}) holds no include/mujoco/mjbatch.h; MuJoCo 4.0 is needed`);
    return folder;
  }
  const cache = cacheFolder();
  const target = join(cache, `mujoco-${version}-${platform}`);
  if (isSdk(target)) return target;
  const partial = `${target}.${process.pid}.part`;
  const downloads = join(cache, 'downloads');
  const reasons = [];
  console.error(`trellis-rl: fetching MuJoCo ${version} for ${platform} into ${cache}`);
  const sources = [
    async () => unpackWheel(downloadWheel(platform, downloads), partial),
    async () => unpackArchive(await downloadArchive(platform, downloads), partial),
  ];
  for (const source of sources) {
    try {
      rmSync(partial, { recursive: true, force: true });
      await source();
      try {
        renameSync(partial, target);
      } catch (error) {
        // Someone else was faster.
        if (!isSdk(target)) throw error;
        rmSync(partial, { recursive: true, force: true });
      }
      return target;
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      reasons.push(`  ${error.message}`);
    }
  }
  throw new Error(
    `MuJoCo ${version} could not be fetched:\n${reasons.join('\n')}\n` +
      'Download it by hand (https://github.com/google-deepmind/mujoco/releases), unpack it and set MUJOCO_DIR to its folder.',
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await findMujoco(process.argv[2]));
  } catch (error) {
    console.error(`trellis-rl: ${error.message}`);
    process.exit(1);
  }
}
