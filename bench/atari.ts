import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type NativeAtariOptions, type NativeOutputs, openAtariBatch } from '../src/native/atari-addon.js';
import { findAtariGame } from '../src/native/atari-games.js';
import { readRom, romPath } from '../src/native/rom-library.js';
import { compare, geometricMean, measure, median, type Row, type Work } from './harness.js';

export const name = "Atari: frames per second against ale-py's act and EnvPool (random minimal actions, sticky 0.25)";

const GAMES = ['beam_rider', 'breakout', 'enduro', 'pong', 'qbert', 'seaquest', 'space_invaders'];
const BATCH = 64;
const PEER_FRAMES = 1500;

/** The other side of the comparison: bench/python/atari_ale.py. */
class Peer {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;

  constructor(python: string, threads: number) {
    const script = fileURLToPath(new URL('python/atari_ale.py', import.meta.url));
    this.child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.child.stdout);
  }

  /** Seconds the work took, or null where the peer is not installed. */
  async seconds(work: string): Promise<number | null> {
    this.child.stdin.write(`${work}\n`);
    const [line] = (await once(this.lines, 'line')) as [string];
    return line === 'none' ? null : Number(line);
  }

  close(): void {
    this.child.stdin.end();
  }
}

interface Shape {
  slots: number;
  threads: number;
  /** Acts in a step, and how many of their frames are drawn. */
  acts: number;
  render: number;
  pictures?: boolean;
}

/** Raw frames with sticky actions, as ale-py's act plays them. */
function openBatch(id: string, slots: number, threads: number, preprocess: NativeAtariOptions['preprocess']) {
  return openAtariBatch({
    rom: readRom(id).bytes,
    game: id,
    slots,
    threads,
    repeatActionProbability: 0.25,
    frameSkip: 1,
    maxFramesPerEpisode: 0,
    colourAveraging: false,
    truncateOnLifeLoss: false,
    rewardMinimum: -(2 ** 31),
    rewardMaximum: 2 ** 31 - 1,
    mode: findAtariGame(id).modes[0],
    difficulty: 0,
    preprocess,
    endOnLifeLoss: false,
    pixels: true,
  });
}

/** Plays a game; finished slots begin anew. A unit is a frame. */
function player(id: string, shape: Shape): Work & { close(): void } {
  const game = findAtariGame(id);
  const batch = openBatch(id, shape.slots, shape.threads, { width: 84, height: 84, maxPool: true });
  const all = Int32Array.from({ length: shape.slots }, (_, slot) => slot);
  const faults = new Uint8Array(shape.slots);
  batch.reset(all, Uint32Array.from(all), faults);
  const terminated = new Uint8Array(shape.slots);
  const outputs: NativeOutputs = { rewards: new Int32Array(shape.slots), terminated, acts: shape.acts };
  if (shape.render > 0) outputs.render = shape.render;
  if (shape.pictures) outputs.picture = new Uint8Array(shape.slots * 84 * 84);
  const actions = new Int32Array(shape.slots);
  const steps = Math.max(1, Math.round(2000 / (shape.slots * shape.acts)));
  let x = 1;
  const work = () => {
    for (let step = 0; step < steps; step++) {
      for (let slot = 0; slot < shape.slots; slot++) {
        x = (Math.imul(1103515245, x) + 12345) & 0x7fffffff;
        actions[slot] = game.minimalActions[(x >> 16) % game.minimalActions.length];
      }
      batch.step(actions, outputs);
      for (let slot = 0; slot < shape.slots; slot++)
        if (terminated[slot]) batch.reset(Int32Array.of(slot), null, faults);
    }
    return steps * shape.slots * shape.acts;
  };
  return Object.assign(work, { close: () => batch.close() });
}

/** Save and restore of a slot, over and over. */
function saver(id: string, generator: boolean): Work & { close(): void } {
  const batch = openBatch(id, BATCH, 1, null);
  for (let i = 0; i < 100; i++) batch.step(new Int32Array(BATCH), {});
  const slots = Int32Array.from({ length: BATCH }, (_, slot) => slot);
  const offsets = new Uint32Array(BATCH + 1);
  const bytes = new Uint8Array(batch.save(slots, generator, new Uint8Array(0), offsets));
  const work = () => {
    for (let i = 0; i < 50; i++) {
      batch.save(slots, generator, bytes, offsets);
      batch.restore(bytes, offsets, slots, slots);
    }
    return 50 * BATCH;
  };
  return Object.assign(work, { close: () => batch.close() });
}

const kinds = [
  { name: 'rendered every frame', shape: { slots: 8, threads: 1, acts: 1, render: 1 }, atLeast: 4, reachFor: 6 },
  {
    name: 'last two of four rendered',
    shape: { slots: 8, threads: 1, acts: 4, render: 2 },
    atLeast: 4.5,
    reachFor: 7,
  },
  { name: 'RAM only', shape: { slots: 8, threads: 1, acts: 1, render: 0 }, atLeast: 6, reachFor: 10 },
];

