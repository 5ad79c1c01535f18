import { AbortedError, TrellisError } from '../base/errors.js';
import { launchedByMpi, loadMpi, type Mpi } from '../native/mpi.js';
import { alone, type Communicator } from './communicator.js';

/** Bytes that one call moves at most: counts are 32 bits wide. */
const PIECE = 2 ** 28;

/**
 * The processes that a launcher of MPI started together with this one; `alone` where none did.
 * @param asked look for an MPI even if no launcher shows
 * @throws PlatformError if there is no library that fits the launcher
 */
export async function openCommunicator(asked = false): Promise<Communicator> {
  if (!asked && !launchedByMpi()) return alone;
  const { mpi } = loadMpi();
  const { rank, size } = checked(() => mpi.init());
  return new MpiCommunicator(mpi, rank, size);
}

class MpiCommunicator implements Communicator {
  private interrupted = false;

  constructor(
    private readonly mpi: Mpi,
    readonly rank: number,
    readonly size: number,
  ) {}

  async allGather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const { size, rank } = this;
    const lengths = new Float64Array(size);
    const eights = new Int32Array(size).fill(8);
    await this.call(() => this.mpi.allGather(raw(Float64Array.of(bytes.length)), eights, raw(lengths)));
    const parts = Array.from(lengths, (length) => new Uint8Array(length));
    const most = Math.floor(PIECE / size);
    for (let from = 0; lengths.some((length) => length > from); from += most) {
      const counts = Int32Array.from(lengths, (length) => Math.max(0, Math.min(most, length - from)));
      const out = new Uint8Array(counts.reduce((sum, count) => sum + count, 0));
      await this.call(() => this.mpi.allGather(bytes.slice(from, from + counts[rank]), counts, out));
      for (let r = 0, at = 0; r < size; at += counts[r++]) parts[r].set(out.subarray(at, at + counts[r]), from);
    }
    return parts;
  }

  async broadcast(bytes: Uint8Array, root = 0): Promise<Uint8Array> {
    const own = this.rank === root;
    const length = Float64Array.of(own ? bytes.length : 0);
    await this.call(() => this.mpi.broadcast(raw(length), root));
    const all = own ? bytes.slice() : new Uint8Array(length[0]);
    for (let from = 0; from < all.length; from += PIECE) {
      await this.call(() => this.mpi.broadcast(all.subarray(from, from + PIECE), root));
    }
    return all;
  }

  async send(bytes: Uint8Array, rank: number): Promise<void> {
    const all = bytes.slice();
    for (let from = 0; from < all.length; from += PIECE) {
      await this.call(() => this.mpi.send(all.subarray(from, from + PIECE), rank));
    }
  }

  async receive(length: number, rank: number): Promise<Uint8Array> {
    const all = new Uint8Array(length);
    for (let from = 0; from < length; from += PIECE) {
      await this.call(() => this.mpi.receive(all.subarray(from, from + PIECE), rank));
    }
    return all;
  }

  barrier(): Promise<void> {
    return this.call(() => this.mpi.barrier());
  }

  interrupt(): void {
    this.interrupted = true;
    this.mpi.interrupt();
  }

  abort(code: number): void {
    this.mpi.abort(code);
    // It may come back before the launcher has ended this process.
    process.exit(code);
  }

  async close(): Promise<void> {
    if (!this.interrupted) await this.call(() => this.mpi.finalize());
  }

  private async call(body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      throw typed(error as Error & { code?: string });
    }
  }
}

function raw(array: Float64Array): Uint8Array {
  return new Uint8Array(array.buffer);
}

function checked<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw typed(error as Error & { code?: string });
  }
}

function typed(error: Error & { code?: string }): TrellisError {
  if (error.code === 'ERR_ABORTED') return new AbortedError();
  return new TrellisError('ERR_NATIVE', `MPI: ${error.message}`, {
    hint: 'The library must be that of the launcher (trellis doctor names it; TRELLIS_MPI_LIBRARY chooses)',
    cause: error,
  });
}
