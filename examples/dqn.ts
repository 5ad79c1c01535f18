/**
 * Deep Q-learning (Mnih et al., "Human-level control through deep reinforcement learning", 2015) as a method of one's own,
 * on an Atari game seen as the 128 bytes of its RAM: replay buffer, target network, ε-greedy actions. Episodes go on from
 * one iteration to the next, so the simulators' snapshot is part of the state, and a resumed run plays on where it was.
 *
 *   trellis roms import <the ale_py wheel>      once: the cartridges are yours
 *   trellis train examples/dqn.ts --seed 1 [--set environment.game=pong]     (Node 22.18 or newer)
 *   trellis eval runs/dqn-ram-my-dqn-seed1 --deterministic
 */
import {
  Adam,
  type Algorithm,
  clipByNorm,
  clipRewards,
  createEngine,
  getEnv,
  joinStates,
  Purpose,
  partOfState,
  ReplayBuffer,
  registerAlgorithm,
  registerEnv,
  registerExperiment,
  resolveSettings,
  spaceSize,
  streamKey,
  streamKeys,
  uniform,
} from 'trellis-rl';
import { z } from 'zod';

registerAlgorithm({
  name: 'my-dqn',
  summary: 'deep Q-learning in one file',
  options: z.strictObject({
    slots: z.int().default(8),
    /** Steps of each slot in an iteration; each is followed by an update. */
    steps: z.int().default(250),
    capacity: z.int().default(20_000),
    /** Transitions in the buffer before the first update. */
    warmup: z.int().default(1000),
    batchSize: z.int().default(64),
    discount: z.number().default(0.99),
    learningRate: z.number().default(3e-4),
    /** Updates between two copies of the network to the target network. */
    targetEvery: z.int().default(250),
    /** Share of random actions at the end; iterations in which none would be left. */
    exploration: z.number().default(0.05),
    explorationIterations: z.int().default(16),
  }),
  columns: [
    { name: 'error', title: 'Temporal-difference error', note: 'mean absolute' },
    { name: 'exploration', chart: false },
  ],
  // The outputs of the "policy" are Q of each action: its mode is the greedy one.
  policy: { hidden: [128, 64], activation: 'relu', outputNorm: 0.1 },
  async create({ env: factory, engine, policy, initialTheta, seed, threads }, settings) {
    const { slots, steps, warmup, batchSize, discount } = settings;
    const limits = threads === undefined ? {} : { threads };
    const env = factory.make(slots, limits);
    const { actionSpace, observationSpace } = factory.spec;
    if (actionSpace.kind !== 'discrete') throw new TypeError('DQN needs discrete actions');
    const [choices = 0] = actionSpace.sizes;
    const target = await createEngine(policy.network, engine.name, limits);
    const theta = initialTheta.slice();
    const targetTheta = initialTheta.slice();
    const adam = new Adam(theta.length, { learningRate: settings.learningRate });
    const [type, width] = [observationSpace.dtype, spaceSize(observationSpace)];
    const buffer = new ReplayBuffer(settings.capacity, {
      observation: { width, type },
      next: { width, type },
      action: { width: 1, type: 'int32' },
      reward: { width: 1, type: 'float32' },
      terminated: { width: 1, type: 'uint8' },
    });
    const [seen, drawn] = [buffer.makeRows(slots), buffer.makeRows(batchSize)];
    const all = Array.from({ length: slots }, (_, slot) => slot);
    /** Of the episodes in progress, and updates made. */
    const progress = { returns: new Float64Array(slots), lengths: new Int32Array(slots), updates: new Int32Array(1) };
    env.reset(undefined, streamKeys(seed, Purpose.reset, 0, 0, slots));

    const best = (q: Float32Array, row: number) => {
      const values = q.subarray(row * choices, (row + 1) * choices);
      return values.indexOf(Math.max(...values));
    };

    /** One step in all slots. @returns return and length of each episode that ended */
    async function play(iteration: number, time: number, exploration: number) {
      const key = streamKey(seed, Purpose.method, iteration, 2 * time);
      const q = await engine.forward(env.observations, slots);
      seen.observation.set(env.observations);
      for (let slot = 0; slot < slots; slot++) {
        const random = uniform(...key, slot, 0) < exploration;
        seen.action[slot] = random ? Math.floor(uniform(...key, slot, 1) * choices) : best(q, slot);
      }
      env.step(seen.action);
      seen.next.set(env.observations);
      seen.reward.set(env.rewards);
      seen.terminated.set(env.terminated);
      buffer.add(seen, slots);
      const { rawRewards = env.rewards } = env; // before they were clipped
      for (const slot of all) progress.returns[slot] += rawRewards[slot];
      for (const slot of all) progress.lengths[slot] += 1;
      const ended = all.filter((slot) => env.terminated[slot] || env.truncated[slot]);
      const over = ended.map((slot) => [progress.returns[slot], progress.lengths[slot]] as const);
      for (const slot of ended) progress.returns[slot] = progress.lengths[slot] = 0;
      // No other episode of the run begins at this time in this slot.
      const keys = ended.flatMap((slot) => streamKey(seed, Purpose.reset, iteration + 1, time * slots + slot));
      if (ended.length > 0) env.reset(ended, Uint32Array.from(keys));
      return over;
    }

    /** One step of Adam towards r + γ max Q'. @returns the mean error */
    async function update(iteration: number, time: number): Promise<number> {
      buffer.sample(batchSize, streamKey(seed, Purpose.method, iteration, 2 * time + 1), drawn);
      await target.setTheta(targetTheta);
      const next = await target.forward(drawn.next, batchSize);
      const data = await engine.load(drawn.observation, batchSize);
      const q = await engine.evaluate(data);
      const cotangents = new Float32Array(q.length);
      let total = 0;
      for (let i = 0; i < batchSize; i++) {
        const future = drawn.terminated[i] ? 0 : discount * next[i * choices + best(next, i)];
        const at = i * choices + drawn.action[i];
        const error = q[at] - drawn.reward[i] - future;
        total += Math.abs(error) / batchSize;
        cotangents[at] = Math.max(-1, Math.min(1, error)) / batchSize; // Huber's loss
      }
      const gradient = await engine.vjp(data, cotangents);
      data.release();
      clipByNorm(gradient, 10);
      adam.step(theta, gradient);
      await engine.setTheta(theta);
      if (++progress.updates[0] % settings.targetEvery === 0) targetTheta.set(theta);
      return total;
    }

    const method: Algorithm = {
      async iterate(iteration, { signal, onProgress } = {}) {
        const before = method.saveState();
        try {
          await engine.setTheta(theta);
          const exploration = Math.max(settings.exploration, 1 - iteration / settings.explorationIterations);
          const over: (readonly [number, number])[] = [];
          let [error, updates] = [0, 0];
          for (let time = 0; time < steps; time++) {
            signal?.throwIfAborted();
            onProgress?.(time / steps, 'sampling');
            over.push(...(await play(iteration, time, exploration)));
            if (buffer.size < warmup) continue;
            error += await update(iteration, time);
            updates++;
          }
          const episodes = { returns: over.map(([sum]) => sum), lengths: over.map(([, length]) => length) };
          return { simulatorSteps: steps * slots, episodes, diagnostics: { error: error / updates, exploration } };
        } catch (cause) {
          method.loadState(before); // an iteration that is given up leaves no trace
          throw cause;
        }
      },
      theta: () => theta,
      saveState() {
        const learnt = { adam: adam.saveState(), buffer: buffer.saveState() };
        const played = { progress: structuredClone(progress), simulators: env.snapshot().parts };
        return { theta: theta.slice(), target: targetTheta.slice(), ...joinStates({ ...learnt, ...played }) };
      },
      loadState(state) {
        theta.set(state['theta'] as Float32Array);
        targetTheta.set(state['target'] as Float32Array);
        adam.loadState(partOfState(state, 'adam'));
        buffer.loadState(partOfState(state, 'buffer'));
        env.restore({ ...env.snapshot(), parts: partOfState(state, 'simulators') }, all);
        const { returns, lengths, updates } = partOfState(state, 'progress') as typeof progress;
        progress.returns.set(returns);
        progress.lengths.set(lengths);
        progress.updates.set(updates);
      },
      variableState: ['buffer.*', 'simulators.*'],
      close() {
        env.close();
        target.close();
      },
    };
    return method;
  },
});

registerEnv('atari-ram', (given) => {
  const { game } = resolveSettings('atari-ram', { game: 'boxing' }, given);
  return clipRewards(getEnv(game, { observation: 'ram', actions: 'minimal', frameSkip: 4, noopSteps: 0, noopMax: 30 }));
});
registerExperiment({
  name: 'dqn-ram',
  summary: 'a game seen as its RAM',
  track: 'modern',
  environment: 'atari-ram',
  policy: {},
  iterations: 100,
  methods: { 'my-dqn': {} },
});
