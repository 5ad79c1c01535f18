/**
 * Whole training by the zoo's recipes beside Stable-Baselines3 and sb3-contrib with the same numbers (zoo/peers/sb3.py;
 * TRELLIS_SB3_PYTHON names a Python that has them), one thread each: some ten thousand steps and the hundred episodes after
 * them. Processor time, since it does not depend on what else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluateRun } from '../src/train/evaluate.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { registerZoo } from '../zoo/index.js';
import { compare, type Row } from './harness.js';

registerZoo();

export const name = 'whole training by the zoo’s recipes beside Stable-Baselines3, one thread, processor time';

const STEPS = Number(process.env['TRELLIS_BENCH_STEPS'] ?? 50_000);
/** Steps of a whole run: how the two parts are weighed. */
const WHOLE = 1_000_000;
const TASK = 'hopper-v5';
const METHODS = { ppo: 'ppo', 'trpo-gae': 'trpo' } as const;

/** Seconds of the processor's for a step of training, and for a step of the episodes after it. */
interface Cost {
  readonly training: number;
  readonly evaluation: number;
}

export async function run(): Promise<Row[]> {
  const python = process.env['TRELLIS_SB3_PYTHON'];
  if (python === undefined) {
    console.log('  without Stable-Baselines3: TRELLIS_SB3_PYTHON names no Python that has it');
    return [];
  }
  const rows: Row[] = [];
  for (const [method, peerMethod] of Object.entries(METHODS)) {
    const own = await ownCost(method);
    const peer = peerCost(python, peerMethod);
    const value = (cost: number) => 1 / cost;
    rows.push(
      compare({ name: `${TASK}, ${method}, training`, unit: 'steps/s' }, value(own.training), {
        name: peerMethod,
        value: value(peer.training),
      }),
      compare({ name: `${TASK}, ${method}, evaluation`, unit: 'steps/s' }, value(own.evaluation), {
        name: peerMethod,
        value: value(peer.evaluation),
      }),
      // A hundred episodes of a thousand steps, as of a hopper that learnt to hop.
      compare(
        { name: `${TASK}, ${method}, a million steps with evaluation`, unit: 'runs/h', atLeast: 6, reachFor: 12 },
        3600 / whole(own),
        { name: peerMethod, value: 3600 / whole(peer) },
      ),
    );
  }
  return rows;
}

function whole({ training, evaluation }: Cost): number {
  return WHOLE * training + 100_000 * evaluation;
}

async function ownCost(method: string): Promise<Cost> {
  const directory = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  try {
    const run = join(directory, 'run');
    const config = experimentConfig(getExperiment(TASK), { method, seed: 1, simulatorSteps: STEPS });
    let start = process.cpuUsage();
    const { final } = await train(config, { directory: run, threads: 1, policyInterval: 15 });
    const training = seconds(start) / (final['simulator_steps'] as number);
    start = process.cpuUsage();
    const { mean_length, returns } = await evaluateRun(run, { episodes: 100, deterministic: true, threads: 1 });
    return { training, evaluation: seconds(start) / (mean_length * returns.length) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function seconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function peerCost(python: string, method: string): Cost {
  const directory = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  try {
    const script = fileURLToPath(new URL('../zoo/peers/sb3.py', import.meta.url));
    const cell = `${TASK}-${method}-seed1`;
    const words = [script, '--out', directory, '--seeds', '1', '--only', cell, '--steps', String(STEPS)];
    const { status, stderr } = spawnSync(python, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`zoo/peers/sb3.py failed: ${stderr}`);
    const [header, values] = readFileSync(join(directory, cell, 'summary.csv'), 'utf8')
      .trim()
      .split(/\r?\n/);
    const figure = (column: string) => Number(values.split(',')[header.split(',').indexOf(column)]);
    const evaluated = readFileSync(join(directory, cell, 'evaluation.csv'), 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1);
    const length = evaluated.reduce((sum, line) => sum + Number(line.split(',')[2]), 0);
    return {
      training: figure('train_cpu_seconds') / figure('steps'),
      evaluation: figure('evaluation_cpu_seconds') / length,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
