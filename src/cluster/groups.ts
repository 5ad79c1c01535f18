import { deserialize, serialize } from 'node:v8';
import { ArgumentError } from '../base/errors.js';
import { alone, bytesOf, type Communicator } from './communicator.js';

/**
 * The groups of a batch: parts that are sampled apart, whose number belongs to the configuration, and which of them this
 * process has. Results never depend on who has what: sums are made within groups and then over groups in a fixed order.
 */
export class Groups {
  /** This process has groups first … end - 1. */
  readonly first: number;
  readonly end: number;

  /** @throws ArgumentError if there are fewer groups than processes */
  constructor(
    readonly count: number,
    readonly communicator: Communicator = alone,
  ) {
    const { rank, size } = communicator;
    if (count < size) {
      throw new ArgumentError(`${count} group${count === 1 ? '' : 's'} of paths for ${size} processes`, {
        value: count,
        expected: `sampling.groups of at least ${size}: every process samples whole groups`,
        hint: `Set sampling.groups=${size}, or more, for runs with fewer processes, too: its number is part of the result, that of the processes is not`,
      });
    }
    this.first = share(count, rank, size);
    this.end = share(count, rank + 1, size);
  }

  /** Groups of this process */
  get own(): number[] {
    return Array.from({ length: this.end - this.first }, (_, i) => this.first + i);
  }

  /** Is all of it here, and in one piece? */
  get single(): boolean {
    return this.count === 1;
  }

  /** The rank that has a group. */
  ownerOf(group: number): number {
    const { size } = this.communicator;
    // The last rank whose share begins at or before it.
    let rank = Math.min(size - 1, Math.floor((group * size) / this.count));
    while (rank + 1 < size && share(this.count, rank + 1, size) <= group) rank++;
    while (share(this.count, rank, size) > group) rank--;
    return rank;
  }

  /** How much of `total` a group gets. */
  part(total: number, group: number): number {
    return share(total, group + 1, this.count) - share(total, group, this.count);
  }

  /** How much of `total` the groups before this one get. */
  before(total: number, group: number): number {
    return share(total, group, this.count);
  }

  /**
   * What every group has to tell, in their order, in every process.
   * @param own one for each group of this process
   */
  async gather(own: readonly Uint8Array[]): Promise<Uint8Array[]> {
    if (this.communicator.size === 1) return [...own];
    const lengths = Float64Array.from(own, (bytes) => bytes.length);
    const message = new Uint8Array(lengths.byteLength + lengths.reduce((sum, length) => sum + length, 0));
    message.set(bytesOf(lengths));
    own.reduce((at, bytes) => {
      message.set(bytes, at);
      return at + bytes.length;
    }, lengths.byteLength);
    const messages = await this.communicator.allGather(message);
    return messages.flatMap((bytes, rank) => {
      const groups = share(this.count, rank + 1, messages.length) - share(this.count, rank, messages.length);
      let at = 8 * groups;
      return Array.from(new Float64Array(bytes.slice(0, at).buffer), (length) => {
        at += length;
        return bytes.subarray(at - length, at);
      });
    });
  }

  /** Plain objects, with typed arrays in them, of every group, in their order. @param own one for each of this process */
  async gatherAll<T>(own: readonly T[]): Promise<T[]> {
    if (this.communicator.size === 1) return [...own];
    const parts = await this.gather(own.map((value) => serialize(value)));
    return parts.map((bytes) => deserialize(bytes) as T);
  }

  /** A row of numbers of every group, in their order. @param own one for each group of this process */
  async gatherNumbers(own: readonly (readonly number[])[]): Promise<Float64Array[]> {
    const rows = await this.gather(own.map((numbers) => bytesOf(Float64Array.from(numbers))));
    return rows.map((bytes) => new Float64Array(bytes.slice().buffer));
  }

  /**
   * The sum of a vector of every group, the same bytes in every process. Groups are added as the leaves of one binary tree,
   * whoever has them: a process adds the branches that it has all of, others are sent up, and the root tells the sum.
   * @param own one for each group of this process, of equal lengths; they are used up
   */
  async sum(own: readonly Float64Array[]): Promise<Float64Array> {
    const total = await this.add(own, 0, this.count);
    if (this.communicator.size === 1) return total!;
    const root = this.ownerOf(0);
    return floats(await this.communicator.broadcast(total === null ? new Uint8Array(0) : bytesOf(total), root));
  }

  /** The sum over groups from … to - 1 where this process has the first of them, else null. */
  private async add(own: readonly Float64Array[], from: number, to: number): Promise<Float64Array | null> {
    if (to <= this.first || from >= this.end) return null;
    if (to - from === 1) return own[from - this.first];
    const middle = (from + to) >> 1;
    const left = await this.add(own, from, middle);
    const right = await this.add(own, middle, to);
    const [here, there] = [this.ownerOf(from), this.ownerOf(middle)];
    const { rank } = this.communicator;
    if (here !== rank) {
      if (there === rank) await this.communicator.send(bytesOf(right!), here);
      return null;
    }
    const other = there === rank ? right! : floats(await this.communicator.receive(left!.byteLength, there));
    for (let i = 0; i < other.length; i++) left![i] += other[i];
    return left;
  }
}

/** Where the part of `index` begins if `total` is shared among `parts`. */
function share(total: number, index: number, parts: number): number {
  return Math.floor((total * index) / parts);
}

function floats(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}
