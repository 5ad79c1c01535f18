import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Method } from '../algorithms/define.js';
import { listAlgorithms } from '../algorithms/index.js';
import { ArgumentError } from '../base/errors.js';
import { compareMembers, fairThreads } from '../cluster/checks.js';
import { alone, type Communicator } from '../cluster/communicator.js';
import type { RunConfig } from './config.js';
import type { TrainOptions } from './options.js';
import { platformFacts } from './platform.js';

/** The processes of one run, as seen from one of them. */
export interface Processes {
  readonly communicator: Communicator;
  /** Whether this is rank 0: what is written and said is its business. */
  readonly leads: boolean;
  /** Of this process */
  readonly threads: number | undefined;
  readonly warnings: readonly string[];
  /** To be called when the run has ended. */
  dispose(): void;
}

/**
 * Sees whether the processes can train together.
 * @throws ArgumentError for a method or an engine that does not, and where versions or configurations differ
 */
export async function joinProcesses(config: RunConfig, method: Method, options: TrainOptions): Promise<Processes> {
  const { communicator = alone, threads, signal } = options;
  const leads = communicator.rank === 0;
  if (communicator.size === 1) return { communicator, leads, threads, warnings: [], dispose() {} };
  checkDistributed(config, method, communicator.size);
  const { trellis, node, cpu, addon } = platformFacts();
  const { platform: _, ...told } = config;
  const configuration = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
  const { differences, neighbours } = await compareMembers(communicator, {
    same: { version: trellis, configuration },
    alike: { node, cpu, addon },
  });
  const interrupt = () => communicator.interrupt();
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  return {
    communicator,
    leads,
    threads: threads ?? fairThreads(neighbours),
    warnings: differences.map((difference) => `results may differ in the last bits: ${difference}`),
    dispose: () => signal?.removeEventListener('abort', interrupt),
  };
}

function checkDistributed({ engine }: RunConfig, { name, distributed }: Method, size: number): void {
  if (!distributed) {
    const others = listAlgorithms().filter((method) => method.distributed);
    throw new ArgumentError(`method "${name}" runs in one process, not in ${size}`, {
      value: name,
      expected: `a method that is the same in all of them: ${others.map((method) => method.name).join(', ')}`,
    });
  }
  if (!engine.startsWith('tfjs')) return;
  throw new ArgumentError(`engine "${engine}" in ${size} processes`, {
    value: engine,
    expected: 'native: TensorFlow does not give the same bytes everywhere',
  });
}

/** What rank 0 made or read, in every process. */
export async function fromLeader<T>(communicator: Communicator, make: () => Promise<T>, told: (made: T) => unknown) {
  if (communicator.rank === 0) {
    const made = await make();
    if (communicator.size > 1) await communicator.broadcast(serialize(told(made)));
    return made;
  }
  return deserialize(await communicator.broadcast(new Uint8Array(0))) as T;
}
