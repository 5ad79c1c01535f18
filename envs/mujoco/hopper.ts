import { ArgumentError, defineMujocoEnv, type EnvFactory, type EnvSettings, resolveSettings } from '../../src/index.js';
import { robotColumns, robotFunctions, robotInputs, type StartPose } from './locomotion.js';
import { modelText, robotModel } from './model-text.js';
import { scaling } from './scaling.js';

/** Settings of `hopper` and their defaults; docs/fidelity.md says where they come from. */
export const hopperDefaults = {
  armature: 0.05,
  damping: 0.4,
  aliveReward: 1,
  controlCost: 1e-5,
  impactCost: 0,
  impactCap: 10,
  maxEpisodeSteps: 1000,
  /** Pose that episodes start around: one of `hopperStarts`. */
  start: 'upright',
  /** Length of the foot as a share of today's 0.39 m, to either side of the ankle. */
  foot: 1,
};

/**
 * Poses to start around. upright: standing 1.25 m high. flight: in mid-hop, 0.2 m higher, knee and ankle slightly bent, 1 m/s
 * forward. flexed: on the ground with a bent knee, leaning back over the foot, 1 m/s forward. Angles: pitch, hip, knee,
 * ankle.
 */
export const hopperStarts: Readonly<Record<string, StartPose>> = {
  upright: { positions: [0, 1.25], velocities: [] },
  flight: { positions: [0, 1.45, -0.15, 0, -0.3, 0.15], velocities: [1] },
  flexed: { positions: [0, 1.15, -0.3, 0, -0.6, 0.3], velocities: [1] },
};

const COORDINATES = 6;
const BODIES = 4;
const CONTROLS = 3;
const SECONDS = 0.02;
/** The foot in the model file: its ends from the ankle, m. */
const FOOT = [-0.13, 0.26] as const;

/**
 * The paper's hopper, 50 Hz, torques of ±15, ±60, ±70 N m at hip, knee and ankle. 41 inputs: height, pitch, three joint
 * angles and the six velocities (11); for torso, thigh, shank and foot the centre's x from the root, z, vx, vz, pitch
 * and pitch rate (24); six joint-space constraint forces of the step just made. Reward: velocity of the centre of mass
 * + 1 - 1e-5 ‖u‖²; 0 and the end outside of height (0.8, 2) m, pitch (-1, 1) rad.
 */
export function hopper(settings?: EnvSettings): EnvFactory {
  const resolved = resolveSettings('hopper', hopperDefaults, settings);
  const { start, foot, ...options } = resolved;
  const pose = hopperStarts[start];
  if (pose === undefined) {
    const expected = `one of ${Object.keys(hopperStarts).join(', ')}`;
    throw new ArgumentError(`setting "start" of "hopper" is ${start}`, { value: start, expected });
  }
  if (!(foot > 0 && foot <= 1.5)) {
    throw new ArgumentError(`setting "foot" of "hopper" is ${foot}`, {
      value: foot,
      expected: 'a share within (0, 1.5]',
    });
  }
  // What is as in the paper's preset is left out: policies of before these settings name the same environment.
  const variant = { ...(start === 'upright' ? {} : { start }), ...(foot === 1 ? {} : { foot }) };
  return defineMujocoEnv({
    id: 'hopper',
    model: robotModel('hopper', options, hopperDefaults, withFoot(modelText('hopper'), foot)),
    parameters: { options: { ...options, ...variant }, revision: 1 },
    actuators: CONTROLS,
    secondsPerStep: SECONDS,
    observation: robotInputs(BODIES, COORDINATES),
    observationScaling: scaling('hopper'),
    maxEpisodeSteps: options.maxEpisodeSteps,
    kernel: 'planar',
    fast: true,
    gather: robotColumns,
    outputs: ['qfrc_constraint', 'planar_center'],
    // No step was made yet: no forces.
    startStage: 'none',
    memory: { motion: 2 },
    functions: robotFunctions(options, COORDINATES, CONTROLS, SECONDS, pose),
    portable: {
      module: new URL('./locomotion.js', import.meta.url).href,
      name: 'robotFunctions',
      arguments: [options, COORDINATES, CONTROLS, SECONDS, pose],
    },
  });
}

/** The model's text with another foot. */
function withFoot(xml: string, share: number): string {
  const ends = (scale: number) => `fromto="${FOOT[0] * scale} 0 0 ${FOOT[1] * scale} 0 0"`;
  return share === 1 ? xml : xml.replace(ends(1), ends(share));
}
