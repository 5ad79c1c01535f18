import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { normal } from '../src/base/normal.js';
import { Purpose, streamKey } from '../src/base/random.js';
import { createEngine } from '../src/network/engines/index.js';
import { authors, initialTheta } from '../src/network/initialise.js';
import type { Metric, NetworkEngine, NetworkSpec } from '../src/network/types.js';
import { atari, atariSizes, gaussianNetwork } from '../test/network/specs.js';
import { compare, measure, type Row, type Work } from './harness.js';

export const name = 'policy networks against PyTorch (TRELLIS_ORACLE_PYTHON) and tfjs-node, same cores';

const TFJS = 'tfjs:tfjs-node';

type Kind = 'forward' | 'gradient' | 'fvp';
interface Task {
  readonly net: 'hopper' | 'atari';
  readonly kind: Kind;
  readonly count: number;
  /** Times the work is done per request, so that talking to the peer costs nothing. */
  readonly repetitions: number;
  /** Ratios asked for and reached for, over PyTorch and over tfjs-node. */
  readonly torch?: readonly [number, number];
  readonly tfjs?: readonly [number, number];
}

const specs: Readonly<Record<Task['net'], NetworkSpec>> = { hopper: gaussianNetwork(41, [50, 50], 3), atari };
const metrics: Readonly<Record<Task['net'], Metric>> = {
  hopper: { kind: 'gaussian' },
  atari: { kind: 'categorical', sizes: atariSizes },
};
const tasks: readonly Task[] = [
  { net: 'hopper', kind: 'forward', count: 50_000, repetitions: 1 },
  { net: 'hopper', kind: 'gradient', count: 50_000, repetitions: 1, torch: [1.5, 4] },
  { net: 'hopper', kind: 'fvp', count: 50_000, repetitions: 1, torch: [1.5, 4] },
  { net: 'atari', kind: 'forward', count: 2000, repetitions: 1 },
  { net: 'atari', kind: 'gradient', count: 2000, repetitions: 1, tfjs: [1, 2] },
  { net: 'atari', kind: 'fvp', count: 500, repetitions: 1, torch: [10, 20] },
  { net: 'atari', kind: 'forward', count: 32, repetitions: 50, torch: [1, 2], tfjs: [1, 2] },
];

/** The same networks in PyTorch, in a process that does what it is told line by line. */
class TorchPeer {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;

  constructor(python: string, threads: number) {
    const script = fileURLToPath(new URL('python/network_torch.py', import.meta.url));
    this.child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.child.stdout);
  }

  work({ net, kind, count, repetitions }: Task): Work {
    return async () => {
      this.child.stdin.write(`${net} ${kind} ${count} ${repetitions}\n`);
      await once(this.lines, 'line');
      return count * repetitions;
    };
  }

  close(): void {
    this.child.stdin.end();
  }
}

async function engineWork(engine: NetworkEngine, { net, kind, count, repetitions }: Task): Promise<Work> {
  const spec = specs[net];
  const size = spec.inputShape.reduce((a, b) => a * b, 1);
  const [k0, k1] = streamKey(0, Purpose.scratch);
  const bytes = spec.inputType === 'uint8';
  const observations = bytes
    ? Uint8Array.from({ length: count * size }, (_, i) => (i * 2654435761) >>> 24)
    : Float32Array.from({ length: count * size }, (_, i) => normal(k0, k1, i, 0));
  await engine.setTheta(initialTheta(spec, 1, { output: authors(1), stateIndependent: Math.log(0.5) }));
  const v = Float32Array.from({ length: engine.parameterCount }, (_, i) => normal(k0, k1, i, 1));
  const cotangents = new Float32Array(count * engine.outputSize).fill(0.1);
  const outputs = new Float32Array(count * engine.outputSize);
  const data = await engine.load(observations, count);
  const once: Record<Kind, () => Promise<unknown>> = {
    forward: () => (count > 1000 ? engine.evaluate(data, outputs) : engine.forward(observations, count, outputs)),
    gradient: () => engine.vjp(data, cotangents),
    fvp: () => engine.fisherVectorProduct(data, v, metrics[net]),
  };
  return async () => {
    for (let i = 0; i < repetitions; i++) await once[kind]();
    return count * repetitions;
  };
}

/** Whether tfjs-node is there; says so if not. */
async function hasTfjs(): Promise<boolean> {
  try {
    (await createEngine(specs.hopper, TFJS)).close();
    return true;
  } catch (error) {
    console.log(`  without tfjs-node: ${(error as Error).message.split('. ')[0]}`);
    return false;
  }
}

export async function run(): Promise<Row[]> {
  const threads = availableParallelism();
  const python = process.env['TRELLIS_ORACLE_PYTHON'];
  const torch = python === undefined ? null : new TorchPeer(python, threads);
  if (torch === null) console.log('  without PyTorch: TRELLIS_ORACLE_PYTHON names no Python that has it');
  const withTfjs = await hasTfjs();
  const rows: Row[] = [];
  for (const task of tasks) {
    const ours = await createEngine(specs[task.net], 'native', { threads });
    const tfjs = withTfjs ? await createEngine(specs[task.net], TFJS) : null;
    const sides: Record<string, Work> = { ours: await engineWork(ours, task) };
    if (torch !== null) sides['torch'] = torch.work(task);
    if (tfjs !== null) sides['tfjs'] = await engineWork(tfjs, task);
    const rates = await measure(sides, { seconds: 0.3, repetitions: 5 });
    for (const [peer, label] of [
      ['torch', 'PyTorch'],
      ['tfjs', 'tfjs-node'],
    ] as const) {
      if (!(peer in rates)) continue;
      const [atLeast, reachFor] = task[peer] ?? [];
      const row = {
        name: `${task.net} ${task.kind}, ${task.count} observations`,
        unit: 'samples/s',
        ...(atLeast === undefined ? {} : { atLeast }),
        ...(reachFor === undefined ? {} : { reachFor }),
      };
      rows.push(compare(row, rates['ours'], { name: label, value: rates[peer] }));
    }
    ours.close();
    tfjs?.close();
  }
  torch?.close();
  return rows;
}
