import { ArgumentError } from '../base/errors.js';
import type { FieldShape } from './mujoco-fields.js';

/**
 * Model fields that may differ between slots (MuJoCo's programming guide, "mjModel changes"): numbers that the engine
 * computes with, and switches and priorities that it only compares. Whatever is written into them, the engine stays
 * within its memory: all of them are tested with garbage. Whole numbers otherwise say how many, where and which, and
 * are trusted by the engine.
 */
// biome-ignore format: one name a line would be two hundred lines
const variable = new Set(`
  qpos0 qpos_spring
  body_pos body_quat body_ipos body_iquat body_mass body_subtreemass body_inertia body_invweight0 body_gravcomp body_user
  jnt_limited jnt_actfrclimited jnt_actgravcomp jnt_solref jnt_solimp jnt_pos jnt_axis jnt_stiffness jnt_stiffnesspoly
  jnt_springyield jnt_range jnt_actfrcrange jnt_margin jnt_user
  dof_solref dof_solimp dof_frictionloss dof_armature dof_damping dof_dampingpoly dof_invweight0 dof_M0 dof_length
  geom_priority geom_solmix geom_solref geom_solimp geom_size geom_pos geom_quat geom_friction geom_margin geom_gap
  geom_surfacevel geom_adhesion geom_fluid geom_user geom_rgba
  site_size site_pos site_quat site_user site_rgba
  cam_pos cam_quat cam_poscom0 cam_pos0 cam_mat0 cam_fovy cam_sensorsize cam_intrinsic cam_user
  light_pos light_dir light_poscom0 light_pos0 light_dir0
  flex_solmix flex_solref flex_solimp flex_friction flex_margin flex_gap flex_damping flex_edgestiffness
  flex_edgedamping flex_rgba
  mat_rgba
  pair_solref pair_solreffriction pair_solimp pair_margin pair_gap pair_adhesion pair_friction
  eq_active0 eq_solref eq_solimp eq_data
  tendon_limited tendon_actfrclimited tendon_width tendon_solref_lim tendon_solimp_lim tendon_solref_fri
  tendon_solimp_fri tendon_range tendon_actfrcrange tendon_margin tendon_stiffness tendon_stiffnesspoly tendon_damping
  tendon_dampingpoly tendon_armature tendon_frictionloss tendon_lengthspring tendon_springyield tendon_length0
  tendon_invweight0 tendon_user tendon_rgba
  actuator_cranklength actuator_dynprm actuator_gainprm actuator_biasprm actuator_actlimited actuator_actrange
  actuator_actearly actuator_damping actuator_dampingpoly actuator_armature actuator_user actuator_forcelimited
  actuator_forcerange actuator_ctrllimited actuator_ctrlrange actuator_gear actuator_acc0 actuator_length0
  actuator_lengthrange
  sensor_cutoff sensor_noise sensor_user
  numeric_data
  key_time key_qpos key_qvel key_act key_ctrl key_mpos key_mquat
  opt.timestep opt.impratio opt.tolerance opt.ls_tolerance opt.noslip_tolerance opt.ccd_tolerance opt.gravity opt.wind
  opt.magnetic opt.density opt.viscosity opt.o_margin opt.o_solref opt.o_solimp opt.o_friction
`.split(/\s+/).filter(Boolean));

/** @throws ArgumentError saying why the field is the same in all slots */
export function checkParameter(name: string, { type }: FieldShape): void {
  if (variable.has(name)) return;
  throw new ArgumentError(`model field "${name}" cannot differ between slots: ${reason(name, type)}`, {
    value: name,
    hint: 'Fields of real numbers can (masses, sizes, friction, gains, gravity …); for others make a batch of another model',
  });
}

function reason(name: string, type: FieldShape['type']): string {
  if (/^(mesh|hfield|tex|skin)_/.test(name)) return 'all slots share assets';
  if (/^(bvh|oct)_|_(aabb|rbound)$|^body_margin$/.test(name)) return 'setConstants() derives it from sizes and poses';
  if (/_(delay|interval|history)$/.test(name)) return 'it fits the length of a buffer in the state';
  if (name === 'wrap_prm') return 'it may hold the number of a site';
  if (name.startsWith('opt.')) return 'it chooses an algorithm, how long it runs or how much memory it takes';
  if (type === 'int32' || type === 'uint8')
    return 'it says which, where or how many, and the engine trusts it (a wrong one would end the process)';
  return 'what the engine does with other values is not known to be safe';
}
