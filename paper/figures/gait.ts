import { getEnv, loadPolicy, type Settings } from '../../src/index.js';
import { readRun } from '../../src/report/index.js';

/** How a robot moves under a trained policy that draws its actions. */
export interface Gait {
  /** Mean over steps of the centre of mass's velocity, m/s. */
  readonly speed: number;
  /** Share of the steps in which the ground pushes. */
  readonly on_ground: number;
  /** Mean steps until the fall or the limit. */
  readonly length: number;
}

const EPISODES = 20;
/** Force (N) below which a contact does not carry. */
const LEAST_FORCE = 1;

/**
 * Plays fresh episodes of a hopper's or walker's run and looks at its feet. The vertical joint-space constraint force of
 * the root is the sum of what the ground pushes with, since joint limits act on their joints alone.
 * @param directory of the run
 * @param coordinates of the robot: its last inputs are so many forces, x and z first
 */
export async function measureGait(directory: string, coordinates: number): Promise<Gait> {
  const { id, settings } = readRun(directory).config.environment as { id: string; settings: Settings };
  const rewards = { aliveReward: 0, controlCost: 0, impactCost: 0 };
  const env = getEnv(id, { ...(settings as Record<string, number>), ...rewards }).make(EPISODES, { threads: 1 });
  const policy = await loadPolicy(directory);
  try {
    env.reset();
    const inputs = env.observations.length / EPISODES;
    const running = new Array<boolean>(EPISODES).fill(true);
    let [steps, distance, carried] = [0, 0, 0];
    while (running.includes(true)) {
      env.step(await policy.act(env.observations));
      for (let slot = 0; slot < EPISODES; slot++) {
        if (!running[slot]) continue;
        steps++;
        // Only the velocity is paid for here.
        distance += env.rewards[slot];
        if (env.observations[(slot + 1) * inputs - coordinates + 1] > LEAST_FORCE) carried++;
        running[slot] = env.terminated[slot] === 0 && env.truncated[slot] === 0;
      }
    }
    return { speed: distance / steps, on_ground: carried / steps, length: steps / EPISODES };
  } finally {
    env.close();
    policy.close();
  }
}
