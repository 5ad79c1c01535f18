import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { writeFigure1 } from '../../paper/figures/figure1.js';
import { writeFigure2 } from '../../paper/figures/figure2.js';
import { streamKeys } from '../../src/base/random.js';
import { defineEnv } from '../../src/env/define-env.js';
import { box } from '../../src/env/spaces.js';
import { type PointOf, traceEnvs } from '../../src/report/traced-env.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-figures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const position: PointOf = ({ parts }, row) => [
  (parts.elapsed as Int32Array)[row],
  (parts.state as Float64Array)[4 * row],
];

test('a traced environment behaves as the plain one and knows every path, restored ones too', () => {
  const { factory, traces } = traceEnvs(cartpole({ maxEpisodeSteps: 5 }), position);
  const [traced, plain] = [factory.make(2), cartpole({ maxEpisodeSteps: 5 }).make(3)];
  const keys = streamKeys(3, 1, 0, 0, 2);
  traced.reset([0, 1], keys);
  plain.reset([0, 1], keys);
  for (let t = 0; t < 3; t++) {
    traced.step(Float32Array.of(0.5, -0.5));
    plain.step(Float32Array.of(0.5, -0.5, 0));
  }
  assert.deepEqual([...traced.observations], [...plain.observations.subarray(0, 8)]);
  traced.restore(traced.snapshot([0]), [1]);
  for (let t = 0; t < 4; t++) traced.step(Float32Array.of(0, 0));
  const [paths] = traces;
  assert.deepEqual(
    paths!.map(({ slot, restored, points }) => [slot, restored, points.length]),
    [
      [0, false, 6],
      [1, false, 4],
      [1, true, 3],
    ],
  );
  assert.deepEqual(paths![2].points[0], paths![0].points[3]);
  assert.equal(paths![0].points[5][0], 5);
  assert.equal(traced.truncated[0], 1);
});

test('a traced environment passes on what else the plain one has', () => {
  const definition = defineEnv({
    id: 'told',
    parameters: {},
    stateSize: 1,
    observation: 1,
    action: box([1], -1, 1),
    maxEpisodeSteps: 5,
    secondsPerStep: 1,
    start(state, at) {
      state[at] = 1;
    },
    step({ state }, first, end) {
      for (let i = first; i < end; i++) state[i] += 1;
    },
  });
  const info = { score: new Int32Array(2) };
  const told = { spec: definition.spec, make: (slots: number) => Object.assign(definition.make(slots), { info }) };
  const { factory, traces } = traceEnvs(told, ({ parts }, row) => [0, (parts.state as Float64Array)[row]]);
  const env = factory.make(2);
  env.reset();
  env.step(new Float32Array(2));
  assert.equal(env.info, info);
  assert.deepEqual([...env.readState!(1)], [2]);
  env.truncate!([1]);
  env.step(new Float32Array(2));
  assert.deepEqual([...env.truncated], [0, 1]);
  assert.deepEqual(
    traces[0].map(({ points }) => points.map(([, x]) => x)),
    [
      [1, 2, 3],
      [1, 2],
    ],
  );
  const plain = definition.make(1);
  plain.restore(env.snapshot([0]), [0]);
  assert.deepEqual([...plain.readState!(0)], [3]);
});

test('Figure 1 is drawn from batches of both samplers', async () => {
  const [svg, png] = await writeFigure1(cartpole(), folder);
  const text = readFileSync(svg!, 'utf8');
  assert.match(text, /Single path: every state-action pair is used/);
  assert.match(text, /Vine: 4 branches from each state of the rollout set/);
  // Three trajectories, three trunks and 7 × 4 branches.
  assert.equal(text.match(/aria-roledescription="line mark"/g)?.length, 3 + 3 + 28);
  assert.ok(readFileSync(png!).length > 20_000);
});

test('Figure 2 shows a robot a picture', async () => {
  const [svg] = await writeFigure2({ Swimmer: swimmer() }, folder);
  const text = readFileSync(svg!, 'utf8');
  assert.equal(text.match(/<line /g)?.length, 2 * 3);
  assert.match(text, />Swimmer</);
});
