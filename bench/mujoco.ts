import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Purpose, streamKey, uniform } from '../src/base/random.js';
import { packageRoot } from '../src/native/addon.js';
import { MujocoBatch } from '../src/native/mujoco-batch.js';
import { MujocoModel } from '../src/native/mujoco-model.js';
import { compare, median, type Row } from './harness.js';
import { buildStepLoop } from './native/build.js';

export const name = 'MujocoBatch.step from TypeScript against MuJoCo stepped from C';

const WINDOW = 50;
const CONTROL_ROWS = 64;
const STARTS = 256;
const SECONDS = 0.3;
const REPETITIONS = 9;
const models = ['swimmer', 'hopper', 'walker'];

interface Task {
  readonly xml: string;
  readonly model: MujocoModel;
  readonly slots: number;
  /** [STARTS × (nq + nv)]: near the default state. */
  readonly starts: Float64Array;
  /** [CONTROL_ROWS × slots × nu]: uniform within the actuators' ranges. */
  readonly controls: Float64Array;
}

function makeTask(id: string, slots: number): Task {
  const xml = readFileSync(join(packageRoot(), 'envs', 'mujoco', 'models', `${id}.xml`), 'utf8');
  const model = MujocoModel.fromXml(xml);
  const [k0, k1] = streamKey(0, Purpose.scratch);
  const nq = model.sizes['nq'];
  const row = nq + model.sizes['nv'];
  const qpos0 = model.field('qpos0');
  const starts = Float64Array.from({ length: STARTS * row }, (_, i) => {
    const noise = 0.1 * (2 * uniform(k0, k1, i, 0) - 1);
    return i % row < nq ? qpos0[i % row] + noise : noise;
  });
  const range = model.field('actuator_ctrlrange');
  const nu = model.sizes['nu'];
  const controls = Float64Array.from({ length: CONTROL_ROWS * slots * nu }, (_, i) => {
    const low = range[2 * (i % nu)];
    return low + (range[2 * (i % nu) + 1] - low) * uniform(k0, k1, i, 1);
  });
  return { xml, model, slots, starts, controls };
}

/** Slot steps a second: controls written, one step, the derived field put out. */
function ourRate({ model, slots, starts, controls }: Task, threads: number, cpuTime = false): () => number {
  const batch = new MujocoBatch(model, { slots, threads });
  const forces = batch.output('qfrc_constraint');
  const { array, offset, stride, size: nu } = batch.state('ctrl');
  const [qpos, qvel] = [batch.state('qpos'), batch.state('qvel')];
  const now = cpuTime ? () => process.cpuUsage().user / 1e6 : () => performance.now() / 1000;
  let next = 0;
  let checksum = 0;
  const window = () => {
    batch.reset({ stage: 'none' });
    for (let slot = 0; slot < slots; slot++) {
      const from = (next++ % STARTS) * (qpos.size + qvel.size);
      array.set(starts.subarray(from, from + qpos.size), qpos.offset + slot * stride);
      array.set(starts.subarray(from + qpos.size, from + qpos.size + qvel.size), qvel.offset + slot * stride);
    }
    const start = now();
    for (let t = 0; t < WINDOW; t++) {
      let from = (t % CONTROL_ROWS) * slots * nu;
      for (let slot = 0; slot < slots; slot++) {
        const to = offset + slot * stride;
        for (let i = 0; i < nu; i++) array[to + i] = controls[from++];
      }
      batch.step(1);
      checksum += forces[0];
    }
    return now() - start;
  };
  for (let warm = 0; warm < 200; warm++) window();
  return () => {
    let seconds = 0;
    let steps = 0;
    while (seconds < SECONDS) {
      seconds += window();
      steps += WINDOW * slots;
    }
    if (Number.isNaN(checksum)) throw new Error('the simulation went astray');
    return steps / seconds;
  };
}

function nativeRate(
  task: Task,
  id: string,
  program: string,
  folder: string,
  threads: number,
  cpuTime = false,
): () => number {
  const xml = join(folder, `${id}.xml`);
  const table = join(folder, `${id}-${task.slots}.bin`);
  writeFileSync(xml, task.xml);
  writeFileSync(table, new Uint8Array(Float64Array.from([...task.starts, ...task.controls]).buffer));
  const numbers = [task.slots, WINDOW, STARTS, SECONDS, threads, cpuTime ? 1 : 0, 0, 0].map(String);
  return () => Number(execFileSync(program, [xml, table, ...numbers], { encoding: 'utf8' }));
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  const rows: Row[] = [];
  try {
    const program = await buildStepLoop(folder);
    for (const id of models) {
      for (const slots of [1, 64]) {
        const task = makeTask(id, slots);
        const sides: Record<string, () => number> = {
          // Processor time, which a busy machine disturbs less; the scaling below needs the clock.
          ours: ourRate(task, 1, true),
          loop: nativeRate(task, id, program, folder, 0, true),
        };
        if (slots > 1) {
          sides['ours1'] = ourRate(task, 1);
          sides['ours2'] = ourRate(task, 2);
          sides['batch'] = nativeRate(task, id, program, folder, 1);
          sides['batch2'] = nativeRate(task, id, program, folder, 2);
        }
        const seen = Object.fromEntries(Object.keys(sides).map((side) => [side, [] as number[]]));
        for (let i = 0; i < REPETITIONS; i++) {
          for (const [side, rate] of Object.entries(sides)) seen[side].push(rate());
        }
        const rate = (side: string) => median(seen[side]);
        const goals = slots > 1 ? { atLeast: 0.9, reachFor: 0.97 } : {};
        const row = { name: `${id}, N = ${slots}, 1 thread`, unit: 'steps/s', ...goals };
        rows.push(compare(row, rate('ours'), { name: 'C loop', value: rate('loop') }));
        if (slots > 1) {
          const scaling = { name: `${id}, N = ${slots}: 2 threads over 1`, unit: 'x', atLeast: 0.95, reachFor: 1 };
          const theirs = { name: 'mjBatch', value: rate('batch2') / rate('batch') };
          rows.push(compare(scaling, rate('ours2') / rate('ours1'), theirs));
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
