import { createHash } from 'node:crypto';
import { availableParallelism, cpus, hostname } from 'node:os';
import { ArgumentError, TrellisError } from '../base/errors.js';
import { allGatherJson, bytesOf, type Communicator } from './communicator.js';

/** What each process says of itself before a run of several begins. */
export interface Member {
  /** What has to be the same everywhere, by name: versions, hashes of configurations */
  readonly same: Readonly<Record<string, string>>;
  /** What should be: processor family, Node */
  readonly alike: Readonly<Record<string, string>>;
}

/**
 * Compares all processes with rank 0.
 * @returns how they differ in what should be alike, in words, and how many of them run on this machine
 * @throws ArgumentError in every process, naming the first that differs in what has to be the same
 */
export async function compareMembers(
  communicator: Communicator,
  member: Member,
): Promise<{ differences: string[]; neighbours: number }> {
  const members = await allGatherJson(communicator, { ...member, host: hostname() });
  const [first] = members;
  const differences: string[] = [];
  members.forEach((other, rank) => {
    const differs = (kind: keyof Member) =>
      Object.keys(first[kind]).filter((name) => other[kind][name] !== first[kind][name]);
    for (const name of differs('same')) {
      throw new ArgumentError(`rank ${rank} on ${other.host} has another ${name}: ${other.same[name]}`, {
        value: other.same[name],
        expected: `${first.same[name]}, as rank 0 on ${first.host}`,
        hint: 'All processes of a run have the same trellis-rl and the same command line',
      });
    }
    for (const name of differs('alike')) {
      differences.push(`rank ${rank} on ${other.host} has ${name} ${other.alike[name]}, rank 0 ${first.alike[name]}`);
    }
  });
  return { differences, neighbours: members.filter(({ host }) => host === hostname()).length };
}

/** Threads that each of several processes on one machine takes, unless it is told. */
export function fairThreads(neighbours: number): number {
  // A launcher may have bound this process to some of the cores already.
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus().length / neighbours)));
}

/** @throws TrellisError in every process, naming the ranks whose θ is not that of rank 0 */
export async function checkAgreement(
  communicator: Communicator,
  theta: Float32Array,
  iteration: number,
): Promise<void> {
  if (communicator.size === 1) return;
  const hashes = await communicator.allGather(createHash('sha256').update(bytesOf(theta)).digest());
  const others = hashes.flatMap((hash, rank) => (Buffer.compare(hash, hashes[0]) === 0 ? [] : [rank]));
  if (others.length === 0) return;
  throw new TrellisError(
    'ERR_DIVERGED',
    `iteration ${iteration} gave rank ${others.join(', ')} another θ than rank 0`,
    {
      hint: 'Processors, libraries or environments of the machines differ: nothing of this iteration was written',
    },
  );
}

/** What rank 0 decided, everywhere. */
export async function followLeader(communicator: Communicator, decision: boolean): Promise<boolean> {
  if (communicator.size === 1) return decision;
  return (await communicator.broadcast(Uint8Array.of(decision ? 1 : 0)))[0] === 1;
}
