import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelText } from '../envs/mujoco/model-text.js';
import { registerPaper } from '../paper/index.js';
import { Purpose, streamKeys, uniform } from '../src/base/random.js';
import { getEnv } from '../src/env/registry.js';
import { makeActions } from '../src/env/spaces.js';
import { MujocoModel } from '../src/native/mujoco-model.js';
import { compare, median, type Row } from './harness.js';
import { buildStepLoop } from './native/build.js';

registerPaper();

export const name = 'environments: step with rewards and observations against MuJoCo stepped from C';

const SLOTS = 64;
const STARTS = 1024;
const CONTROL_ROWS = 64;
const SECONDS = 0.25;
const REPETITIONS = 7;

interface Task {
  readonly id: string;
  readonly xml: string;
  /** Steps from a reset; windows end before most robots have fallen. */
  readonly window: number;
  readonly robot: boolean;
}

const tasks = (): Task[] => [
  { id: 'swimmer', xml: modelText('swimmer'), window: 200, robot: false },
  { id: 'hopper', xml: modelText('hopper'), window: 10, robot: true },
  { id: 'walker', xml: modelText('walker'), window: 20, robot: true },
];

/** Steps a second of env.step, timed without the resets between windows. */
function environmentRate(task: Task, threads: number, cpuTime = false): () => number {
  const env = getEnv(task.id).make(SLOTS, { threads });
  const sets = Array.from({ length: CONTROL_ROWS }, (_, row) => {
    const actions = makeActions(env.spec.actionSpace, SLOTS) as Float32Array;
    return actions.map((_value, i) => 2 * uniform(1, 2, row, i) - 1);
  });
  const now = cpuTime ? () => process.cpuUsage().user / 1e6 : () => performance.now() / 1000;
  let path = 0;
  const window = () => {
    env.reset(undefined, streamKeys(0, Purpose.scratch, 0, path, SLOTS));
    path = (path + SLOTS) % STARTS;
    const before = env.simulatorSteps;
    const start = now();
    for (let t = 0; t < task.window; t++) env.step(sets[t % CONTROL_ROWS]);
    return [now() - start, env.simulatorSteps - before] as const;
  };
  for (let warm = 0; warm < 40; warm++) window();
  return () => {
    let seconds = 0;
    let steps = 0;
    while (seconds < SECONDS) {
      const [took, made] = window();
      seconds += took;
      steps += made;
    }
    return steps / seconds;
  };
}

/** The same windows from C: start states and controls are handed over in a file. */
function nativeRate(task: Task, program: string, folder: string, threads: number, cpuTime = false): () => number {
  const model = MujocoModel.fromXml(task.xml);
  const env = getEnv(task.id).make(STARTS, { threads: 1 });
  env.reset(undefined, streamKeys(0, Purpose.scratch, 0, 0, STARTS));
  const starts = Array.from({ length: STARTS }, (_, slot) => [...env.readState!(slot)]).flat();
  env.close();
  const range = model.field('actuator_ctrlrange') as Float64Array;
  const controls = Array.from({ length: CONTROL_ROWS * SLOTS * (range.length / 2) }, (_, i) => {
    const rowLength = SLOTS * (range.length / 2);
    const [low, high] = [range[2 * (i % (range.length / 2))], range[2 * (i % (range.length / 2)) + 1]];
    return low + (high - low) * uniform(1, 2, Math.floor(i / rowLength), i % rowLength);
  });
  const xml = join(folder, `${task.id}.xml`);
  const table = join(folder, `${task.id}.bin`);
  writeFileSync(xml, task.xml);
  writeFileSync(table, new Uint8Array(Float64Array.from([...starts, ...controls]).buffer));
  const numbers = [SLOTS, task.window, STARTS, SECONDS, threads, cpuTime ? 1 : 0, task.robot ? 1 : 0, 0].map(String);
  return () => Number(execFileSync(program, [xml, table, ...numbers], { encoding: 'utf8' }));
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  const rows: Row[] = [];
  try {
    const program = await buildStepLoop(folder);
    for (const task of tasks()) {
      const sides = {
        // Processor time, which a busy machine disturbs less; the scaling below needs the clock.
        ours: environmentRate(task, 1, true),
        loop: nativeRate(task, program, folder, 0, true),
        ours1: environmentRate(task, 1),
        ours2: environmentRate(task, 2),
        batch: nativeRate(task, program, folder, 1),
        batch2: nativeRate(task, program, folder, 2),
      };
      const seen = Object.fromEntries(Object.keys(sides).map((side) => [side, [] as number[]]));
      for (let i = 0; i < REPETITIONS; i++) {
        for (const [side, rate] of Object.entries(sides)) seen[side].push(rate());
      }
      const rates = Object.fromEntries(Object.entries(seen).map(([side, values]) => [side, median(values)]));
      const { ours, loop, ours1, ours2, batch, batch2 } = rates as Record<keyof typeof sides, number>;
      const unit = 'steps/s';
      rows.push(
        compare({ name: `${task.id}, N = ${SLOTS}, 1 thread`, unit, atLeast: 0.9, reachFor: 0.97 }, ours, {
          name: 'C loop',
          value: loop,
        }),
        compare({ name: `${task.id}: 2 threads over 1`, unit: 'x', atLeast: 0.95, reachFor: 1 }, ours2 / ours1, {
          name: 'mjBatch',
          value: batch2 / batch,
        }),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
