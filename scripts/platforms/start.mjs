// How a platform's Node is started on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { targets } from './targets.mjs';
import { nodeFor, toolFolder } from './tools.mjs';

/** Words before the arguments of a platform's Node, what its environment needs, and how it names a path. */
export function starter(platform) {
  const { start, system } = targets[platform];
  const windows = system === 'Windows';
  const words = start.length === 0 ? [process.execPath] : [...start, nodeFor(platform)];
  const env = windows ? { WINEPREFIX: join(toolFolder, 'wine'), WINEDEBUG: '-all' } : {};
  if (windows) prepareWine(start[0], { ...process.env, ...env });
  return { words, env, path: (file) => (windows ? `Z:${file}` : file) };
}

/** A prefix of our own; Node asks for Windows 10. */
function prepareWine(wine, env) {
  if (existsSync(join(env.WINEPREFIX, 'trellis-ready'))) return;
  spawnSync(wine, ['wineboot', '-i'], { env, stdio: 'ignore' });
  const version = ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'];
  if (spawnSync(wine, version, { env, stdio: 'ignore' }).status === 0) {
    writeFileSync(join(env.WINEPREFIX, 'trellis-ready'), '');
  }
}

export function how(platform) {
  const { system, start } = targets[platform];
  if (start.length === 0) return 'here';
  return system === 'Windows' ? 'under Wine' : 'under qemu';
}
