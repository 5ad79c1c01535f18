import type { MujocoFunctions, MujocoModel } from '../../src/index.js';
import { ChainOfLinks } from './links.js';

const COORDINATES = 5;

/**
 * The swimmer's start and reward.
 * @param velocity whose x velocity is rewarded
 */
export function swimmerFunctions(
  controlCost: number,
  velocity: 'mass' | 'root',
): (model: MujocoModel) => MujocoFunctions {
  return (model) => {
    const links = velocity === 'mass' ? new ChainOfLinks(model) : null;
    return {
      start(qpos, qvel, draw) {
        for (let i = 0; i < COORDINATES; i++) {
          qpos[i] = 0.2 * (2 * draw(i) - 1);
          qvel[i] = 0.2 * (2 * draw(COORDINATES + i) - 1);
        }
      },
      before({ qpos, qvel, control, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) {
          const q = slot * qpos.stride;
          const v = slot * qvel.stride;
          const swing = links === null ? 0 : links.massVelocity(qpos.data, q, qvel.data, v);
          const at = slot * control.stride;
          const effort = control.data[at] * control.data[at] + control.data[at + 1] * control.data[at + 1];
          rewards[slot] = qvel.data[v] + swing - controlCost * effort;
        }
      },
      reward() {},
    };
  };
}
