import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalizeObservations } from '../../../src/env/wrappers/normalize-observations.js';
import { normalizeRewards } from '../../../src/env/wrappers/normalize-rewards.js';
import { RunningStatistics } from '../../../src/env/wrappers/running-statistics.js';
import { freezeStatistics } from '../../../src/env/wrappers/wrap-factory.js';
import {
  clipRewards,
  type EnvFactory,
  evaluatePolicy,
  frameStack,
  initialPolicyParameters,
  policySpecFor,
  type VectorEnv,
} from '../../../src/index.js';
import { fillActions } from '../conformance.js';
import { toy } from './toy.js';

const SLOTS = 4;
const items = [0, 1, 2, 3];

/** Steps with actions by (slot, time); finished slots are reset before the step that follows. */
function* drive(env: VectorEnv, steps: number, from = 0): Generator<number> {
  const actions = new Float32Array(SLOTS);
  for (let t = from; t < from + steps; t++) {
    const ended = items.filter((slot) => env.terminated[slot] || env.truncated[slot]);
    if (t % 3 === 0 && ended.length > 0) env.reset(ended);
    fillActions(env, actions, t, items);
    env.step(actions);
    yield t;
  }
}
const runAll = (env: VectorEnv, steps: number, from = 0) =>
  [...drive(env, steps, from)].map(() => [...env.observations, ...env.rewards]);

/** Mean and variance of rows and of the prior, a row of weight 1e-4 with mean 0 and variance 1, in two passes. */
function moments(rows: readonly number[]): [number, number] {
  const weight = rows.length + 1e-4;
  const mean = rows.reduce((sum, x) => sum + x, 0) / weight;
  const squares = rows.reduce((sum, x) => sum + (x - mean) ** 2, 1e-4 * (1 + mean ** 2));
  return [mean, squares / weight];
}
/** Double precision, some hundred additions in another order. */
const close = (a: number, b: number, what: string) =>
  assert.ok(Math.abs(a - b) <= 1e-11 * Math.max(1, Math.abs(b)), `${what}: ${a} ${b}`);

describe('RunningStatistics', () => {
  it('merge batches of rows as if all had been there at once, and leave out what has no flag', () => {
    const statistics = new RunningStatistics(1);
    const seen: number[] = [];
    for (let batch = 0; batch < 30; batch++) {
      const rows = Float64Array.from(items, (i) => 1e3 + Math.sin(batch * 7 + i) * (i + 1));
      const flags = Uint8Array.from(items, (i) => ((batch + i) % 3 === 0 ? 0 : 1));
      rows.forEach((x, i) => void (flags[i] && seen.push(x)));
      statistics.add(rows, flags);
    }
    const [mean, variance] = moments(seen);
    close(statistics.mean[0], mean, 'mean');
    // The spread is a thousandth of the mean, whose square is what is subtracted.
    assert.ok(Math.abs(statistics.variance[0] - variance) < 1e-9 * variance + 1e-9);
    close(statistics.count, seen.length + 1e-4, 'count');
    const version = statistics.version;
    statistics.add(new Float64Array(4), new Uint8Array(4));
    assert.equal(statistics.version, version, 'no row, no change');
  });

  it('go on from a saved state, and refuse what is none', () => {
    const one = new RunningStatistics(2);
    one.add(Float32Array.of(1, 2, 3, 5), Uint8Array.of(1, 1));
    const saved = one.saveState();
    const two = new RunningStatistics(2);
    two.loadState(saved);
    for (const each of [one, two]) each.add(Float32Array.of(7, -1), Uint8Array.of(1));
    assert.deepEqual(two.saveState(), one.saveState());
    assert.deepEqual(saved.count, Float64Array.of(2 + 1e-4), 'a copy');
    for (const bad of [
      undefined,
      {},
      { ...saved, mean: new Float64Array(3) },
      { ...saved, mean: [0, 0] },
      { ...saved, mean: Float64Array.of(0, Number.NaN) },
      { ...saved, variance: Float64Array.of(1, -1) },
      { ...saved, count: Float64Array.of(0) },
    ]) {
      assert.throws(() => two.loadState(bad as typeof saved), { code: 'ERR_ARGUMENT' });
    }
    assert.deepEqual(two.saveState(), one.saveState(), 'a refused state changes nothing');
  });
});

