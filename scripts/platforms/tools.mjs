// What a machine must have to build and try the platforms, and the one line that installs what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawingVersion, nodeVersion, targets } from './targets.mjs';

/** Tools of our own: a Python with zig and lief, Nodes for the emulators. */
export const toolFolder = fileURLToPath(new URL('../../.cache/platforms', import.meta.url));
export const python = join(toolFolder, 'bin/python');
/** What the emulated Nodes load besides the package: a NODE_PATH. */
export const packageFolder = join(toolFolder, 'nodes/node_modules');
const nodeFolder = join(toolFolder, 'nodes');

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const pythonHas = (module) => existsSync(python) && works(python, '-c', `import ${module}`);
const firstWorking = (names) => names.find((name) => works(name, '--version'));

/** llvm's tools carry its version in their names on Debian. */
const llvm = (tool) => firstWorking([tool, ...[20, 19, 18, 17, 16, 15, 14].map((version) => `${tool}-${version}`)]);

export const lipo = () => llvm('llvm-lipo');
export const installNameTool = () => llvm('llvm-install-name-tool');

/** Node for a platform, unpacked from the registry; null where there is none. */
export function nodeFor(platform) {
  const { node } = targets[platform];
  const folder = join(packageFolder, `${node}`, 'bin');
  const file = join(folder, platform.startsWith('win32') ? 'node.exe' : 'node');
  return node !== undefined && existsSync(file) ? file : null;
}

/**
 * @param chosen platforms
 * @param tried whether their programs are to be run here as well
 * @returns null, or the line that installs what is missing
 */
export function missingTools(chosen, tried) {
  const apt = new Set();
  const pip = new Set();
  const npm = new Set();
  const need = (there, packages, list) => !there && list.add(packages);
  need(works('cmake', '--version'), 'cmake', apt);
  need(works('ninja', '--version'), 'ninja-build', apt);
  for (const platform of chosen) {
    const { compiler, floor, start, node, drawing, system } = targets[platform];
    if (compiler.gnu !== undefined) {
      const packages = { '': 'g++', 'aarch64-linux-gnu-': 'g++-aarch64-linux-gnu' };
      const name = `${compiler.gnu}g++${compiler.suffix ?? ''}`;
      need(works(name, '--version'), packages[compiler.gnu] ?? 'g++-mingw-w64-x86-64-posix', apt);
    }
    if (compiler.zig !== undefined || floor !== undefined) need(pythonHas('ziglang'), 'ziglang==0.17.1', pip);
    if (system === 'Darwin') {
      need(lipo() !== undefined && installNameTool() !== undefined, 'llvm', apt);
      need(pythonHas('lief'), 'lief', pip);
    }
    if (!tried || start === null) continue;
    if (system === 'Windows') need(existsSync(start[0]), 'wine wine64', apt);
    else if (start.length > 0) need(works(start[0], '--version'), 'qemu-user-static', apt);
    if (start.length > 0) {
      need(nodeFor(platform) !== null, `${node}@${nodeVersion}`, npm);
      need(existsSync(join(packageFolder, drawing)), `${drawing}@${drawingVersion}`, npm);
    }
  }
  if (pip.size > 0 && !works('python3', '-c', 'import venv, ensurepip')) apt.add('python3-venv');
  const words = (list) => [...list].join(' ');
  const parts = [];
  if (apt.size > 0) parts.push(`apt-get install -y --no-install-recommends ${words(apt)}`);
  if (pip.size > 0) {
    if (!existsSync(python)) parts.push(`python3 -m venv ${toolFolder}`);
    parts.push(`${python} -m pip install --quiet ${words(pip)}`);
  }
  if (npm.size > 0) {
    parts.push(`npm install --silent --force --ignore-scripts --no-bin-links --prefix ${nodeFolder} ${words(npm)}`);
  }
  return parts.length === 0 ? null : parts.join(' && ');
}
