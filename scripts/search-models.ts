// Which armature and damping let the hopper and the walker move at all? The old model files are lost, so we search: for
// each pair a cross-entropy search over linear feedback plus a clock, rewarded with distance alone. Writes one row a
// pair to results/model-search/<robot>.csv.
//   npm run search:models -- [hopper] [walker] [--generations 60] [--out results/model-search]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hopper } from '../envs/mujoco/hopper.js';
import { walker } from '../envs/mujoco/walker.js';
import { Purpose, streamKey, uniform } from '../src/base/random.js';
import type { EnvDefinition } from '../src/env/registry.js';

interface Robot {
  readonly make: EnvDefinition;
  readonly coordinates: number;
  readonly controls: number;
  readonly inputs: number;
  readonly steps: number;
  readonly pairs: readonly (readonly [armature: number, damping: number])[];
}

const robots: Record<string, Robot> = {
  hopper: {
    make: hopper,
    coordinates: 6,
    controls: 3,
    inputs: 41,
    steps: 500,
    pairs: [
      [1, 1],
      [0.3, 0.8],
      [0.1, 0.5],
      [0.05, 0.4],
      [0.02, 0.3],
      [0.01, 0.1],
    ],
  },
  walker: {
    make: walker,
    coordinates: 9,
    controls: 6,
    inputs: 68,
    steps: 700,
    pairs: [
      [1, 1],
      [0.3, 1],
      [0.1, 0.5],
      [0.05, 0.4],
      [0.02, 0.3],
      [0.01, 0.1],
    ],
  },
};

const POPULATION = 120;
const ELITE = 12;
const NOISE = 0.1;
/** Rewards nothing but the distance of the centre of mass. */
const DISTANCE = { aliveReward: 0, controlCost: 0, impactCost: 0 };

/** Standard normal draw (Box and Muller). */
function normal(key: readonly [number, number], time: number, dimension: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(key[0], key[1], time, 2 * dimension)));
  return radius * Math.cos(2 * Math.PI * uniform(key[0], key[1], time, 2 * dimension + 1));
}

/** Per control: weights of the raw state, a bias, sine and cosine of the clock; then the clock's frequency. */
function parameterCount({ coordinates, controls }: Robot): number {
  return controls * (2 * coordinates - 1 + 3) + 1;
}

interface Outcome {
  readonly distance: Float64Array;
  /** Steps until the fall (or all) [P]. */
  readonly steps: Int32Array;
  /** Sums over the episode: rewards of the paper's cost without impact, and squared forces. */
  readonly paper: Float64Array;
  readonly force: Float64Array;
}

/** One episode of every candidate, all from the same start. */
function evaluate(robot: Robot, settings: Record<string, number>, candidates: Float64Array, start: number): Outcome {
  const { coordinates, controls, inputs, steps } = robot;
  const size = parameterCount(robot);
  const count = candidates.length / size;
  const env = robot.make({ ...settings, ...DISTANCE, maxEpisodeSteps: steps }).make(count, { threads: 1 });
  const seconds = env.spec.secondsPerStep;
  const half = 2 * coordinates - 1;
  const key = streamKey(start, Purpose.scratch);
  const keys = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) keys.set(key, 2 * i);
  env.reset(undefined, keys);
  const zeros = () => new Float64Array(count);
  const outcome = {
    distance: zeros(),
    steps: new Int32Array(count),
    paper: zeros(),
    force: zeros(),
  };
  const actions = new Float32Array(count * controls);
  for (let time = 0; time < steps; time++) {
    for (let c = 0; c < count; c++) {
      let p = c * size;
      const phase = 2 * Math.PI * Math.exp(0.5 * candidates[p + size - 1]) * 1.5 * time * seconds;
      const sin = Math.sin(phase);
      const cos = Math.cos(phase);
      for (let j = 0; j < controls; j++) {
        let a = candidates[p + half] + candidates[p + half + 1] * sin + candidates[p + half + 2] * cos;
        for (let i = 0; i < half; i++) {
          const scale = i < coordinates - 1 ? 1 : 0.1;
          a += candidates[p + i] * scale * (env.observations[c * inputs + i] - (i === 0 ? 1.25 : 0));
        }
        actions[c * controls + j] = Math.max(-1, Math.min(1, a));
        p += half + 3;
      }
    }
    env.step(actions);
    for (let c = 0; c < count; c++) {
      if (outcome.steps[c] !== time) continue;
      if (env.terminated[c] === 1) continue;
      outcome.steps[c] = time + 1;
      outcome.distance[c] += env.rewards[c] * seconds;
      outcome.paper[c] += env.rewards[c] + 1;
      for (let i = inputs - coordinates; i < inputs; i++) {
        const force = env.observations[c * inputs + i];
        outcome.force[c] += force * force;
      }
    }
  }
  env.close();
  return outcome;
}

/** Cross-entropy search for distance; the best candidate ever seen. */
function search(robot: Robot, settings: Record<string, number>, generations: number, seed: number): Float64Array {
  const size = parameterCount(robot);
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size).fill(0.5);
  let best = mean;
  let bestDistance = -Infinity;
  for (let generation = 0; generation < generations; generation++) {
    const candidates = new Float64Array(POPULATION * size);
    for (let c = 0; c < POPULATION; c++) {
      const key = streamKey(seed, Purpose.candidates, generation, c);
      for (let i = 0; i < size; i++) candidates[c * size + i] = mean[i] + deviation[i] * normal(key, 0, i);
    }
    const { distance } = evaluate(robot, settings, candidates, seed);
    const order = Array.from(distance.keys()).sort((a, b) => distance[b] - distance[a]);
    if (distance[order[0]] > bestDistance) {
      bestDistance = distance[order[0]];
      best = candidates.slice(order[0] * size, (order[0] + 1) * size);
    }
    // Noise added to the elite's spread dies out over the first half, so that the search does not settle too early.
    const extra = NOISE * Math.max(0, 1 - (2 * generation) / generations);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      let squares = 0;
      for (let e = 0; e < ELITE; e++) {
        const value = candidates[order[e] * size + i];
        sum += value;
        squares += value * value;
      }
      mean[i] = sum / ELITE;
      deviation[i] = Math.sqrt(Math.max(0, squares / ELITE - mean[i] * mean[i]) + extra * extra);
    }
  }
  return best;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    generations: { type: 'string', default: '60' },
    seeds: { type: 'string', default: '2' },
    out: { type: 'string', default: join('results', 'model-search') },
  },
});
mkdirSync(values.out, { recursive: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(robots)) {
  const robot = robots[name];
  if (robot === undefined) throw new Error(`unknown robot ${name}; known: ${Object.keys(robots).join(', ')}`);
  const rows = ['armature,damping,seed,steps,speed,reward_per_step,mean_squared_force'];
  for (const [armature, damping] of robot.pairs) {
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const found = search(robot, { armature, damping }, Number(values.generations), seed);
      const { distance, steps, paper, force } = evaluate(robot, { armature, damping }, found, seed);
      const taken = steps[0];
      const seconds = robot.steps * robot.make().spec.secondsPerStep;
      const numbers = [distance[0] / seconds, paper[0] / robot.steps, force[0] / taken];
      rows.push([armature, damping, seed, taken, ...numbers.map((x) => x.toPrecision(4))].join(','));
      console.log(`${name} ${rows.at(-1)}`);
      writeFileSync(join(values.out, `${name}.csv`), `${rows.join('\n')}\n`);
    }
  }
}
