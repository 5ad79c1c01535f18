import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelText } from '../envs/mujoco/model-text.js';
import { registerPaper } from '../paper/index.js';
import { type VineTrpoOptions, vineTrpoSchema } from '../src/algorithms/vine.js';
import { Purpose, streamKeys } from '../src/base/random.js';
import { getEnv } from '../src/env/registry.js';
import { makeActions } from '../src/env/spaces.js';
import type { EnvFactory, VectorEnv } from '../src/env/types.js';
import { discountedQ } from '../src/estimate/discounted-q.js';
import { packageRoot } from '../src/native/addon.js';
import { MujocoModel } from '../src/native/mujoco-model.js';
import { authors } from '../src/network/initialise.js';
import { Policy } from '../src/policy/policy.js';
import { initialPolicyParameters } from '../src/policy/policy-layout.js';
import { policySpecFor } from '../src/policy/settings.js';
import { readPolicy } from '../src/policy/storage.js';
import { VineSampler } from '../src/rollout/vine.js';
import { resolveConfig } from '../src/train/config.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { comparePairs, type Row } from './harness.js';
import { buildStepLoop } from './native/build.js';

registerPaper();

export const name = 'vine: sampling against its branches stepped from C; restoring against stepping';

const SLOTS = 64;
const SECONDS = 1;
/** Until the compiler of the JavaScript engine has done its work. */
const WARM_UP_SECONDS = 3;
const REPETITIONS = 9;
const BRANCHES = 10_000;
const RESTORES = 31;

interface Task {
  readonly id: string;
  readonly xml: string;
  readonly robot: boolean;
  readonly atLeast: number;
  readonly reachFor: number;
}

const tasks: readonly Task[] = [
  { id: 'swimmer', xml: modelText('swimmer'), robot: false, atLeast: 0.85, reachFor: 0.95 },
  { id: 'hopper', xml: modelText('hopper'), robot: true, atLeast: 0.65, reachFor: 0.85 },
];

/** What the branches of one batch did: start states (qpos, qvel) and controls of every step, zero after the end. */
interface Recording {
  readonly branches: number;
  readonly length: number;
  readonly starts: Float64Array;
  readonly controls: Float64Array;
}

/** The vine preset of a task with the first iteration's policy, or with the one that a published run ended with. */
class Vine {
  private constructor(
    private readonly task: Task,
    private readonly factory: EnvFactory,
    private readonly options: VineTrpoOptions,
    private readonly engines: ReadonlyMap<number, Policy>,
  ) {}

  static async make(task: Task, learned: string | null, threads: readonly number[]): Promise<Vine> {
    const config = resolveConfig(experimentConfig(getExperiment(task.id), { method: 'vine' }));
    const factory = getEnv(task.id);
    const stored = learned === null ? null : await readPolicy(learned);
    const spec = stored?.spec ?? policySpecFor(factory.spec, config.policy);
    const { initialStd, outputNorm } = config.policy;
    const initial = { output: authors(outputNorm), standardDeviation: initialStd };
    const theta = stored?.theta ?? initialPolicyParameters(spec, 1, initial);
    const engines = new Map<number, Policy>();
    for (const count of threads) {
      engines.set(count, await Policy.create({ spec, theta }, 'native', { threads: count }));
    }
    return new Vine(task, factory, vineTrpoSchema.parse(config.options), engines);
  }

  /** Simulator steps a second of whole batches, by processor time where one thread works. */
  sampling(threads: number): (seconds: number) => Promise<number> {
    const sampler = this.sampler(this.factory, threads);
    return async (seconds) => {
      const start = now(threads);
      let steps = 0;
      let elapsed = 0;
      while (elapsed < seconds) {
        steps += (await sampler.sample({ seed: 1, iteration: 0 })).simulatorSteps;
        elapsed = now(threads) - start;
      }
      return steps / elapsed;
    };
  }

  /** The branches of the batch that `sampling` makes. */
  async record(): Promise<Recording> {
    const { actionsPerState, rolloutStates, rolloutLength: length } = this.options.sampling;
    const branches = rolloutStates * actionsPerState;
    const range = MujocoModel.fromXml(this.task.xml).field('actuator_ctrlrange') as Float64Array;
    const nu = range.length / 2;
    const controls = new Float64Array(branches * length * nu);
    const starts: number[] = [];
    let time = 0;
    const recorder = (env: VectorEnv): VectorEnv =>
      Object.assign(Object.create(env) as VectorEnv, {
        restore(...restored: Parameters<VectorEnv['restore']>) {
          env.restore(...restored);
          for (let slot = 0; slot < branches; slot++) starts.push(...env.readState!(slot));
        },
        step(actions: Float32Array) {
          for (let i = 0; i < branches * nu; i++) {
            const [low, high] = [range[2 * (i % nu)], range[2 * (i % nu) + 1]];
            const at = (Math.floor(i / nu) * length + time) * nu + (i % nu);
            controls[at] = (low + high) / 2 + ((high - low) / 2) * actions[i];
          }
          time++;
          env.step(actions);
        },
        close: () => env.close(),
      });
    const { spec } = this.factory;
    const make: EnvFactory['make'] = (slots, options) => {
      const env = this.factory.make(slots, options);
      return slots === branches ? recorder(env) : env;
    };
    const sampler = this.sampler({ spec, make }, 1);
    await sampler.sample({ seed: 1, iteration: 0 });
    sampler.close();
    return { branches, length, starts: Float64Array.from(starts), controls };
  }

