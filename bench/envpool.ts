/**
 * Gymnasium's robots beside EnvPool (TRELLIS_ENVPOOL_PYTHON names a Python that has it): N = 64 slots on two threads,
 * uniform actions, finished episodes begun again. A ratio of wall clocks and one of processor times, which hold while
 * others use the machine, too.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { registerEnvs } from '../envs/index.js';
import { uniform } from '../src/base/random.js';
import { getEnv } from '../src/env/registry.js';
import { comparePairs, type Row } from './harness.js';

registerEnvs();

export const name = 'environments of Gymnasium beside EnvPool, N = 64, two threads';

const TASKS = ['Hopper-v5', 'Walker2d-v5', 'HalfCheetah-v5', 'Ant-v5', 'Humanoid-v5'];
const SLOTS = 64;
const THREADS = 2;
/** Calls of step a repetition: episodes of random actions end after some tens. */
const CALLS = 200;
const REPETITIONS = 7;
/** Sets of actions, used in turn. */
const SETS = 64;

/** Seconds of CALLS steps of all slots. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

export async function run(): Promise<Row[]> {
  const python = process.env['TRELLIS_ENVPOOL_PYTHON'];
  if (python === undefined) {
    console.log('  without EnvPool: TRELLIS_ENVPOOL_PYTHON names no Python that has it');
    return [];
  }
  const rows: Row[] = [];
  for (const task of TASKS) rows.push(...(await compareTask(task, python)));
  return rows;
}

async function compareTask(task: string, python: string): Promise<Row[]> {
  const peer = new EnvPool(python, task);
  const own = ownSteps(task);
  const pairs: { own: Seconds; peer: Seconds }[] = [];
  try {
    for (let i = 0; i <= REPETITIONS; i++) {
      const pair = { own: own.measure(), peer: await peer.measure() };
      // The first warms up.
      if (i > 0) pairs.push(pair);
    }
  } finally {
    own.close();
    peer.close();
  }
  const rates = (side: 'own' | 'peer', clock: keyof Seconds) =>
    pairs.map((pair) => (SLOTS * CALLS) / pair[side][clock]);
  return (['wall', 'cpu'] as const).map((clock) =>
    comparePairs(
      {
        name: `${task}, ${clock === 'wall' ? 'wall clock' : 'processor time'}`,
        unit: clock === 'wall' ? 'steps/s' : 'steps/s of one core',
        ...(clock === 'wall' ? { atLeast: 1.3, reachFor: 1.6 } : {}),
      },
      rates('own', clock),
      { name: 'EnvPool', values: rates('peer', clock) },
    ),
  );
}

function ownSteps(task: string) {
  const env = getEnv(task).make(SLOTS, { threads: THREADS });
  const { shape } = env.spec.actionSpace as { shape: readonly number[] };
  const sets = Array.from({ length: SETS }, (_, set) =>
    Float32Array.from({ length: SLOTS * shape[0] }, (_value, i) => 2 * uniform(1, 2, set, i) - 1),
  );
  const { terminated, truncated } = env;
  env.reset();
  return {
    measure(): Seconds {
      const [wall, cpu] = [performance.now(), process.cpuUsage()];
      for (let call = 0; call < CALLS; call++) {
        env.step(sets[call % SETS]);
        const finished: number[] = [];
        for (let slot = 0; slot < SLOTS; slot++) if (terminated[slot] | truncated[slot]) finished.push(slot);
        if (finished.length > 0) env.reset(finished);
      }
      const used = process.cpuUsage(cpu);
      return { wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 };
    },
    close: () => env.close(),
  };
}

class EnvPool {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;

  constructor(python: string, task: string) {
    const script = fileURLToPath(new URL('python/envpool_steps.py', import.meta.url));
    this.child = spawn(python, [script, task, String(THREADS), String(SLOTS)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.child.stdout);
  }

  async measure(): Promise<Seconds> {
    this.child.stdin.write(`${CALLS}\n`);
    const [line] = (await once(this.lines, 'line')) as [string];
    const [wall, cpu] = line.split(' ').map(Number);
    return { wall, cpu };
  }

  close(): void {
    this.child.stdin.end();
  }
}
