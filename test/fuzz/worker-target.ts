import { Worker } from 'node:worker_threads';
import { call, type MakeTarget } from './target.js';

/** Worker threads that compute with everything, ended in the middle of it. */
export const workerTarget: MakeTarget = async (_values, random) => {
  const calls = [
    call(
      'a worker ended at work',
      () => [random.integer(300)],
      async (milliseconds: number) => {
        // Starting one costs as much as thousands of other calls.
        if (!random.oneIn(400)) return;
        const file = new URL('worker.ts', import.meta.url).href;
        const start = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(file)})))`;
        const worker = new Worker(start, { eval: true });
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        await worker.terminate();
      },
    ),
  ];
  return {
    name: 'workers',
    calls,
    remake: () => undefined,
    verify: () => null,
    provoke: () => undefined,
    close: () => undefined,
  };
};
