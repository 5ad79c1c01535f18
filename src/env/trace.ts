import { ArgumentError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';
import { type Key, Purpose, streamKey, uniform } from '../base/random.js';
import { makeActions, spaceSize } from './spaces.js';
import type { ActionArray, EnvFactory, VectorEnv } from './types.js';

export interface TraceOptions {
  /** Decides start states, and actions where none are given; default 0. */
  seed?: number;
  /** Default: as many as there are actions, else 100. */
  steps?: number;
  /** [steps × action size], row by row; default uniform in ±1 (box) or over all choices (discrete). */
  actions?: ArrayLike<number>;
  /**
   * Every so many steps: save, run as many steps of other actions, restore, go on. The rows are the same as without.
   */
  snapshotEvery?: number;
}

/**
 * One CSV row a step: step, actions, state after it, reward, terminated; numbers with 17 significant digits. The start
 * of each episode is a row of its own with empty actions and the number of steps made before it. Finished episodes are
 * followed by new ones until `steps` steps are made.
 */
export function* traceEnvironment(factory: EnvFactory, options: TraceOptions = {}): Generator<string> {
  const size = spaceSize(factory.spec.actionSpace);
  checkKnownKeys('options of a trace', options, ['seed', 'steps', 'actions', 'snapshotEvery']);
  const { seed = 0, actions: given, snapshotEvery = 0 } = options;
  if (given !== undefined && given.length % size !== 0) {
    throw new ArgumentError(`${given.length} numbers of actions`, { value: given.length, expected: `rows of ${size}` });
  }
  const steps = options.steps ?? (given === undefined ? 100 : given.length / size);
  for (const [name, value] of Object.entries({ seed, steps, snapshotEvery })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ArgumentError(`${name} ${value}`, { value, expected: 'a non-negative integer' });
    }
  }
  if (given !== undefined && given.length < steps * size) {
    throw new ArgumentError(`actions for ${given.length / size} steps`, {
      value: given.length,
      expected: `${steps} rows`,
    });
  }
  const env = factory.make(1, { threads: 1 });
  try {
    yield* rows(env, seed, steps, given, snapshotEvery);
  } finally {
    env.close();
  }
}

function* rows(
  env: VectorEnv,
  seed: number,
  steps: number,
  given: ArrayLike<number> | undefined,
  snapshotEvery: number,
): Generator<string> {
  const actions = makeActions(env.spec.actionSpace, 1);
  const readState = () => env.readState?.(0) ?? Float64Array.from(env.observations);
  const chosen = streamKey(seed, Purpose.scratch);
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  let episode = 0;
  const start = () => {
    env.reset([0], Uint32Array.from(streamKey(seed, Purpose.reset, 0, episode++)));
    return [...actions].map(() => '').concat(digits(readState()), ['0', '0']);
  };
  const first = start();
  yield [
    'step',
    ...names('action', actions.length),
    ...names('state', readState().length),
    'reward',
    'terminated',
  ].join();
  yield ['0', ...first].join();
  for (let step = 1; step <= steps; step++) {
    if (snapshotEvery > 0 && (step - 1) % snapshotEvery === 0) digress(env, seed, step, snapshotEvery);
    if (given === undefined) drawActions(env, actions, chosen, step);
    else for (let i = 0; i < actions.length; i++) actions[i] = given[(step - 1) * actions.length + i];
    env.step(actions);
    yield [step, ...digits(actions), ...digits(readState()), ...digits(env.rewards), env.terminated[0]].join();
    if (step < steps && (env.terminated[0] === 1 || env.truncated[0] === 1)) yield [step, ...start()].join();
  }
}

/** Away and back: some steps of other actions between a save and its restore. */
function digress(env: VectorEnv, seed: number, step: number, count: number): void {
  const saved = env.snapshot([0]);
  const other = makeActions(env.spec.actionSpace, 1);
  for (let i = 0; i < count; i++) {
    drawActions(env, other, streamKey(seed, Purpose.scratch, step), i);
    env.step(other);
  }
  env.restore(saved, [0]);
}

function drawActions({ spec }: VectorEnv, actions: ActionArray, key: Key, time: number): void {
  const space = spec.actionSpace;
  for (let i = 0; i < actions.length; i++) {
    const u = uniform(key[0], key[1], time, i);
    actions[i] = space.kind === 'discrete' ? Math.floor(u * space.sizes[i]) : 2 * u - 1;
  }
}

function digits(values: ArrayLike<number>): string[] {
  return Array.from(values, (value) => (Number.isInteger(value) ? `${value}` : value.toPrecision(17)));
}
