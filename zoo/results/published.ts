import type { ZooMethod } from '../cells.js';

/**
 * Returns at a million steps that were published for the tasks' version 3, older than these (another simulator's version,
 * other observations of Ant): TRPO and PPO of Stable-Baselines3 and sb3-contrib with the zoo's settings; PPO's are the
 * most of a run while training, over 3 seeds.
 */
export const PUBLISHED: Readonly<Record<ZooMethod, Readonly<Record<string, number>>>> = {
  'trpo-gae': {
    'hopper-v5': 3372,
    'walker2d-v5': 4502,
    'swimmer-v5': 359,
    'halfcheetah-v5': 1803,
    'ant-v5': 3554,
  },
  ppo: { 'hopper-v5': 2609, 'walker2d-v5': 3589, 'halfcheetah-v5': 5784, 'ant-v5': 3258 },
};

/** What a score of 1 stands for in figures over several tasks: TRPO's published return. */
export function normalisedScore(task: string, score: number): number {
  return score / PUBLISHED['trpo-gae'][task];
}