describe('normalizeObservations', () => {
  it('adds what a reset or a step brings, then shows (o - mean) / sqrt(variance + epsilon), clipped', () => {
    const settings = { maxEpisodeSteps: 20, end: 3 };
    const raw = toy(settings).make(SLOTS);
    const factory = normalizeObservations(toy(settings), { epsilon: 0.01, clip: 1.5 });
    const env = factory.make(SLOTS);
    const seen: number[][] = [[], []];
    const look = (slots: number[]) => {
      for (const slot of slots) for (const i of [0, 1]) seen[i].push(raw.observations[2 * slot + i]);
      const all = seen.map(moments);
      for (const i of [0, 1]) {
        close(factory.statistics.mean[i], all[i][0], 'mean');
        close(factory.statistics.variance[i], all[i][1], 'variance');
        for (const slot of slots) {
          const whole = (raw.observations[2 * slot + i] - all[i][0]) / Math.sqrt(all[i][1] + 0.01);
          const clipped = Math.max(-1.5, Math.min(1.5, whole));
          // Single precision.
          assert.ok(Math.abs(env.observations[2 * slot + i] - clipped) < 1e-6);
          reached ||= Math.abs(whole) > 1.5;
        }
      }
    };
    let reached = false;
    for (const each of [raw, env]) each.reset();
    look(items);
    const actions = new Float32Array(SLOTS);
    let frozen = 0;
    for (let t = 0; t < 120; t++) {
      const running = items.filter((slot) => !raw.terminated[slot] && !raw.truncated[slot]);
      frozen += SLOTS - running.length;
      fillActions(env, actions, t, items);
      for (const each of [raw, env]) each.step(actions);
      look(running);
      assert.deepEqual(env.rewards, raw.rewards);
      const ended = items.filter((slot) => raw.terminated[slot] || raw.truncated[slot]);
      if (t % 4 !== 0 || ended.length === 0) continue;
      for (const each of [raw, env]) each.reset(ended);
      look(ended);
    }
    assert.ok(reached && frozen > 20, 'clipped some, and left frozen slots out');
  });

  it('has bounds and no fixed scaling in its specification, and keeps the hash lazy and different', () => {
    const { spec } = normalizeObservations(toy({ bytes: true }), { clip: 5 });
    assert.deepEqual([spec.observationSpace.dtype, ...spec.observationSpace.high], ['float32', 5, 5]);
    assert.equal(spec.observationScaling, null);
    assert.notEqual(spec.modelHash, toy({ bytes: true }).spec.modelHash);
    assert.equal(spec.modelHash, normalizeObservations(toy({ bytes: true }), { clip: 5 }).spec.modelHash);
    const touchy = {
      ...toy(),
      spec: Object.defineProperty({ ...toy().spec }, 'modelHash', { get: () => assert.fail() }),
    };
    normalizeObservations(touchy as EnvFactory);
  });
});

