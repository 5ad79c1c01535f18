import {
  discountedQ,
  type EnvFactory,
  Policy,
  type PolicySpec,
  SinglePathSampler,
  VineSampler,
  writeAllAtomic,
} from '../../src/index.js';
import {
  CHART_CONFIG,
  type PointOf,
  renderSvg,
  svgToPng,
  type TopLevelSpec,
  type TracedPath,
  traceEnvs,
} from '../../src/report/index.js';

/** Sizes of the picture: few enough lines to follow each. */
const TRUNKS = 3;
const STEPS = 100;
const STATES = 7;
const ACTIONS = 4;
const LENGTH = 28;

/** A balancing policy in the cart-pole's scaled inputs: position, velocity, angle, angular velocity, bias, log std. */
const BALANCE = Float32Array.of(0.24, 0.8, 0.8, 4, 0, Math.log(0.5));

/**
 * Figure 1, from real batches on the cart-pole: left the trajectories of the single-path sampler with every state used,
 * right the vine sampler's trunks, its rollout set and the branches from it. Position of the cart against time.
 * @param cartpole the cart-pole with episodes of any length of at least 100 steps
 * @returns the paths of figure1.svg and figure1.png
 */
export async function writeFigure1(cartpole: EnvFactory, out: string): Promise<string[]> {
  const spec: PolicySpec = {
    network: {
      inputShape: [4],
      inputType: 'float32',
      inputScaling: cartpole.spec.observationScaling,
      layers: [{ kind: 'dense', units: 1, activation: 'linear' }],
      stateIndependentOutputs: 1,
    },
    distribution: { kind: 'gaussian', dimensions: 1 },
  };
  const policy = await Policy.create({ spec, theta: BALANCE }, 'native', { threads: 1 });
  try {
    const { secondsPerStep } = cartpole.spec;
    const point: PointOf = ({ parts }, row) => [
      (parts.elapsed as Int32Array)[row] * secondsPerStep,
      (parts.state as Float64Array)[4 * row],
    ];
    const request = { seed: 5, iteration: 0 };
    const single = traceEnvs(cartpole, point);
    const paths = { steps: TRUNKS * STEPS, slots: TRUNKS, cutAtBudget: true };
    const singlePath = new SinglePathSampler(single.factory, policy, paths, 1);
    await singlePath.sample(request);
    singlePath.close();
    const vine = traceEnvs(cartpole, point);
    const sampling = { trunks: TRUNKS, trunkSteps: TRUNKS * STEPS, cutAtBudget: true, rolloutStates: STATES };
    const branching = {
      actionsPerState: ACTIONS,
      rolloutLength: LENGTH,
      firstActions: 'policy',
      commonNoise: true,
    } as const;
    const sampler = new VineSampler(vine.factory, policy, { ...sampling, ...branching }, discountedQ(0.99), 1);
    await sampler.sample(request);
    sampler.close();
    return await draw(single.traces.flat(), vine.traces.flat(), out);
  } finally {
    policy.close();
  }
}

async function draw(single: readonly TracedPath[], vine: readonly TracedPath[], out: string): Promise<string[]> {
  const trunks = vine.filter(({ restored }) => !restored);
  const branches = vine.filter(({ restored }) => restored);
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    hconcat: [
      panel('Single path: every state-action pair is used', [
        lines(single, '#777', 1.5),
        dots(
          single.flatMap(({ points }) => points.filter((_, i) => i % 3 === 0)),
          '#1f3fbf',
          12,
        ),
      ]),
      panel(`Vine: ${ACTIONS} branches from each state of the rollout set`, [
        lines(trunks, '#777', 1.5),
        lines(branches, '#d62728', 0.9),
        dots(
          branches.map(({ points }) => points[0]),
          '#000',
          55,
        ),
      ]),
    ],
    spacing: 40,
    resolve: { scale: { x: 'shared', y: 'shared' } },
    config: CHART_CONFIG,
  } as unknown as TopLevelSpec;
  const svg = await renderSvg(spec);
  return writeAllAtomic(out, { 'figure1.svg': svg, 'figure1.png': await svgToPng(svg) });
}

const encoding = {
  x: { field: 'x', type: 'quantitative', title: 'time (s)', scale: { nice: false } },
  y: { field: 'y', type: 'quantitative', title: 'position of the cart (m)', scale: { zero: false } },
};

function panel(title: string, layer: readonly object[]): object {
  return { title, width: 420, height: 280, layer };
}

function lines(paths: readonly TracedPath[], color: string, strokeWidth: number): object {
  const values = paths.flatMap(({ points }, path) => points.map(([x, y], order) => ({ x, y, path, order })));
  return {
    data: { values },
    mark: { type: 'line', color, strokeWidth },
    encoding: { ...encoding, detail: { field: 'path' }, order: { field: 'order' } },
  };
}

function dots(points: readonly (readonly [number, number])[], fill: string, size: number): object {
  const values = points.map(([x, y]) => ({ x, y }));
  return { data: { values }, mark: { type: 'point', filled: true, fill, size, opacity: 1 }, encoding };
}
