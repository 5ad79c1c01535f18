import {
  defineMujocoEnv,
  type MujocoEnvFactory,
  type MujocoModel,
  type MujocoStart,
  type Rows,
} from '../../src/index.js';

/** Where an episode starts, in the order of episodes. */
export interface Starts {
  next: { readonly qpos: readonly number[]; readonly qvel: readonly number[] };
}

/** Adds as numpy does: eight running sums from eight numbers on, joined as a tree, then the rest. */
function sumOf(values: ArrayLike<number>, round: (x: number) => number = (x) => x): number {
  const count = values.length;
  let from = 0;
  let sum = 0;
  if (count >= 8) {
    const r = Array.from({ length: 8 }, (_, i) => values[i]!);
    for (from = 8; from + 8 <= count; from += 8) for (let i = 0; i < 8; i++) r[i] = round(r[i]! + values[from + i]!);
    const pairs = [0, 2, 4, 6].map((i) => round(r[i]! + r[i + 1]!));
    sum = round(round(pairs[0]! + pairs[1]!) + round(pairs[2]! + pairs[3]!));
  }
  for (; from < count; from++) sum = round(sum + values[from]!);
  return sum;
}

const rowOf = ({ data, stride }: Rows, slot: number, from: number, count: number) =>
  Array.from(data.subarray(slot * stride + from, slot * stride + from + count));
const clip = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const square = (value: number) => value * value;

function startFrom(starts: Starts) {
  return (qpos: Float64Array, qvel: Float64Array, _draw: unknown, _slot: MujocoStart): void => {
    qpos.set(starts.next.qpos);
    qvel.set(starts.next.qvel);
  };
}

/**
 * Gymnasium's Ant-v5. Its reset computes no external forces, so they are 0 in the first observation; `moved` says
 * whether a step was made. Its control cost is of single precision.
 */
export function ant(file: string, starts: Starts): MujocoEnvFactory {
  const seconds = 0.05;
  return defineMujocoEnv({
    id: 'ant-v5',
    model: { file },
    actuators: 8,
    substeps: 5,
    secondsPerStep: seconds,
    observation: 105,
    maxEpisodeSteps: 1000,
    outputs: ['xpos', 'cfrc_ext'],
    memory: { x: 1, moved: 1 },
    functions(model) {
      const torso = model.body('torso').id;
      const forces = 6 * model.sizes.nbody!;
      return {
        start: startFrom(starts),
        before({ outputs, memory }, first, end) {
          for (let slot = first; slot < end; slot++) {
            memory.x!.data[slot] = outputs.xpos!.data[slot * outputs.xpos!.stride + 3 * torso]!;
            memory.moved!.data[slot] = 1;
          }
        },
        observe({ qpos, qvel, outputs, memory, observations }, first, end) {
          for (let slot = first; slot < end; slot++) {
            const moved = memory.moved!.data[slot]!;
            const contact = rowOf(outputs.cfrc_ext!, slot, 6, forces - 6).map((f) => moved * clip(f, -1, 1));
            observations.set([...rowOf(qpos, slot, 2, 13), ...rowOf(qvel, slot, 0, 14), ...contact], 105 * slot);
          }
        },
        reward({ qpos, qvel, control, outputs, memory, rewards, terminated }, first, end) {
          for (let slot = first; slot < end; slot++) {
            const x = outputs.xpos!.data[slot * outputs.xpos!.stride + 3 * torso]!;
            const forward = (x - memory.x!.data[slot]!) / seconds;
            const squares = rowOf(control, slot, 0, 8).map((u) => Math.fround(square(Math.fround(u))));
            const effort = Math.fround(0.5 * sumOf(squares, Math.fround));
            const contact = 5e-4 * sumOf(rowOf(outputs.cfrc_ext!, slot, 0, forces).map((f) => square(clip(f, -1, 1))));
            const height = qpos.data[slot * qpos.stride + 2]!;
            const state = [...rowOf(qpos, slot, 0, 15), ...rowOf(qvel, slot, 0, 14)];
            const healthy = state.every(Number.isFinite) && height >= 0.2 && height <= 1;
            rewards[slot] = forward + (healthy ? 1 : 0) - (effort + contact);
            terminated[slot] = healthy ? 0 : 1;
          }
        },
      };
    },
  });
}

/** x of the whole model's centre of mass, from the bodies' centres. */
function centerOf(model: MujocoModel): (xipos: Rows, slot: number) => number {
  const masses = Array.from(model.field('body_mass'), Number);
  const total = sumOf(masses);
  return ({ data, stride }, slot) => {
    let sum = 0;
    for (let body = 0; body < masses.length; body++) sum += masses[body]! * data[slot * stride + 3 * body]!;
    return sum / total;
  };
}

/** Gymnasium's Humanoid-v5. */
export function humanoid(file: string, starts: Starts): MujocoEnvFactory {
  const seconds = 0.015;
  return defineMujocoEnv({
    id: 'humanoid-v5',
    model: { file },
    actuators: 17,
    substeps: 5,
    secondsPerStep: seconds,
    observation: 348,
    maxEpisodeSteps: 1000,
    outputs: ['xipos', 'cinert', 'cvel', 'qfrc_actuator', 'cfrc_ext'],
    memory: { x: 1, moved: 1 },
    functions(model) {
      const center = centerOf(model);
      const bodies = model.sizes.nbody!;
      return {
        start: startFrom(starts),
        before({ outputs, memory }, first, end) {
          for (let slot = first; slot < end; slot++) {
            memory.x!.data[slot] = center(outputs.xipos!, slot);
            memory.moved!.data[slot] = 1;
          }
        },
        observe({ qpos, qvel, outputs, memory, observations }, first, end) {
          const { cinert, cvel, qfrc_actuator: forces, cfrc_ext: contact } = outputs;
          for (let slot = first; slot < end; slot++) {
            const moved = memory.moved!.data[slot]!;
            const parts = [
              rowOf(qpos, slot, 2, 22),
              rowOf(qvel, slot, 0, 23),
              rowOf(cinert!, slot, 10, 10 * (bodies - 1)),
              rowOf(cvel!, slot, 6, 6 * (bodies - 1)),
              rowOf(forces!, slot, 6, 17),
              rowOf(contact!, slot, 6, 6 * (bodies - 1)).map((f) => moved * f),
            ];
            observations.set(parts.flat(), 348 * slot);
          }
        },
        reward({ qpos, control, outputs, memory, rewards, terminated }, first, end) {
          for (let slot = first; slot < end; slot++) {
            const forward = 1.25 * ((center(outputs.xipos!, slot) - memory.x!.data[slot]!) / seconds);
            const effort = 0.1 * sumOf(rowOf(control, slot, 0, 17).map(square));
            const impact = sumOf(rowOf(outputs.cfrc_ext!, slot, 0, 6 * bodies).map(square));
            const height = qpos.data[slot * qpos.stride + 2]!;
            const healthy = height > 1 && height < 2;
            rewards[slot] = forward + (healthy ? 5 : 0) - (effort + Math.min(10, 5e-7 * impact));
            terminated[slot] = healthy ? 0 : 1;
          }
        },
      };
    },
  });
}
