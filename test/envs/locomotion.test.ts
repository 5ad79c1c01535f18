import { hopper } from '../../envs/mujoco/hopper.js';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { walker } from '../../envs/mujoco/walker.js';
import { environmentConformance } from '../env/conformance.js';

environmentConformance('swimmer', swimmer(), {
  short: swimmer({ maxEpisodeSteps: 5 }),
  other: swimmer({ controlCost: 1e-8 }),
});
environmentConformance('hopper', hopper(), {
  short: hopper({ maxEpisodeSteps: 5 }),
  other: hopper({ armature: 1 }),
});
environmentConformance('walker', walker(), {
  short: walker({ maxEpisodeSteps: 5 }),
  other: walker({ damping: 1 }),
});
