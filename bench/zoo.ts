/**
 * Whole training by the zoo’s recipes beside Stable-Baselines3 and sb3-contrib with the same numbers (zoo/peers/sb3.py;
 * TRELLIS_SB3_PYTHON names a Python that has them): some ten thousand steps and the hundred episodes after them. Wall clock
 * with all cores (theirs with one thread of PyTorch’s or all, whichever is faster) on a quiet machine; and processor time of
 * one thread each, which depends less on what else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluateRun } from '../src/train/evaluate.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { registerZoo } from '../zoo/index.js';
import { compare, type Row } from './harness.js';

registerZoo();

export const name = 'whole training by the zoo’s recipes beside Stable-Baselines3';

const STEPS = Number(process.env['TRELLIS_BENCH_STEPS'] ?? 50_000);
/** Of a run before the measured one: what compiles while a program runs is nothing in a million steps. */
const WARM_UP = STEPS / 5;
/** Steps of a whole run: how the two parts are weighed. */
const WHOLE = 1_000_000;
const TASK = 'hopper-v5';
const METHODS = { ppo: 'ppo', 'trpo-gae': 'trpo' } as const;

type Clock = 'wall' | 'processor';

/** Seconds of one clock for a step of training, and for a step of the episodes after it. */
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
    rows.push(...(await rowsOf(method, python, peerMethod, availableParallelism(), 'wall')));
    rows.push(...(await rowsOf(method, python, peerMethod, 1, 'processor')));
  }
  return rows;
}

async function rowsOf(method: string, python: string, peerMethod: string, threads: number, clock: Clock) {
  const own = await ownCost(method, threads, clock);
  // PyTorch is often slower with more threads on networks this small: they get the better of both.
  const peers = [...new Set([1, threads])].map((count) => peerCost(python, peerMethod, count, clock));
  const peer = peers.reduce((best, cost) => (whole(cost) < whole(best) ? cost : best));
  const how = clock === 'wall' ? `wall clock, ${threads} threads` : 'processor time, one thread';
  const row = (what: string, unit: string, value: (cost: Cost) => number, goals = {}) =>
    compare({ name: `${TASK}, ${method}, ${what}, ${how}`, unit, ...goals }, value(own), {
      name: peerMethod,
      value: value(peer),
    });
  // The goal is one of wall clock.
  const goals = clock === 'wall' ? { atLeast: 6, reachFor: 12 } : {};
  return [
    row('training', 'steps/s', ({ training }) => 1 / training),
    row('evaluation', 'steps/s', ({ evaluation }) => 1 / evaluation),
    // A hundred episodes of a thousand steps, as of a hopper that learnt to hop.
    row('a million steps with evaluation', 'runs/h', (cost) => 3600 / whole(cost), goals),
  ];
}

function whole({ training, evaluation }: Cost): number {
  return WHOLE * training + 100_000 * evaluation;
}

async function ownCost(method: string, threads: number, clock: Clock): Promise<Cost> {
  const directory = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  try {
    const run = join(directory, 'run');
    const begin = (simulatorSteps: number, directory: string) =>
      train(experimentConfig(getExperiment(TASK), { method, seed: 1, simulatorSteps }), { directory, threads });
    await begin(WARM_UP, join(directory, 'warm-up'));
    let start = now(clock);
    const { final } = await begin(STEPS, run);
    const training = (now(clock) - start) / (final['simulator_steps'] as number);
    start = now(clock);
    const { mean_length, returns } = await evaluateRun(run, { episodes: 100, deterministic: true, threads });
    return { training, evaluation: (now(clock) - start) / (mean_length * returns.length) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Seconds. */
function now(clock: Clock): number {
  if (clock === 'wall') return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function peerCost(python: string, method: string, threads: number, clock: Clock): Cost {
  const directory = mkdtempSync(join(tmpdir(), 'trellis-bench-'));
  try {
    const script = fileURLToPath(new URL('../zoo/peers/sb3.py', import.meta.url));
    const cell = `${TASK}-${method}-seed1`;
    const size = ['--steps', String(STEPS), '--threads', String(threads)];
    const words = [script, '--out', directory, '--seeds', '1', '--only', cell, ...size];
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
      training: figure(clock === 'wall' ? 'train_seconds' : 'train_cpu_seconds') / figure('steps'),
      evaluation: figure(clock === 'wall' ? 'evaluation_seconds' : 'evaluation_cpu_seconds') / length,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
