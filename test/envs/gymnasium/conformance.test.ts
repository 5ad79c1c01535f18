import { registerGymnasium } from '../../../envs/gymnasium/index.js';
import { getEnv } from '../../../src/index.js';
import { environmentConformance } from '../../env/conformance.js';

registerGymnasium();

/** One of each way in which they are made, and a setting that changes what a snapshot means. */
const kinds: [id: string, settings: Record<string, number>, other: Record<string, number>][] = [
  ['Hopper-v5', { frameSkip: 1 }, { ctrlCostWeight: 0.5 }],
  ['Ant-v5', { frameSkip: 1 }, { healthyReward: 2 }],
  ['InvertedDoublePendulum-v5', { frameSkip: 1 }, { healthyReward: 2 }],
  ['Reacher-v5', { frameSkip: 1 }, { rewardDistWeight: 2 }],
  ['Acrobot-v1', {}, { maxEpisodeSteps: 30 }],
  ['MountainCarContinuous-v0', {}, { goalVelocity: 0.01 }],
  ['Pendulum-v1', {}, { g: 9 }],
];

for (const [id, settings, other] of kinds) {
  const long = { ...settings, maxEpisodeSteps: 60 };
  environmentConformance(id, getEnv(id, long), {
    short: getEnv(id, { ...settings, maxEpisodeSteps: 5 }),
    other: getEnv(id, { ...long, ...other }),
    steps: 12,
  });
}
