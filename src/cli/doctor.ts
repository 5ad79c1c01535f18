import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { commandText } from '../base/command-text.js';
import type { TrellisError } from '../base/errors.js';
import { gib } from '../base/memory.js';
import { missingVisualCRuntime, VISUAL_C_HINT, VISUAL_C_RUNTIME } from '../native/addon-faults.js';
import { DRAWING } from '../report/optional.js';

/** One line of the report. `missing` is an optional thing that is not there; only `problem` makes the exit code 1. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'problem';
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

const minimumNode = [20, 19] as const;
// The published binaries of the node binding are old and often cannot be downloaded: hence no scripts.
const nodeBinding = 'npm install --ignore-scripts @tensorflow/tfjs-node';
const tfjsBuild = commandText(['tfjs', 'build']);
/** Optional packages and what they are for. The first tfjs package found is the one `--engine tfjs` takes. */
const optionalPackages: readonly [name: string, purpose: string, install: string][] = [
  ['@tensorflow/tfjs-node-gpu', '--engine tfjs on a GPU', `${nodeBinding}-gpu && ${tfjsBuild}`],
  ['@tensorflow/tfjs-node', '--engine tfjs on TensorFlow for CPUs', `${nodeBinding} && ${tfjsBuild}`],
  [
    '@tensorflow/tfjs-backend-wasm',
    '--engine tfjs in WebAssembly',
    'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm',
  ],
  ['@tensorflow/tfjs', '--engine tfjs in plain JavaScript', 'npm install @tensorflow/tfjs'],
  ['vega', 'curves of train, report and reproduce', DRAWING],
  ['vega-lite', 'curves of train, report and reproduce', DRAWING],
  ['@resvg/resvg-js', 'PNG of report and reproduce', DRAWING],
  ['gifenc', 'GIFs of render', DRAWING],
  ['h264-mp4-encoder', 'MP4 of render', 'npm install h264-mp4-encoder'],
];

/** `trellis doctor`: what this installation has, what it lacks, and what to do about it. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this installation: addon, MuJoCo, processor, optional packages, ROMs, folders')
    .option('--json', 'one line of JSON per finding')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine();
      for (const finding of findings) console.log(options.json ? JSON.stringify(finding) : format(finding));
      if (findings.some(({ status }) => status === 'problem')) process.exitCode = 1;
    });
}

/** Looks at everything; never throws. */
export async function examine(): Promise<Finding[]> {
  return [
    node(),
    ...(await addon()),
    ...visualC(),
    threads(),
    ...optionalPackages.map(optional),
    await mpi(),
    await roms(),
    ...folders(),
  ];
}

function format({ name, status, detail, hint }: Finding): string {
  const mark = { ok: 'ok     ', missing: 'missing', problem: 'PROBLEM' }[status];
  return `${mark}  ${name}: ${detail}${hint === undefined ? '' : `\n         ${hint}`}`;
}

function node(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const [wantedMajor, wantedMinor] = minimumNode;
  const recent = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  const detail = `${process.version} on ${process.platform}-${process.arch}`;
  if (recent) return { name: 'Node', status: 'ok', detail };
  return { name: 'Node', status: 'problem', detail, hint: `Node ${minimumNode.join('.')} or newer is needed` };
}

async function addon(): Promise<Finding[]> {
  try {
    const { addonPath, platform } = await import('../native/platform.js');
    const { addonHash, availableInstructionSets, instructionSet, mujoco } = platform();
    return [
      { name: 'addon', status: 'ok', detail: `${addonPath()}, SHA-256 ${addonHash.slice(0, 16)}` },
      {
        name: 'vector instructions',
        status: 'ok',
        detail: `${instructionSet} in use, of ${availableInstructionSets.join(', ')} (TRELLIS_SIMD chooses)`,
      },
      mujoco === null
        ? { name: 'MuJoCo', status: 'problem', detail: 'the addon was built without it', hint: 'npm run build:native' }
        : { name: 'MuJoCo', status: 'ok', detail: mujoco },
    ];
  } catch (error) {
    return [{ name: 'addon', status: 'problem', detail: (error as Error).message }];
  }
}

/** Windows only: MuJoCo's library needs it, and without it the addon does not load. */
export function visualC(platform: string = process.platform, environment = process.env): Finding[] {
  if (platform !== 'win32') return [];
  const missing = missingVisualCRuntime(environment);
  const name = 'Visual C++ runtime';
  if (missing.length === 0) return [{ name, status: 'ok', detail: VISUAL_C_RUNTIME.join(', ') }];
  return [{ name, status: 'problem', detail: `${missing.join(', ')} not found; MuJoCo needs it`, hint: VISUAL_C_HINT }];
}

function threads(): Finding {
  const memory = `${gib(totalmem())} of memory`;
  return { name: 'threads', status: 'ok', detail: `${availableParallelism()} (--threads chooses), ${memory}` };
}

function optional([name, purpose, hint]: readonly [string, string, string]): Finding {
  const version = installedVersion(name);
  if (version !== undefined) return { name, status: 'ok', detail: `${version}, for ${purpose}` };
  return { name, status: 'missing', detail: `only needed for ${purpose}`, hint };
}

/** Found as Node would, but not loaded: some of these take seconds. */
function installedVersion(name: string): string | undefined {
  for (const from of [import.meta.url, `${process.cwd()}/package.json`]) {
    for (const folder of createRequire(from).resolve.paths(name) ?? []) {
      const manifest = resolve(folder, name, 'package.json');
      if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    }
  }
  return undefined;
}

/** Loads what `mpirun … trellis train` would, in a process that joins no job. */
async function mpi(): Promise<Finding> {
  const name = 'MPI';
  try {
    const { loadMpi } = await import('../native/mpi.js');
    const { file, interface: kind, version } = loadMpi().library;
    return { name, status: 'ok', detail: `${version}; ${kind} interface of ${file}` };
  } catch (error) {
    const hint = (error as TrellisError).hint ?? 'docs/clusters.md';
    return { name, status: 'missing', detail: 'none found; only needed for runs over several processes', hint };
  }
}

/** Counting needs the addon, whose game table names the ROMs. */
async function roms(): Promise<Finding> {
  try {
    const { IMPORT_HINT, listRoms, romFolder } = await import('../native/rom-library.js');
    const states = listRoms();
    const count = (state: string) => states.filter((rom) => rom.state === state).length;
    const detail = `${count('imported')} of ${states.length} games in ${romFolder()}`;
    if (count('wrong') > 0) {
      const hint = `Some files are of another cartridge: "${commandText(['roms', 'verify'])}" names them`;
      return { name: 'Atari ROMs', status: 'problem', detail: `${detail}, ${count('wrong')} wrong`, hint };
    }
    if (count('imported') > 0) return { name: 'Atari ROMs', status: 'ok', detail };
    return { name: 'Atari ROMs', status: 'missing', detail: `none in ${romFolder()}`, hint: IMPORT_HINT };
  } catch (error) {
    return { name: 'Atari ROMs', status: 'missing', detail: (error as Error).message };
  }
}

/** Folders that commands write to: here, and for temporary files. A folder that is not there yet may be made. */
function folders(): Finding[] {
  return [
    writable('working folder', process.cwd(), 'Give another run directory with --out'),
    writable('temporary folder', tmpdir(), 'Set TMPDIR to a folder that can be written'),
  ];
}

function writable(name: string, path: string, hint: string): Finding {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    if (!statSync(folder).isDirectory()) throw new Error('not a folder');
    return { name, status: 'ok', detail: `${path} can be written` };
  } catch {
    return { name, status: 'problem', detail: `${path} cannot be written`, hint };
  }
}
