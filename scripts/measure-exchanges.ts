// What share of training several processes spend in exchanges, and their speed:
//   mpirun -n 2 npx tsx scripts/measure-exchanges.ts [experiment] [iterations] [steps] [slots] [groups] [threads]
// Run in one process it gives the speed to compare with. "waiting" is until the last rank came, "exchanging" the rest:
// a barrier before every call tells them apart, so the whole is a little more than without it.
import { registerPaper } from '../paper/index.js';
import type { Communicator } from '../src/cluster/communicator.js';
import { openCommunicator } from '../src/cluster/mpi.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';

const [experiment = 'hopper', iterations = '5', steps = '100000', slots = '64', groups = '2', threads = '1'] =
  process.argv.slice(2);
registerPaper();
const inner = await openCommunicator();
let [waiting, exchanging, calls] = [0, 0, 0];

async function timed<T>(body: () => Promise<T>): Promise<T> {
  const start = performance.now();
  if (inner.size > 1) await inner.barrier();
  const ready = performance.now();
  const result = await body();
  waiting += ready - start;
  exchanging += performance.now() - ready;
  calls++;
  return result;
}

const communicator: Communicator = {
  rank: inner.rank,
  size: inner.size,
  allGather: (bytes) => timed(() => inner.allGather(bytes)),
  broadcast: (bytes, root) => timed(() => inner.broadcast(bytes, root)),
  // Messages go between two ranks only: no barrier.
  async send(bytes, rank) {
    const start = performance.now();
    await inner.send(bytes, rank);
    exchanging += performance.now() - start;
  },
  async receive(length, rank) {
    const start = performance.now();
    const bytes = await inner.receive(length, rank);
    waiting += performance.now() - start;
    calls++;
    return bytes;
  },
  barrier: () => inner.barrier(),
  interrupt: () => inner.interrupt(),
  abort: (code) => inner.abort(code),
  close: () => inner.close(),
};

const sampling = { steps: Number(steps), slots: Number(slots), groups: Number(groups) };
const settings = { sampling };
const config = experimentConfig(getExperiment(experiment), { iterations: Number(iterations), settings });
const begun = performance.now();
const cpu = process.cpuUsage();
const { rows } = await train(config, { communicator, threads: Number(threads) });
const seconds = (performance.now() - begun) / 1000;
const used = process.cpuUsage(cpu);
const share = (ms: number) => `${((0.1 * ms) / seconds).toFixed(2)} %`;
if (inner.rank === 0) {
  console.log(
    `${inner.size} processes of ${threads} threads, ${groups} groups: ${Math.round(rows.at(-1)!.simulator_steps / seconds)} ` +
      `steps/s, ${calls} calls, waiting ${share(waiting)}, exchanging ${share(exchanging)}, ` +
      `${((used.user + used.system) / 1e6).toFixed(2)} s of processor time in ${seconds.toFixed(2)} s`,
  );
}
await inner.close();
