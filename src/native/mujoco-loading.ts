import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describeValue } from '../base/describe.js';
import { ArgumentError, DependencyError, ModelError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { readOptions } from '../base/options.js';
import { addonPath } from './addon.js';
import { checkArray } from './arrays.js';
import { scanMjcf } from './mjcf-scan.js';
import { type ModelHandle, mujocoAddon } from './mujoco-addon.js';

const jacobians = { dense: 0, sparse: 1, auto: 2 } as const;

export interface ModelOptions {
  /** Instead of what the model says: how the constraint Jacobian is stored. Default: the model's own choice. */
  jacobian?: keyof typeof jacobians;
  /**
   * A folder of plugin libraries that the model needs beyond MuJoCo's own (mujoco.pid, mujoco.sensor.touch_grid,
   * mujoco.sdf.*), which come with this package. Default: `$MUJOCO_PLUGIN_DIR`. They stay loaded.
   */
  plugins?: string;
}

export interface XmlOptions extends ModelOptions {
  /** Where relative file names in the MJCF are looked up. Default: the working directory. */
  directory?: string;
  /** Files given in memory (bytes or text) by the name that the MJCF uses; they come before the directory. */
  assets?: Readonly<Record<string, Uint8Array | string>>;
}

const optionKeys = ['jacobian', 'plugins'] as const;
const mostFileBytes = 2 ** 29;

export function loadFile(path: string, options: ModelOptions | undefined): ModelHandle {
  const given = readOptions(options, optionKeys, 'model options');
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    const what = path === '' ? 'the model path is empty' : `the model path: ${describeValue(path)}`;
    throw new ArgumentError(what, { value: path, expected: 'the path of an MJCF file' });
  }
  const file = resolve(path);
  if (!existsSync(file)) throw new ModelError(`no model file ${file}`, { value: path, expected: 'an MJCF file' });
  if (statSync(file).isDirectory())
    throw new ModelError(`${file} is a folder`, { value: path, expected: 'an MJCF file' });
  if (/\.mjb$/i.test(file)) {
    throw new ModelError(`${file} is a compiled model (.mjb), which is not loaded`, {
      value: path,
      expected: 'an MJCF file',
      hint: 'The engine trusts every number in it, so a damaged one ends the process; save the model as XML (mj_saveLastXML)',
    });
  }
  const text = readText(file)!;
  if (!text.includes('<'))
    throw new ModelError(`${file} is no XML`, { value: path, expected: 'an MJCF (or URDF) file' });
  const { usesPlugins } = scanMjcf(text, file, (name) => readText(resolve(dirname(file), name)));
  if (usesPlugins) loadPlugins(given.plugins);
  return load(file, usesPlugins, file, true, '', [], jacobianNumber(given.jacobian));
}

export function loadXml(xml: string, options: XmlOptions | undefined): ModelHandle {
  const given = readOptions(options, [...optionKeys, 'directory', 'assets'], 'model options');
  if (typeof xml !== 'string' || !xml.includes('<') || xml.includes('\0')) {
    throw new ArgumentError('the model is no XML', {
      value: xml,
      expected: 'MJCF text',
      hint: 'Use fromFile for a path',
    });
  }
  const { directory = '', assets = {} } = given;
  if (typeof directory !== 'string')
    throw new ArgumentError(`directory: ${describeValue(directory)}`, { value: directory, expected: 'a path' });
  if (!isObject(assets))
    throw new ArgumentError(`assets: ${describeValue(assets)}`, { value: assets, expected: 'files by name' });
  const entries = Object.entries(assets);
  const inMemory = new Map(entries);
  const { included, usesPlugins } = scanMjcf(xml, 'MJCF string', (name) => {
    const asset = inMemory.get(name);
    if (asset === undefined) return readText(resolve(directory, name));
    return typeof asset === 'string' ? asset : Buffer.from(assetBytes(name, asset)).toString();
  });
  if (usesPlugins) loadPlugins(given.plugins);
  const jacobian = jacobianNumber(given.jacobian);
  const files = entries.map(([name, data]): [string, Uint8Array] => [name, assetBytes(name, data)]);
  // MuJoCo looks for meshes in the directory that it is told, but not for included files.
  for (const [name, text] of included) if (!inMemory.has(name)) files.push([name, Buffer.from(text)]);
  return load('MJCF string', usesPlugins, xml, false, directory, files, jacobian);
}

function load(what: string, usesPlugins: boolean, ...parameters: ConstructorParameters<ModelConstructor>): ModelHandle {
  const { MujocoModelHandle } = mujocoAddon();
  if (MujocoModelHandle === undefined) {
    throw new DependencyError('the native addon was built without MuJoCo', {
      hint: 'Run "npm run build:native" in the package folder',
    });
  }
  try {
    return new MujocoModelHandle(...parameters);
  } catch (cause) {
    const text = (cause as Error).message.trim();
    const hint =
      usesPlugins && /plugin/i.test(text)
        ? {
            hint: `Loaded plugins: ${loadedPlugins.join(', ')}. Others: the option plugins, or $MUJOCO_PLUGIN_DIR, names their folder`,
          }
        : {};
    throw new ModelError(`${what}: ${text}`, { value: what, cause, ...hint });
  }
}
type ModelConstructor = ReturnType<typeof mujocoAddon>['MujocoModelHandle'];

let loadedPlugins: string[] = [];
const loadedFolders = new Set<string>();

function loadPlugins(named: unknown): void {
  if (named !== undefined && typeof named !== 'string')
    throw new ArgumentError(`plugins: ${describeValue(named)}`, { value: named, expected: 'a folder' });
  const folder = named ?? process.env['MUJOCO_PLUGIN_DIR'] ?? '';
  if (folder !== '' && !existsSync(folder))
    throw new ModelError(`there is no folder of plugins ${folder}`, {
      value: folder,
      expected: 'a folder of libraries',
    });
  for (const each of [join(dirname(addonPath()), 'plugin'), ...(folder === '' ? [] : [resolve(folder)])]) {
    if (loadedFolders.has(each) || !existsSync(each)) continue;
    loadedFolders.add(each);
    loadedPlugins = mujocoAddon().loadMujocoPlugins(each);
  }
}

function jacobianNumber(jacobian: unknown): number {
  if (jacobian === undefined) return -1;
  if (typeof jacobian === 'string' && Object.hasOwn(jacobians, jacobian))
    return jacobians[jacobian as keyof typeof jacobians];
  throw new ArgumentError(`jacobian: ${describeValue(jacobian)}`, {
    value: jacobian,
    expected: Object.keys(jacobians).join(', '),
  });
}

function assetBytes(name: string, data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return checkArray(`assets["${name}"]`, data, 'Uint8Array', 0, { shared: true });
}

/** Undefined where there is no such file. A pipe or device would be read for ever. */
function readText(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile() || stat.size > mostFileBytes) {
    const what = stat.isFile() ? `has ${stat.size} bytes` : 'is no ordinary file';
    throw new ModelError(`${file} ${what}`, { value: file, expected: `a file of at most ${mostFileBytes} bytes` });
  }
  return readFileSync(file, 'utf8');
}
