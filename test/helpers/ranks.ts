import type { Communicator } from '../../src/cluster/communicator.js';

/** A collective call that some ranks have made. */
interface Call {
  readonly kind: string;
  readonly parts: Uint8Array[];
  readonly waiting: ((parts: Uint8Array[]) => void)[];
}

/** Several ranks in one process, for tests: messages are queues, collectives wait for all. */
export function ranks(size: number): Communicator[] {
  const calls = new Map<string, Call>();
  const messages = new Map<string, { sent: Uint8Array[]; waiting: ((bytes: Uint8Array) => void)[] }>();
  const queue = (from: number, to: number) => {
    const name = `${from}-${to}`;
    if (!messages.has(name)) messages.set(name, { sent: [], waiting: [] });
    return messages.get(name)!;
  };
  return Array.from({ length: size }, (_, rank) => {
    let number = 0;
    const collect = (kind: string, bytes: Uint8Array) =>
      new Promise<Uint8Array[]>((resolve) => {
        const name = `${number++}`;
        const call: Call = calls.get(name) ?? { kind, parts: [], waiting: [] };
        if (call.kind !== kind) throw new Error(`rank ${rank} makes another call: ${kind}`);
        calls.set(name, call);
        call.parts[rank] = bytes.slice();
        call.waiting.push(resolve);
        if (call.waiting.length < size) return;
        calls.delete(name);
        for (const tell of call.waiting) tell(call.parts.map((part) => part.slice()));
      });
    return {
      rank,
      size,
      allGather: (bytes) => collect('gather', bytes),
      broadcast: async (bytes, root = 0) => (await collect(`broadcast ${root}`, bytes))[root],
      async send(bytes, to) {
        const { sent, waiting } = queue(rank, to);
        const receiver = waiting.shift();
        if (receiver === undefined) sent.push(bytes.slice());
        else receiver(bytes.slice());
      },
      receive: (length, from) =>
        new Promise((resolve, reject) => {
          const { sent, waiting } = queue(from, rank);
          const take = (bytes: Uint8Array) =>
            bytes.length === length ? resolve(bytes) : reject(new Error(`${bytes.length} bytes, not ${length}`));
          const first = sent.shift();
          if (first === undefined) waiting.push(take);
          else take(first);
        }),
      barrier: async () => void (await collect('barrier', new Uint8Array(0))),
      interrupt() {},
      abort(code) {
        throw new Error(`abort(${code})`);
      },
      close: async () => {},
    };
  });
}

/** Runs `body` on every rank at once. @returns what each gave */
export function onRanks<T>(size: number, body: (communicator: Communicator) => Promise<T>): Promise<T[]> {
  return Promise.all(ranks(size).map(body));
}