/** One game against ale-py's act: each kind of work once a round, the peer beside it. */
async function againstAle(id: string, peer: Peer): Promise<{ rates: number[]; ale: number }> {
  const players = kinds.map(({ shape }) => player(id, shape));
  const rates: number[][] = kinds.map(() => []);
  const ale: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (const [i, work] of players.entries()) {
      // Processor time on both sides: these rows have one thread, and others may use the machine.
      const start = process.cpuUsage();
      let frames = 0;
      let seconds = 0;
      while (seconds < 0.15) {
        frames += await work();
        const { user, system } = process.cpuUsage(start);
        seconds = (user + system) / 1e6;
      }
      rates[i].push(frames / seconds);
    }
    ale.push(PEER_FRAMES / (await peer.seconds(`ale ${romPath(findAtariGame(id))} ${PEER_FRAMES}`))!);
  }
  for (const work of players) work.close();
  return { rates: rates.map((list) => median(list)), ale: median(ale) };
}

/** A batch of 64, 84x84 grey, skip 4; or null without EnvPool. */
async function againstEnvPool(
  id: string,
  peer: Peer,
  threads: number,
): Promise<{ ours: number; envpool: number } | null> {
  const work = player(id, { slots: BATCH, threads, acts: 4, render: 0, pictures: true });
  const ours: number[] = [];
  const envpool: number[] = [];
  for (let round = 0; round < 4; round++) {
    ours.push((await measure({ work }, { seconds: 0.2, repetitions: 1 })).work);
    const seconds = await peer.seconds(`envpool ${id} ${BATCH} 8`);
    if (seconds === null) return null;
    if (round > 0) envpool.push((8 * BATCH * 4) / seconds);
  }
  work.close();
  return { ours: median(ours), envpool: median(envpool) };
}

export async function run(): Promise<Row[]> {
  const python = process.env['TRELLIS_ORACLE_PYTHON'];
  const threads = availableParallelism();
  const rows: Row[] = [];
  if (python === undefined) {
    console.log('  without ale-py and EnvPool: TRELLIS_ORACLE_PYTHON names no Python that has them');
  } else {
    const peer = new Peer(python, threads);
    const ratios: number[][] = kinds.map(() => []);
    const poolRatios: number[] = [];
    for (const id of GAMES) {
      const { rates, ale } = await againstAle(id, peer);
      kinds.forEach((kind, i) => {
        ratios[i].push(rates[i] / ale);
        rows.push(compare({ name: `${id}, ${kind.name}`, unit: 'frames/s' }, rates[i], { name: 'ale-py', value: ale }));
      });
      const pool = await againstEnvPool(id, peer, threads);
      if (pool === null) continue;
      poolRatios.push(pool.ours / pool.envpool);
      const row = { name: `${id}, 64 slots, 84x84, skip 4, ${threads} threads`, unit: 'frames/s' };
      rows.push(compare(row, pool.ours, { name: 'EnvPool', value: pool.envpool }));
    }
    kinds.forEach((kind, i) => {
      const { atLeast, reachFor } = kind;
      rows.push({
        name: `geometric mean, ${kind.name}`,
        value: geometricMean(ratios[i]),
        unit: 'x ale-py',
        atLeast,
        reachFor,
      });
    });
    if (poolRatios.length > 0) {
      const mean = geometricMean(poolRatios);
      rows.push({ name: 'geometric mean, batch of 64', value: mean, unit: 'x EnvPool', atLeast: 3, reachFor: 6 });
    }
    peer.close();
  }
  const one = player('seaquest', { slots: BATCH, threads: 1, acts: 4, render: 0 });
  const two = player('seaquest', { slots: BATCH, threads: 2, acts: 4, render: 0 });
  const speeds = await measure({ one, two }, { seconds: 0.3 });
  rows.push(
    compare({ name: 'two threads, 64 slots', unit: 'frames/s', atLeast: 1.85, reachFor: 1.95 }, speeds.two, {
      name: 'one thread',
      value: speeds.one,
    }),
  );
  const without = saver('seaquest', false);
  const withGenerator = saver('seaquest', true);
  const processorTime = () => process.cpuUsage().user / 1000;
  const saves = await measure({ without, withGenerator }, { seconds: 0.2, now: processorTime });
  rows.push({ name: 'save + restore', value: saves.without, unit: 'slots/s', atLeast: 1e6, reachFor: 3e6 });
  const row = { name: 'save + restore with the generator', unit: 'slots/s', atLeast: 3e5, reachFor: 1e6 };
  rows.push({ ...row, value: saves.withGenerator });
  for (const work of [one, two, without, withGenerator]) work.close();
  return rows;
}