  private sampler(factory: EnvFactory, threads: number): VineSampler {
    return new VineSampler(factory, this.engines.get(threads)!, this.options.sampling, discountedQ(0.99), threads);
  }
}

/** Seconds: of the processor for one thread, of the clock for more. */
function now(threads: number): number {
  if (threads > 1) return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The recorded branches from C, 64 at a time, in an order that mixes early and late ones. */
function replay(task: Task, recorded: Recording, program: string, folder: string): (threads: number) => number {
  const { branches, length, starts, controls } = recorded;
  const table = new Float64Array(starts.length + controls.length);
  const [row, own] = [starts.length / branches, controls.length / branches];
  for (let i = 0; i < branches; i++) {
    const from = (i * 7919) % branches;
    table.set(starts.subarray(from * row, (from + 1) * row), i * row);
    table.set(controls.subarray(from * own, (from + 1) * own), starts.length + i * own);
  }
  const [xml, bin] = [join(folder, `${task.id}.xml`), join(folder, `${task.id}.bin`)];
  writeFileSync(xml, task.xml);
  writeFileSync(bin, new Uint8Array(table.buffer));
  return (threads) => {
    const [mode, cpuTime] = threads > 1 ? [threads, 0] : [0, 1];
    const numbers = [SLOTS, length, branches, SECONDS, mode, cpuTime, task.robot ? 1 : 0, 1].map(String);
    return Number(execFileSync(program, [xml, bin, ...numbers], { encoding: 'utf8' }));
  };
}

async function samplingRows(task: Task, learned: string | null, program: string, folder: string): Promise<Row[]> {
  const threads = [...new Set([1, availableParallelism()])];
  const vine = await Vine.make(task, learned, threads);
  const loop = replay(task, await vine.record(), program, folder);
  const sides = threads.map((count) => ({ count, ours: [] as number[], theirs: [] as number[] }));
  const samplers = sides.map(({ count }) => vine.sampling(count));
  for (const sample of samplers) await sample(WARM_UP_SECONDS);
  for (let i = 0; i < REPETITIONS; i++) {
    for (const [at, { count, ours, theirs }] of sides.entries()) {
      ours.push(await samplers[at](SECONDS));
      theirs.push(loop(count));
    }
  }
  const policy = learned === null ? 'first iteration' : 'learned policy';
  return sides.map(({ count, ours, theirs }) => {
    const { atLeast, reachFor } = task;
    const row = {
      name: `${task.id}, ${policy}, ${count} thread${count > 1 ? 's' : ''}`,
      unit: 'steps/s',
      atLeast,
      reachFor,
    };
    return comparePairs(row, ours, { name: count > 1 ? 'mjBatch' : 'C loop', values: theirs });
  });
}

/** 10,000 branches of states some way into their episodes: restored and stepped once, over stepped once more. */
function restoringRow(task: Task, threads: number): Row {
  const states = BRANCHES / 4;
  const factory = getEnv(task.id);
  const trunks = factory.make(states, { threads: 1 });
  trunks.reset(undefined, streamKeys(1, Purpose.reset, 0, 0, states));
  const actions = makeActions(factory.spec.actionSpace, BRANCHES);
  for (let i = 0; i < 5; i++) trunks.step(actions.subarray(0, actions.length / 4));
  const snapshot = trunks.snapshot();
  const env = factory.make(BRANCHES, { threads });
  const slots = Int32Array.from({ length: BRANCHES }, (_, i) => i);
  const rows = Int32Array.from(slots, (slot) => slot >> 2);
  const keys = streamKeys(1, Purpose.branchEnvironment, 0, 0, BRANCHES);
  const both: number[] = [];
  const alone: number[] = [];
  for (let i = 0; i < RESTORES; i++) {
    const start = performance.now();
    env.restore(snapshot, slots, { rows, keys });
    env.step(actions);
    const middle = performance.now();
    env.step(actions);
    both.push(middle - start);
    alone.push(performance.now() - middle);
  }
  trunks.close();
  env.close();
  const row = {
    name: `${task.id}: restore ${BRANCHES} branches and step once, ${threads} thread${threads > 1 ? 's' : ''}`,
    unit: 'ms',
    atMost: 1.1,
    reachFor: 1.02,
  };
  return comparePairs(row, both, { name: 'step once', values: alone });
}

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  const rows: Row[] = [];
  try {
    const program = await buildStepLoop(folder);
    for (const task of tasks) {
      const published = join(packageRoot(), 'results', 'fig4', `${task.id}-vine-seed1`);
      for (const learned of existsSync(join(published, 'policy.json')) ? [null, published] : [null]) {
        rows.push(...(await samplingRows(task, learned, program, folder)));
      }
      for (const threads of new Set([1, availableParallelism()])) rows.push(restoringRow(task, threads));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
