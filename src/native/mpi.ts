import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { PlatformError } from '../base/errors.js';
import { addon } from './addon.js';

/** A library that was loaded. */
export interface MpiLibrary {
  /** As it was found: a path, or a name that the system's loader knows */
  readonly file: string;
  readonly interface: 'standard' | 'Open MPI' | 'MPICH';
  /** What it says it is */
  readonly version: string;
}

/**
 * The functions of an MPI. Counts are bytes. Promises of calls that talk to other ranks settle when these have done the
 * same call; the arrays are nobody else's until then. Every rank makes the same calls in the same order.
 */
export interface Mpi {
  init(): { rank: number; size: number };
  broadcast(bytes: Uint8Array, root: number): Promise<void>;
  /** @param counts bytes of every rank [size] */
  allGather(bytes: Uint8Array, counts: Int32Array, out: Uint8Array): Promise<void>;
  send(bytes: Uint8Array, rank: number): Promise<void>;
  receive(bytes: Uint8Array, rank: number): Promise<void>;
  barrier(): Promise<void>;
  finalize(): Promise<void>;
  /** Calls in flight, and all after them, end with ERR_ABORTED. */
  interrupt(): void;
  /** Ends all processes of the job. */
  abort(code: number): void;
}

interface MpiAddon {
  mpi: Mpi & { open(file: string): Omit<MpiLibrary, 'file'> };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables by which launchers tell a process of how many it is one: Hydra and Slurm's PMI, Open MPI's mpirun, PMIx. */
const LAUNCHED = ['PMI_RANK', 'PMI_SIZE', 'OMPI_COMM_WORLD_SIZE', 'PMIX_RANK', 'PMI_FD'];

/** Was this process started by a launcher of MPI? */
export function launchedByMpi(environment: Environment = process.env): boolean {
  // A job of one process needs no MPI.
  const sizes = [environment['PMI_SIZE'], environment['OMPI_COMM_WORLD_SIZE'], environment['SLURM_STEP_NUM_TASKS']];
  if (sizes.includes('1')) return false;
  return LAUNCHED.some((name) => (environment[name] ?? '') !== '');
}

/**
 * Where an MPI may be, the likeliest first: `TRELLIS_MPI_LIBRARY` alone if it is set; else beside the launcher that
 * started this process, beside the one in PATH, and where the system looks (Debian calls MPICH's libmpich).
 */
export function mpiCandidates(environment: Environment = process.env): string[] {
  const named = environment['TRELLIS_MPI_LIBRARY'];
  if (named !== undefined && named !== '') return [named];
  // Open MPI's own interface first where its launcher is at work; it has the standard one from version 6 on.
  const openMpi = environment['OMPI_COMM_WORLD_SIZE'] !== undefined;
  const names = openMpi
    ? ['libmpi_abi.so.1', 'libmpi.so.40']
    : [
        'libmpi_abi.so.1',
        'libmpi.so.12',
        'libmpich.so.12',
        ...(environment['PMIX_RANK'] === undefined ? [] : ['libmpi.so.40']),
      ];
  const all = launchedByMpi(environment) ? names : [...new Set([...names, 'libmpi.so.40'])];
  const files = folders(environment).flatMap((folder) => all.map((name) => join(folder, name)).filter(existsSync));
  return [...new Set([...files, ...all])];
}

/** Folders of libraries beside launchers. */
function folders(environment: Environment): string[] {
  const found: string[] = [];
  for (const name of ['OPAL_PREFIX', 'I_MPI_ROOT', 'MPI_HOME']) {
    const root = environment[name];
    if (root) found.push(join(root, 'lib'));
  }
  const beside = (program: string) => found.push(join(dirname(dirname(program)), 'lib'));
  try {
    beside(readlinkSync(`/proc/${process.ppid}/exe`));
  } catch {
    // Another system, or another user's launcher.
  }
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const launcher = join(folder, 'mpirun');
    if (folder === '' || !existsSync(launcher)) continue;
    beside(launcher);
    beside(realpathSync(launcher));
    break;
  }
  return found;
}

/**
 * What some MPIs' transports are told unless the user has: they would patch mmap, munmap and their like in the whole process to
 * keep track of registered memory. With Node's memory under that, a quarter of the starts of 64 processes crashed (none of 26
 * without); messages here are too few to gain by it.
 */
const TRANSPORT = { UCX_MEM_EVENTS: 'n', UCX_MEM_MMAP_HOOK_MODE: 'none', FI_MR_CACHE_MONITOR: 'disabled' };

let loaded: { library: MpiLibrary; mpi: Mpi } | undefined;

/**
 * Loads an MPI, once; joins no job.
 * @throws PlatformError if none is to be had
 */
export function loadMpi(environment: Environment = process.env): { library: MpiLibrary; mpi: Mpi } {
  if (loaded !== undefined) return loaded;
  if (process.platform !== 'linux') {
    throw new PlatformError(`MPI is not supported on ${process.platform}`, { expected: 'Linux' });
  }
  const { mpi } = addon<MpiAddon>();
  for (const [name, value] of Object.entries(TRANSPORT)) process.env[name] ??= value;
  const candidates = mpiCandidates(environment);
  const reasons: string[] = [];
  for (const file of candidates) {
    try {
      loaded = { library: { file, ...mpi.open(file) }, mpi };
      return loaded;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new PlatformError('no MPI library was found', {
    value: reasons,
    expected: `one of ${candidates.join(', ')}: ${reasons[0]}`,
    hint: 'TRELLIS_MPI_LIBRARY names its file: libmpi_abi.so.1, libmpi.so.12 or libmpi.so.40, of the MPI whose launcher is used',
  });
}
