import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { registerGymnasium, seedKeys } from '../../../envs/gymnasium/index.js';
import { NumpyGenerator } from '../../../envs/gymnasium/numpy-random.js';
import {
  type EnvSettings,
  getEnv,
  isEnv,
  type NotFoundError,
  packageRoot,
  randomActor,
  recordShapes,
  streamKeys,
} from '../../../src/index.js';

registerGymnasium();

/**
 * From Gymnasium 1.4.0 on MuJoCo 4.0: with `reset(seed=0)` and a first action of `action_space.seed(0)`, components 0 to 2
 * of the first observation, the reward, and component 0 of the next observation.
 */
const known: [id: string, bound: number, first: number[], reward: number, next: number][] = [
  ['Ant-v5', 1, [0.658194704787239, 0.9033055271057058, 0.06265404784005449], -0.7392251848312622, 0.6785530792852322],
  [
    'HalfCheetah-v5',
    1,
    [-0.04604265724722594, -0.09180529521276107, -0.09669447289429418],
    -0.6640397864760585,
    -0.039027376735244416,
  ],
  [
    'Hopper-v5',
    1,
    [1.2476978671376386, -0.0045902647606380536, -0.0048347236447147095],
    0.9719113827690178,
    1.2475326560371502,
  ],
  [
    'Humanoid-v5',
    0.4,
    [1.3908194704787238, 0.9903305527105706, 0.006265404784005448],
    4.8730156099847335,
    1.3893434203361328,
  ],
  [
    'HumanoidStandup-v5',
    0.4,
    [0.09581947047872388, 0.9903305527105706, 0.006265404784005448],
    33.2152415878272,
    0.09769754072851844,
  ],
  [
    'InvertedDoublePendulum-v5',
    1,
    [0.027392337464290872, -0.04602639113157107, -0.09167639046128247],
    9.33706762311113,
    0.04269410126322353,
  ],
  [
    'InvertedPendulum-v5',
    3,
    [0.002739233746429086, -0.004604265724722594, -0.009180529521276107],
    1,
    0.007844418283388385,
  ],
  ['Pusher-v5', 2, [0, 0, 0], -1.9648254398229663, 0.0007346128775609553],
  [
    'Reacher-v5',
    1,
    [0.9996248533822988, 0.9989402240972197, 0.02738891199769833],
    -0.47733546135787874,
    0.9992674067296288,
  ],
  [
    'Swimmer-v5',
    1,
    [-0.09180529521276107, -0.09669447289429418, 0.06265404784005449],
    0.12426479799945579,
    -0.10131870395253893,
  ],
  [
    'Walker2d-v5',
    1,
    [1.2476978671376386, -0.0045902647606380536, -0.0048347236447147095],
    0.8375198819862351,
    1.2474659377084678,
  ],
];
const robots = known.map(([id]) => id);
const classic: [id: string, steps: number, observation: number][] = [
  ['Acrobot-v1', 500, 6],
  ['CartPole-v1', 500, 4],
  ['MountainCarContinuous-v0', 999, 2],
  ['Pendulum-v1', 200, 3],
];

/** The numbers were recorded on x64; MuJoCo's differ in the last bits on other processors. */
function assertRecorded(actual: number, recorded: number, elsewhere = 1e-13): void {
  if (process.arch === 'x64') assert.equal(actual, recorded);
  else assert.ok(Math.abs(actual - recorded) <= elsewhere * Math.max(1, Math.abs(recorded)), `${actual} ${recorded}`);
}