describe('normalizeRewards', () => {
  it('divides by the deviation of the discounted return of running slots, which a new episode begins at 0', () => {
    const settings = { maxEpisodeSteps: 15, end: 3 };
    const raw = toy(settings).make(SLOTS);
    const factory = normalizeRewards(toy(settings), { epsilon: 0.1, clip: 1.2, discount: 0.9 });
    const env = factory.make(SLOTS);
    for (const each of [raw, env]) each.reset();
    const returns = [0, 0, 0, 0];
    const seen: number[] = [];
    const actions = new Float32Array(SLOTS);
    let clipped = 0;
    for (let t = 0; t < 100; t++) {
      const running = items.filter((slot) => !raw.terminated[slot] && !raw.truncated[slot]);
      fillActions(env, actions, t, items);
      for (const each of [raw, env]) each.step(actions);
      for (const slot of running) {
        returns[slot] = 0.9 * returns[slot] + raw.rewards[slot];
        seen.push(returns[slot]);
      }
      const deviation = Math.sqrt(moments(seen)[1] + 0.1);
      for (const slot of items) {
        const whole = raw.rewards[slot] / deviation;
        if (Math.abs(whole) > 1.2) clipped += 1;
        close(env.rewards[slot], Math.max(-1.2, Math.min(1.2, whole)), `reward of ${slot} at ${t}`);
        if (!running.includes(slot)) assert.equal(env.rewards[slot], 0);
      }
      const ended = items.filter((slot) => raw.terminated[slot] || raw.truncated[slot]);
      if (t % 4 !== 0 || ended.length === 0) continue;
      for (const each of [raw, env]) each.reset(ended);
      for (const slot of ended) {
        returns[slot] = 0;
        assert.equal(env.rewards[slot], 0);
      }
    }
    assert.ok(clipped > 0 && clipped < 300);
    assert.deepEqual(env.observations, raw.observations);
  });

  it('keeps the rewards of the environment beside its own, through wrappers, and episodes count those', async () => {
    const settings = { maxEpisodeSteps: 15, end: 3 };
    const raw = toy(settings).make(SLOTS);
    const factory = frameStack(clipRewards(normalizeRewards(toy(settings)), { low: -0.1, high: 0.1 }), 2);
    const env = factory.make(SLOTS);
    for (const each of [raw, env]) each.reset();
    const actions = new Float32Array(SLOTS);
    const play = (from: number, count: number) => {
      for (let t = from; t < from + count; t++) {
        fillActions(env, actions, t, items);
        for (const each of [raw, env]) each.step(actions);
        assert.deepEqual(env.rawRewards, raw.rewards);
      }
    };
    play(0, 5);
    assert.notDeepEqual(env.rewards, env.rawRewards);
    const saved = env.snapshot();
    const now = env.rawRewards!.slice();
    play(5, 4);
    env.restore(saved, items);
    assert.deepEqual(env.rawRewards, now);

    // The same policy on both environments: the same episodes, so the same returns.
    const spec = policySpecFor(factory.spec);
    const theta = initialPolicyParameters(spec, 1).fill(0);
    const { returns } = await evaluatePolicy({ spec, theta }, freezeStatistics(factory), { episodes: 6 });
    const plain = policySpecFor(raw.spec);
    const zero = initialPolicyParameters(plain, 1).fill(0);
    const { returns: expected } = await evaluatePolicy({ spec: plain, theta: zero }, toy(settings), { episodes: 6 });
    assert.deepEqual(returns, expected);
  });
});

