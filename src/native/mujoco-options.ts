import { availableParallelism } from 'node:os';
import { describeValue } from '../base/describe.js';
import { ArgumentError, ClosedError, SnapshotError } from '../base/errors.js';
import { isInstance } from '../base/kinds.js';
import { checkMemory } from '../base/memory.js';
import { readOptions } from '../base/options.js';
import type { SlotOptions } from './batch-simulator.js';
import { MujocoModel } from './mujoco-model.js';
import type { Stage } from './mujoco-stages.js';
import { checkInteger, checkSlotCount } from './slots.js';

export interface MujocoBatchOptions {
  /** N, the number of simulations. */
  slots: number;
  /** Including the calling one; at most N are used. Default: cores. */
  threads?: number;
  /**
   * Keep all of MuJoCo's working memory for each slot instead of each thread. Costs memory; makes stage "velocity" of
   * `step` nearly free, since the next step goes on from it, and is needed by models with sleep enabled. Default false.
   */
  persistent?: boolean;
  /**
   * A row kernel: a native function that adds outputs of its own to those of MuJoCo, computed of each slot's state by the
   * thread that has just stepped it (docs/mujoco-batch.md lists them). Default: none.
   */
  kernel?: string;
  /**
   * Steps of stage "none" must take our own path, which costs a small model a tenth less than MuJoCo's general one: what
   * would leave it (`persistent`, `parameter`, some outputs, some models) is refused. Default false: `MujocoBatch.fast` says
   * which path is taken.
   */
  fast?: boolean;
  /** False: arrays are copies, refreshed around every call, as where external buffers are not allowed. Default true. */
  externalBuffers?: boolean;
}

export interface CallOptions extends SlotOptions {
  /** How far derived quantities are computed at the new state. */
  stage?: Stage;
}

const maximumThreads = 1024;
const optionKeys = ['slots', 'threads', 'persistent', 'externalBuffers', 'kernel', 'fast'] as const;

/** @throws ArgumentError absurd counts; MemoryError if the state table would not fit; ClosedError for a closed model */
export function readBatchOptions(
  model: unknown,
  options: MujocoBatchOptions,
): Required<Omit<MujocoBatchOptions, 'kernel'>> & { kernel: string | null } {
  if (!isInstance(model, MujocoModel)) {
    throw new ArgumentError(`model: ${describeValue(model)}`, { value: model, expected: 'a MujocoModel' });
  }
  const given = readOptions(options, optionKeys, 'batch options');
  const persistent = checkFlag('persistent', given.persistent ?? false);
  const fast = checkFlag('fast', given.fast ?? false);
  const kernel = given.kernel === undefined ? null : checkName(given.kernel, 'a row kernel');
  const externalBuffers = checkFlag('externalBuffers', given.externalBuffers ?? true);
  const slots = checkSlotCount(given.slots);
  const threads = checkInteger('threads', given.threads ?? availableParallelism(), 1, maximumThreads);
  if (model.closed) throw new ClosedError('MujocoModel');
  const beyond = beyondRows(model);
  if (beyond !== null && !persistent) {
    throw new ArgumentError(`a model with ${beyond} needs working memory for each slot`, {
      value: persistent,
      expected: 'persistent: true',
    });
  }
  checkBatchMemory(model, slots, persistent);
  return { slots, threads, persistent, externalBuffers, kernel, fast };
}

/** @throws SnapshotError for models with sleep or IPC, whose rows are not all that decides a slot's future */
export function checkSavable(model: MujocoModel): void {
  const beyond = beyondRows(model);
  if (beyond === null) return;
  const hidden = beyond === 'sleep' ? 'which bodies are asleep' : 'what contacts remember';
  throw new SnapshotError(`states of a model with ${beyond} cannot be saved: MuJoCo keeps ${hidden} elsewhere`, {
    value: beyond,
    hint: `A restored row would go on differently. Load the model with <option><flag ${beyond === 'sleep' ? 'sleep' : 'ipc'}="disable"/></option>`,
  });
}

export function checkName(name: unknown, of = 'a field'): string {
  if (typeof name === 'string') return name;
  throw new ArgumentError(`the name of ${of}: ${describeValue(name)}`, { value: name, expected: 'a string' });
}

/** mjENBL_SLEEP, mjENBL_IPC: what they remember is in mjData, not in the state row. */
function beyondRows({ enableFlags }: MujocoModel): string | null {
  if (enableFlags & (1 << 4)) return 'sleep';
  return enableFlags & (1 << 6) ? 'IPC' : null;
}

function checkFlag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ArgumentError(`${name}: ${describeValue(value)}`, { value, expected: 'true or false' });
}

function checkBatchMemory(model: MujocoModel, slots: number, persistent: boolean): void {
  const { nq = 0, nv = 0, nu = 0, na = 0, nbody = 0 } = model.sizes;
  const perSlot = 8 * (nq + 3 * nv + nu + na + 6 * nbody) + (persistent ? model.handle.dataBytes() : 0);
  checkMemory(`a batch of ${slots} slots`, slots * perSlot, persistent ? 'persistent: false needs less' : undefined);
}
