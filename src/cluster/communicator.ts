import { ArgumentError } from '../base/errors.js';

/**
 * The processes of one run, numbered 0 … size - 1. Every rank makes the same calls in the same order; each waits for those
 * it needs. Arrays are copied when a call is made.
 */
export interface Communicator {
  readonly rank: number;
  readonly size: number;
  /** Everybody's bytes, of any length, by rank. */
  allGather(bytes: Uint8Array): Promise<Uint8Array[]>;
  /** The root's bytes, of any length; what others give is ignored. */
  broadcast(bytes: Uint8Array, root?: number): Promise<Uint8Array>;
  send(bytes: Uint8Array, rank: number): Promise<void>;
  /** @param length of what the other rank sends, in bytes */
  receive(length: number, rank: number): Promise<Uint8Array>;
  /** Waits for all. */
  barrier(): Promise<void>;
  /** Calls in flight, and all after them, reject with AbortedError: what this process has to say before it ends is local. */
  interrupt(): void;
  /** Ends every process of the run, this one too. @param code exit code */
  abort(code: number): void;
  /** Leaves in good order, when all do. */
  close(): Promise<void>;
}

/** A run of one process. */
export const alone: Communicator = {
  rank: 0,
  size: 1,
  allGather: async (bytes) => [bytes.slice()],
  broadcast: async (bytes) => bytes.slice(),
  send: () => Promise.reject(noSuchRank()),
  receive: () => Promise.reject(noSuchRank()),
  barrier: async () => {},
  interrupt() {},
  abort(code) {
    process.exit(code);
  },
  close: async () => {},
};

function noSuchRank(): ArgumentError {
  return new ArgumentError('a message to another rank', { expected: 'a run of several processes' });
}

/** Any typed array as its bytes, not copied. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Objects of plain data, by rank. */
export async function allGatherJson<T>(communicator: Communicator, value: T): Promise<T[]> {
  const texts = await communicator.allGather(new TextEncoder().encode(JSON.stringify(value)));
  return texts.map((text) => JSON.parse(new TextDecoder().decode(text)) as T);
}
