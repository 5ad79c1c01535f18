import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { registerGymnasium } from '../../envs/gymnasium/index.js';
import { getEnv, type MujocoEnvFactory, MujocoModel, packageRoot } from '../../src/index.js';
import { replay, theirs } from './gymnasium-oracle.js';

// Every environment against Gymnasium 1.4 on the same MuJoCo.
registerGymnasium();
const STEPS = 1000;

/** The bound of the actions; `double`: its control cost is of double precision whatever the actions are. */
const tasks: { id: string; bound: number; double?: boolean; rounded?: boolean }[] = [
  { id: 'Ant-v5', bound: 1 },
  { id: 'HalfCheetah-v5', bound: 1 },
  { id: 'Hopper-v5', bound: 1 },
  { id: 'Humanoid-v5', bound: 0.4, double: true },
  { id: 'HumanoidStandup-v5', bound: 0.4, double: true },
  // Its squares are the C library's pow, which may differ from a product in the last bit.
  { id: 'InvertedDoublePendulum-v5', bound: 1, rounded: true },
  { id: 'InvertedPendulum-v5', bound: 3, double: true },
  { id: 'Pusher-v5', bound: 2 },
  { id: 'Reacher-v5', bound: 1 },
  { id: 'Swimmer-v5', bound: 1 },
  { id: 'Walker2d-v5', bound: 1 },
];

const plain = { steps: STEPS, options: {} };

describe('Gymnasium’s environments on MuJoCo', () => {
  for (const { id, bound, double = false, rounded = false } of tasks) {
    it(`${id}: ${STEPS} steps in its own action space, some actions outside of it`, () => {
      const task = { ...plain, id, seed: 40, reach: 1.3 * bound, scale: 1, single: true };
      replay(getEnv(id, { seeding: 'numpy', actions: 'control' }), task, rounded);
    });

    it(`${id}: ${STEPS} steps of normalised actions`, () => {
      const task = { ...plain, id, seed: 2 ** 40, reach: 1, scale: bound, single: !double };
      replay(getEnv(id, { seeding: 'numpy' }), task, rounded);
    });
  }
});

/** Options of Gymnasium's, in whose names ours are those in camel case, and what they change. */
const variants: [id: string, options: Record<string, number | string | boolean | number[]>][] = [
  ['Ant-v5', { forward_reward_weight: 3, ctrl_cost_weight: 0.3, contact_cost_weight: 0.01, healthy_reward: 0.5 }],
  ['Ant-v5', { main_body: 'aux_2', terminate_when_unhealthy: false, contact_force_range: [-0.3, 0.7] }],
  [
    'Ant-v5',
    { healthy_z_range: [0.5, 0.8], reset_noise_scale: 0, frame_skip: 3, include_cfrc_ext_in_observation: false },
  ],
  ['HalfCheetah-v5', { forward_reward_weight: 0.7, ctrl_cost_weight: 0, reset_noise_scale: 0.3, frame_skip: 1 }],
  ['Hopper-v5', { terminate_when_unhealthy: false, healthy_reward: 2, healthy_state_range: [-3, 3] }],
  ['Hopper-v5', { healthy_z_range: [1, 1.3], healthy_angle_range: [-0.05, 0.1], ctrl_cost_weight: 0.1 }],
  [
    'Humanoid-v5',
    { forward_reward_weight: 2, contact_cost_weight: 1e-3, contact_cost_range: [1, 3], healthy_reward: 1 },
  ],
  ['Humanoid-v5', { terminate_when_unhealthy: false, include_cvel_in_observation: false, ctrl_cost_weight: 1 }],
  ['Humanoid-v5', { include_cinert_in_observation: false, include_cfrc_ext_in_observation: false }],
  ['HumanoidStandup-v5', { impact_cost_weight: 1e-3, impact_cost_range: [0.5, 2], uph_cost_weight: 9 }],
  ['HumanoidStandup-v5', { include_qfrc_actuator_in_observation: false, reset_noise_scale: 0.2, frame_skip: 2 }],
  ['InvertedDoublePendulum-v5', { healthy_reward: 3, reset_noise_scale: 0.01 }],
  ['InvertedPendulum-v5', { reset_noise_scale: 0.15 }],
  ['Pusher-v5', { reward_near_weight: 0.1, reward_dist_weight: 2, reward_control_weight: 0.3 }],
  ['Reacher-v5', { reward_dist_weight: 0.3, reward_control_weight: 0.7 }],
  ['Swimmer-v5', { forward_reward_weight: 2, ctrl_cost_weight: 0.3 }],
  ['Walker2d-v5', { terminate_when_unhealthy: false, healthy_z_range: [1, 1.2], healthy_angle_range: [-0.1, 2] }],
];
for (const id of ['Ant', 'HalfCheetah', 'Hopper', 'Humanoid', 'HumanoidStandup', 'Swimmer', 'Walker2d']) {
  variants.push([`${id}-v5`, { exclude_current_positions_from_observation: false }]);
}
// Other robots in the place of a task's own.
const model = (name: string) => join(packageRoot(), 'envs', 'gymnasium', 'models', `${name}.xml`);
variants.push(['HalfCheetah-v5', { xml_file: model('walker2d'), frame_skip: 4 }]);
variants.push(['Ant-v5', { xml_file: model('humanoid'), main_body: 'pelvis', healthy_z_range: [1, 2] }]);

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

describe('their options', () => {
  for (const [id, options] of variants) {
    it(`${id} ${JSON.stringify(options)}`, () => {
      const ours = Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
      const { bound, rounded = false } = tasks.find((task) => task.id === id)!;
      const task = { id, steps: 150, seed: 3, reach: bound, scale: 1, single: true, options };
      replay(getEnv(id, { ...ours, seeding: 'numpy', actions: 'control' }), task, rounded);
    });
  }
});

/** Looks, names and what only sizes memory. */
const DIFFERING =
  /^(mat|tex|name|key|numeric)|^(geom_matid|geom_user|cam_intrinsic|signature)$|^n(arena|buffer|names|key|mat|tex|user_geom|numeric)/;

describe('their models', () => {
  for (const { id } of tasks) {
    it(`${id}: every array of the compiled model but looks and names`, () => {
      const task = { id, steps: 1, seed: 0, reach: 1, scale: 1, single: true, options: {} };
      const expected = MujocoModel.fromFile(theirs(task).model);
      const ours = (getEnv(id) as MujocoEnvFactory).model();
      assert.deepEqual(ours.fieldNames(), expected.fieldNames());
      const names = ours.fieldNames().filter((name) => !DIFFERING.test(name));
      assert.ok(names.length > 300, `${names.length}`);
      for (const name of names) assert.deepEqual(ours.field(name), expected.field(name), name);
      expected.close();
    });
  }
});
