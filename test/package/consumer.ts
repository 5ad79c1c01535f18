// A stranger's program; type-checked against the packed tarball by package.test.ts.
import {
  box,
  defineEnv,
  type EnvFactory,
  experimentConfig,
  getEnv,
  getExperiment,
  loadPolicy,
  MujocoBatch,
  MujocoModel,
  type ProgressRow,
  registerEnv,
  TrellisError,
  train,
  type VectorEnv,
} from 'trellis-rl';
import { registerPaper } from 'trellis-rl/paper';

registerPaper();

export const line: EnvFactory = defineEnv<Float32Array>({
  id: 'line',
  parameters: {},
  stateSize: 1,
  observation: 1,
  action: box([1], -1, 1),
  maxEpisodeSteps: 10,
  secondsPerStep: 1,
  start: (state, at, draw) => {
    state[at] = draw(0);
  },
  step: ({ state, actions, rewards }, first, end) => {
    for (let slot = first; slot < end; slot++) rewards[slot] = -((state[slot] ?? 0) + (actions[slot] ?? 0));
  },
});
registerEnv('line', () => line);

export async function swim(signal: AbortSignal): Promise<number> {
  const config = experimentConfig(getExperiment('swimmer'), { seed: 1, iterations: 2 });
  const rows: ProgressRow[] = [];
  try {
    const { theta } = await train(config, { directory: 'run', signal, onIteration: ({ row }) => rows.push(row) });
    console.log(theta.length, rows.at(-1)?.mean_cost_per_step);
  } catch (error) {
    if (error instanceof TrellisError) console.error(error.code, error.hint);
  }
  const policy = await loadPolicy('run');
  const env: VectorEnv = getEnv('swimmer').make(2, { threads: 1 });
  env.reset();
  env.step(await policy.act(env.observations));
  const saved = env.snapshot([0]);
  env.restore(saved, [1]);
  const reward: number | undefined = env.rewards[1];
  // @ts-expect-error a VectorEnv's arrays are not replaced
  env.rewards = new Float64Array(2);
  return reward ?? Number.NaN;
}

export function fall(): Float64Array {
  const model = MujocoModel.fromXml('<mujoco/>');
  const batch = new MujocoBatch(model, { slots: 4 });
  batch.step(10);
  return batch.states;
}