describe('statistics of a factory', () => {
  const both = () => {
    const observations = normalizeObservations(toy({ end: 3, maxEpisodeSteps: 30 }));
    return { observations, rewards: normalizeRewards(observations) };
  };

  it('are the same for all its environments, and the same bytes whatever the threads', () => {
    const results = [1, 2].map((threads) => {
      const { observations, rewards } = both();
      const envs = [1, 2].map(() => rewards.make(SLOTS, { threads }));
      for (const env of envs) env.reset();
      const rows = envs.map((env, i) => runAll(env, 50, 100 * i));
      assert.ok(Math.abs(observations.statistics.count - 2 * rewards.statistics.count) < observations.statistics.count);
      return [rows, observations.statistics.saveState(), rewards.statistics.saveState()];
    });
    assert.deepEqual(results[1], results[0]);
    assert.notDeepEqual((results[0][0] as unknown[])[0], (results[0][0] as unknown[])[1]);
  });

  it('stay as they are in frozen environments, which see those of the moment, through all wrappers', () => {
    const { observations, rewards } = both();
    const training = rewards.make(SLOTS);
    training.reset();
    runAll(training, 30);
    const evaluation = freezeStatistics(rewards);
    assert.deepEqual(evaluation.spec.modelHash, rewards.spec.modelHash);
    const states = () => [observations.statistics.saveState(), rewards.statistics.saveState()];
    const before = states();
    const env = evaluation.make(SLOTS);
    env.reset();
    const first = runAll(env, 30);
    assert.deepEqual(states(), before);
    runAll(training, 30, 30);
    assert.notDeepEqual(states(), before);
    env.reset();
    assert.notDeepEqual(runAll(env, 30), first, 'what training has learnt is seen');
    observations.statistics.frozen = rewards.statistics.frozen = true;
    const rest = states();
    runAll(training, 10, 60);
    assert.deepEqual(states(), rest, 'frozen by hand');
  });

  it('are not turned back by a restore; the discounted return is', () => {
    const { observations, rewards } = both();
    const env = rewards.make(SLOTS);
    env.reset();
    runAll(env, 7);
    const saved = env.snapshot();
    assert.ok(Object.keys(saved.parts).includes('normalizeRewards2.returns'));
    const count = observations.statistics.count;
    runAll(env, 20, 7);
    const later = observations.statistics.count;
    assert.ok(later > count);
    env.restore(saved, items);
    assert.equal(observations.statistics.count, later);
    assert.deepEqual(env.snapshot(), saved, 'raw observations and returns are back');
  });

  it('can be saved, loaded and shared by hand', () => {
    const { observations } = both();
    const env = observations.make(SLOTS);
    env.reset();
    runAll(env, 20);
    const statistics = new RunningStatistics(2);
    statistics.loadState(observations.statistics.saveState());
    const again = normalizeObservations(toy({ end: 3, maxEpisodeSteps: 30 }), { statistics });
    assert.equal(again.statistics, statistics);
    const [one, two] = [observations, again].map((factory) => {
      const fresh = freezeStatistics(factory).make(SLOTS);
      fresh.reset();
      return runAll(fresh, 20);
    });
    assert.deepEqual(two, one);
  });

  it('go on after an error of the environment, whose slots show finite numbers', () => {
    const source = toy();
    let broken = false;
    const faulty: EnvFactory = {
      spec: source.spec,
      make(slots, options) {
        const inner = source.make(slots, options);
        const step = inner.step.bind(inner);
        inner.step = (actions) => {
          step(actions);
          if (!broken) return;
          inner.truncate!([0, 1, 2, 3]);
          throw new Error('broken');
        };
        return inner;
      },
    };
    const factory = normalizeRewards(normalizeObservations(faulty));
    const env = factory.make(SLOTS);
    env.reset();
    runAll(env, 5);
    const { count } = factory.statistics;
    broken = true;
    assert.throws(() => runAll(env, 1, 5), /broken/);
    assert.equal(factory.statistics.count, count, 'nothing was added');
    assert.deepEqual([...env.truncated], [1, 1, 1, 1]);
    assert.ok([...env.observations, ...env.rewards].every(Number.isFinite));
    broken = false;
    env.reset();
    runAll(env, 5);
  });

  it('refuse unknown options, and numbers that make no sense', () => {
    const unknown = { code: 'ERR_NOT_FOUND' };
    const wrong = { code: 'ERR_ARGUMENT' };
    assert.throws(() => normalizeObservations(toy(), { epsilom: 1 } as object), { ...unknown, message: /epsilon/ });
    assert.throws(() => normalizeObservations(toy(), { discount: 1 } as object), unknown);
    assert.throws(() => normalizeRewards(toy(), { gamma: 1 } as object), unknown);
    for (const options of [
      { epsilon: 0 },
      { clip: 0 },
      { clip: Number.NaN },
      { clip: '1' },
      { statistics: {} },
      null,
    ]) {
      assert.throws(() => normalizeObservations(toy(), options as object), wrong);
      assert.throws(() => normalizeRewards(toy(), options as object), wrong);
    }
    assert.throws(() => normalizeRewards(toy(), { discount: 1.1 }), wrong);
    assert.throws(() => normalizeRewards(toy(), { statistics: new RunningStatistics(2) }), wrong);
    for (const env of [null, {}, toy().make(1)]) {
      assert.throws(() => normalizeObservations(env as EnvFactory), wrong);
      assert.throws(() => normalizeRewards(env as EnvFactory), wrong);
      assert.throws(() => freezeStatistics(env as EnvFactory), wrong);
    }
    const plain = toy();
    assert.equal(freezeStatistics(plain), plain);
    normalizeObservations(toy(), { clip: Infinity });
  });
});