describe('Gymnasium’s environments', () => {
  for (const [id, bound, first, reward, next] of known) {
    it(`${id}: the first step from seed 0`, () => {
      const env = getEnv(id, { seeding: 'numpy', actions: 'control' }).make(1, { threads: 1 });
      env.reset([0], seedKeys([0]));
      assert.deepEqual([...env.observations.subarray(0, 3)], first.map(Math.fround));
      const { low, high } = env.spec.actionSpace as { low: Float32Array; high: Float32Array };
      assert.deepEqual([low[0], high[0]], [-Math.fround(bound), Math.fround(bound)]);
      const draws = new NumpyGenerator(0n);
      env.step(Float32Array.from(low, (from, i) => draws.uniform(from, high[i])));
      assertRecorded(env.rewards[0], reward);
      assertRecorded(env.observations[0], Math.fround(next), 1e-7);
      env.close();
    });
  }

  it('have the sizes and step limits that they have there', () => {
    const sizes = [105, 17, 11, 348, 348, 9, 4, 23, 10, 8, 17];
    const limits = { 'Pusher-v5': 100, 'Reacher-v5': 50 } as Record<string, number>;
    const seconds = [0.05, 0.05, 0.008, 0.015, 0.015, 0.05, 0.04, 0.05, 0.02, 0.04, 0.008];
    for (const [i, id] of robots.entries()) {
      const { spec } = getEnv(id);
      assert.deepEqual(spec.observationSpace.shape, [sizes[i]], id);
      assert.equal(spec.maxEpisodeSteps, limits[id] ?? 1000, id);
      assert.equal(spec.secondsPerStep, seconds[i], id);
      assert.equal(spec.id, id);
    }
    for (const [id, steps, size] of classic) {
      const { spec } = getEnv(id);
      assert.deepEqual([spec.observationSpace.shape, spec.maxEpisodeSteps, spec.id], [[size], steps, id]);
    }
  });

  it('start from the library’s keys unless told otherwise, uniform and normal as there', () => {
    const count = 4000;
    const env = getEnv('HalfCheetah-v5').make(count);
    env.reset(undefined, streamKeys(5, 1, 0, 0, count));
    const column = (i: number) => Array.from({ length: count }, (_, slot) => env.readState!(slot)[i]);
    const deviation = (values: number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / count);
    for (let i = 0; i < 18; i++) {
      const values = column(i);
      const usual = i < 9 ? 0.1 / Math.sqrt(3) : 0.1;
      // Five standard errors.
      assert.ok(Math.abs(deviation(values) / usual - 1) < 5 / Math.sqrt((i < 9 ? 5 : 2) * count), `${i}`);
      assert.ok(Math.abs(values.reduce((sum, x) => sum + x, 0) / count) < (5 * usual) / Math.sqrt(count), `${i}`);
      if (i < 9) assert.ok(Math.max(...values.map(Math.abs)) <= 0.1);
    }
    const one = env.readState!(7);
    env.reset([0], streamKeys(5, 1, 0, 7, 1));
    assert.deepEqual(env.readState!(0), one);
    env.close();
  });

  it('put goals and objects where the tasks say', () => {
    for (const [id, seeding] of [
      ['Reacher-v5', 'keys'],
      ['Pusher-v5', 'keys'],
      ['Reacher-v5', 'numpy'],
    ] as const) {
      const env = getEnv(id, { seeding }).make(500);
      env.reset(undefined, streamKeys(1, 1, 0, 0, 500));
      const from = id === 'Reacher-v5' ? 2 : 7;
      const lengths = Array.from({ length: 500 }, (_, slot) =>
        Math.hypot(...env.readState!(slot).subarray(from, from + 2)),
      );
      if (from === 2)
        assert.ok(Math.max(...lengths) < 0.2 && Math.max(...lengths) > 0.19 && Math.min(...lengths) < 0.03);
      else assert.ok(Math.min(...lengths) > 0.17 && Math.min(...lengths) < 0.18 && Math.max(...lengths) > 0.3);
      env.close();
    }
  });

  it('refuse options of other environments, and values that mean nothing', () => {
    const unknown = (id: string, settings: Record<string, number | boolean>, hint: RegExp) =>
      assert.throws(() => getEnv(id, settings), { code: 'ERR_NOT_FOUND', message: new RegExp(id), hint });
    unknown('Hopper-v5', { healthyRewards: 1 }, /"healthyReward"/);
    assert.throws(() => getEnv('Swimmer-v5', { terminateWhenUnhealthy: true }), { code: 'ERR_NOT_FOUND' });
    assert.throws(() => getEnv('CartPole-v1', { g: 9 }), { code: 'ERR_NOT_FOUND' });
    assert.throws(() => getEnv('HalfCheetah-v5', { healthyReward: 1 }), { code: 'ERR_NOT_FOUND' });
    const wrong: [string, Record<string, unknown>, RegExp][] = [
      ['Ant-v5', { healthyZRange: [1, 0.2] }, /healthyZRange.*1 … 0.2/],
      ['Ant-v5', { healthyZRange: 0.2 }, /a list of 2 finite numbers/],
      ['Ant-v5', { resetNoiseScale: -1 }, /resetNoiseScale/],
      ['Ant-v5', { seeding: 'python' }, /keys or numpy/],
      ['Pendulum-v1', { seeding: 'python' }, /keys or numpy/],
      ['Ant-v5', { actions: 'raw' }, /normalised or control/],
      ['Ant-v5', { frameSkip: 0 }, /substeps/],
      ['Ant-v5', { frameSkip: 2.5 }, /substeps/],
      ['Hopper-v5', { maxEpisodeSteps: 0 }, /maxEpisodeSteps/],
      ['Hopper-v5', { terminateWhenUnhealthy: 1 }, /boolean/],
    ];
    for (const [id, settings, message] of wrong) {
      assert.throws(() => getEnv(id, settings as never), { code: 'ERR_ARGUMENT', message });
    }
    assert.throws(() => getEnv('Hopper-v5', { xmlFile: '/nowhere.xml' }), { code: 'ERR_MODEL' });
    assert.throws(() => getEnv('Ant-v5', { mainBody: 'torzo' }).make(1), { code: 'ERR_NOT_FOUND', hint: /torso/ });
  });

  it('say which versions there are, and names that are near', () => {
    const expected = (id: string, text: string) =>
      assert.throws(
        () => getEnv(id),
        (error: NotFoundError) => error.expected === text,
      );
    expected('Hopper-v4', 'a version that there is: Hopper-v5');
    expected('pendulum-v0', 'a version that there is: Pendulum-v1');
    assert.throws(() => getEnv('Hoper-v5'), { code: 'ERR_NOT_FOUND', hint: /"Hopper-v5"/ });
    assert.throws(() => getEnv('Walker-v5'), { code: 'ERR_NOT_FOUND', hint: /"Walker2d-v5"/ });
    assert.ok(isEnv('halfcheetah-v5'));
  });

  it('take another robot from a file', () => {
    const xmlFile = join(packageRoot(), 'envs', 'gymnasium', 'models', 'walker2d.xml');
    const env = getEnv('HalfCheetah-v5', { xmlFile, frameSkip: 4, actions: 'control' }).make(1);
    assert.equal(env.spec.secondsPerStep, 0.008);
    assert.equal(env.spec.observationSpace.shape[0], 17);
    env.reset();
    assert.ok(env.observations[0] > 1);
    env.close();
    const folder = mkdtempSync(join(tmpdir(), 'trellis-robot-'));
    const copy = join(folder, 'robot.xml');
    copyFileSync(xmlFile, copy);
    const hash = (settings: EnvSettings) => getEnv('HalfCheetah-v5', { frameSkip: 4, ...settings }).spec.modelHash;
    assert.equal(hash({ xmlFile: copy }), hash({ xmlFile }), 'wherever the file lies');
    rmSync(folder, { recursive: true });
  });

  for (const id of [...robots, ...classic.map(([name]) => name)]) {
    it(`${id} can be drawn`, async () => {
      const factory = getEnv(id);
      const recording = await recordShapes(factory, randomActor(factory, 1), { title: id, seconds: 0.2, seed: 1 });
      assert.ok(recording.shapes.length >= 2 && recording.poses.every(Number.isFinite));
      const size = recording.poses.length / recording.focus.length;
      assert.ok(recording.poses.subarray(0, size).some((x, i) => x !== recording.poses[size + i]));
    });
  }
});
