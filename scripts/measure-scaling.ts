// Measures the fixed input scaling of swimmer, hopper and walker and writes envs/mujoco/scaling-constants.ts:
//   npm run measure:scaling
// From at least 10,000 steps of the untrained policy (zero mean, standard deviation 0.5) in episodes of at most 200
// steps: middle and half-range between the 10th and 90th percentiles (swimmer: minimum and maximum).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hopper } from '../envs/mujoco/hopper.js';
import { swimmer } from '../envs/mujoco/swimmer.js';
import { walker } from '../envs/mujoco/walker.js';
import { Purpose, streamKey, streamKeys, uniform } from '../src/base/random.js';
import { makeActions, spaceSize } from '../src/env/spaces.js';
import type { EnvFactory } from '../src/env/types.js';
import { packageRoot } from '../src/native/addon.js';

const STEPS = 20_000;
const SLOTS = 100;
const DEVIATION = 0.5;
const CLIP = 5;
/** Smallest half-ranges: metres, radians and their rates; forces in N and N m. */
const FLOOR = 0.1;
const FORCE_FLOOR = 10;

interface Measured {
  offset: number[];
  scale: number[];
  clip: number;
}

/** @param tail share of values left out at either end; @param forces how many of the last inputs are forces */
function measure(factory: EnvFactory, tail: number, forces: number): Measured {
  const size = spaceSize(factory.spec.observationSpace);
  const env = factory.make(SLOTS, { threads: 1 });
  const actions = makeActions(factory.spec.actionSpace, SLOTS);
  const seen: number[][] = Array.from({ length: size }, () => []);
  for (let round = 0; seen[0].length < STEPS; round++) {
    env.reset(undefined, streamKeys(0, Purpose.scratch, round, 0, SLOTS));
    const key = streamKey(1, Purpose.scratch, round);
    for (let time = 0; time < 200; time++) {
      for (let i = 0; i < actions.length; i++) actions[i] = DEVIATION * normal(key, time, i);
      env.step(actions);
      for (let slot = 0; slot < SLOTS; slot++) {
        if (env.terminated[slot] === 1) continue;
        for (let i = 0; i < size; i++) seen[i].push(env.observations[slot * size + i]);
      }
    }
  }
  env.close();
  const result: Measured = { offset: [], scale: [], clip: CLIP };
  seen.forEach((values, i) => {
    values.sort((a, b) => a - b);
    const low = values[Math.floor(tail * (values.length - 1))];
    const high = values[Math.ceil((1 - tail) * (values.length - 1))];
    const floor = i >= size - forces ? FORCE_FLOOR : FLOOR;
    result.offset.push(round((low + high) / 2));
    result.scale.push(round(Math.max(floor, (high - low) / 2)));
  });
  return result;
}

function normal(key: readonly [number, number], time: number, dimension: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(key[0], key[1], time, 2 * dimension)));
  return radius * Math.cos(2 * Math.PI * uniform(key[0], key[1], time, 2 * dimension + 1));
}

/** Two digits are plenty for constants that people read. */
function round(x: number): number {
  return Number(x.toPrecision(2));
}

const constants = {
  swimmer: measure(swimmer(), 0, 0),
  hopper: measure(hopper(), 0.1, 6),
  walker: measure(walker(), 0.1, 9),
};
const body = Object.entries(constants).map(([id, { offset, scale, clip }]) => {
  return `  ${id}: {\n${lines('offset', offset)}${lines('scale', scale)}    clip: ${clip},\n  },\n`;
});

function lines(name: string, values: number[]): string {
  const rows = [];
  for (let i = 0; i < values.length; i += 12) rows.push(`      ${values.slice(i, i + 12).join(', ')},\n`);
  return `    // biome-ignore format: a table\n    ${name}: [\n${rows.join('')}    ],\n`;
}

const file = join(packageRoot(), 'envs', 'mujoco', 'scaling-constants.ts');
writeFileSync(
  file,
  `/** Input scaling of the locomotion environments, written by \`npm run measure:scaling\`. */
export const scalingConstants: Record<string, { offset: number[]; scale: number[]; clip: number }> = {
${body.join('')}};
`,
);
console.log(`wrote ${file}`);
