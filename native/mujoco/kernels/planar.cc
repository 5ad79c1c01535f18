#include "mujoco/kernels/planar.h"

#include <cmath>
#include <cstdint>

namespace trellis::mujoco {
namespace {

bool isAxis(const mjModel* m, int joint, int axis, bool eitherWay) {
  const mjtNum* a = m->jnt_axis + 3 * joint;
  for (int i = 0; i < 3; i++)
    if (i != axis && a[i] != 0) return false;
  return a[axis] == 1 || (eitherWay && a[axis] == -1);
}

bool isHingeAtOrigin(const mjModel* m, int joint, bool eitherWay) {
  const mjtNum* p = m->jnt_pos + 3 * joint;
  return m->jnt_type[joint] == mjJNT_HINGE && isAxis(m, joint, 1, eitherWay) && p[0] == 0 && p[2] == 0 &&
         m->qpos0[m->jnt_qposadr[joint]] == 0;
}

// A slide along `axis` whose coordinate is the body's own.
bool isSlide(const mjModel* m, int joint, int axis) {
  return m->jnt_type[joint] == mjJNT_SLIDE && isAxis(m, joint, axis, false) &&
         m->qpos0[m->jnt_qposadr[joint]] == m->body_pos[3 * m->jnt_bodyid[joint] + axis];
}

bool isUpright(const mjModel* m, int body) {
  const mjtNum* q = m->body_quat + 4 * body;
  return q[0] == 1 && q[1] == 0 && q[2] == 0 && q[3] == 0;
}

// Sine and cosine together by their series, on (-π/4, π/4) after removing quarter turns: both to 1e-16, at a fraction
// of the price of std::sin and std::cos.
void sineCosine(double angle, double& sine, double& cosine) {
  constexpr double kHalfPi = 1.5707963267948966;
  // π/2 in two parts: the first with so few bits that small multiples of it are exact.
  constexpr double kHigh = static_cast<double>(static_cast<float>(kHalfPi));
  constexpr double kLow = 6.123233995736766e-17 + (kHalfPi - kHigh);
  // 1 / n! with alternating signs.
  constexpr double s3 = -1.0 / 6, s5 = 1.0 / 120, s7 = -1.0 / 5040, s9 = 1.0 / 362880;
  constexpr double s11 = -1.0 / 39916800, s13 = 1.0 / 6227020800, s15 = -1.0 / 1307674368000;
  constexpr double c4 = 1.0 / 24, c6 = -1.0 / 720, c8 = 1.0 / 40320, c10 = -1.0 / 3628800;
  constexpr double c12 = 1.0 / 479001600, c14 = -1.0 / 87178291200, c16 = 1.0 / 20922789888000;
  const double turns = angle * (2 / 3.141592653589793);
  // The nearest whole number, halves upward.
  const double above = std::ceil(turns);
  const double quarters = above - 0.5 > turns ? above - 1 : above;
  const double y = angle - quarters * kHigh - quarters * kLow;
  const double y2 = y * y;
  const double y4 = y2 * y2;
  const double y8 = y4 * y4;
  double s = y + y * y2 * (s3 + y2 * s5 + y4 * (s7 + y2 * s9) + y8 * (s11 + y2 * s13 + y4 * s15));
  double c = 1 - y2 * 0.5 + y4 * (c4 + y2 * c6 + y4 * (c8 + y2 * c10) + y8 * (c12 + y2 * c14 + y4 * c16));
  // Beyond 2^62 the last two bits are zero.
  const int64_t turn = std::abs(quarters) < 4e18 ? static_cast<int64_t>(quarters) : 0;
  if (turn & 1) {
    const double swap = s;
    s = c;
    c = -swap;
  }
  if (turn & 2) {
    s = -s;
    c = -c;
  }
  sine = s;
  cosine = c;
}

}  // namespace

std::unique_ptr<RowKernel> PlanarBodies::make(const mjModel* m, std::string& problem) {
  const int count = static_cast<int>(m->nbody) - 1;
  problem = "it has no bodies, or more than " + std::to_string(kMaximum);
  if (count < 1 || count > kMaximum) return nullptr;
  problem = "its first body has other joints than slides along x and z and a hinge about y, or is turned at rest";
  if (m->body_jntnum[1] != 3 || !isUpright(m, 1)) return nullptr;
  const int first = m->body_jntadr[1];
  if (!isSlide(m, first, 0) || !isSlide(m, first + 1, 2) || !isHingeAtOrigin(m, first + 2, false)) return nullptr;
  mjtNum total = 0;
  for (int id = 0; id <= count; id++) total += m->body_mass[id];
  const std::vector<Output> outputs = {{"planar_bodies", count, kFeatures}, {"planar_center", 1, 1}};
  std::unique_ptr<PlanarBodies> planar(new PlanarBodies(outputs));
  for (int id = 1; id <= count; id++) {
    const int joint = id == 1 ? first + 2 : m->body_jntadr[id];
    const bool hangs = id == 1 || (m->body_parentid[id] > 0 && m->body_jntnum[id] == 1 && isUpright(m, id) &&
                                   isHingeAtOrigin(m, joint, true));
    problem = "body " + std::to_string(id) + " does not hang on its parent by one hinge about y at its origin";
    if (!hangs) return nullptr;
    planar->bodies_.push_back({id == 1 ? -1 : m->body_parentid[id] - 1, m->jnt_qposadr[joint], m->jnt_dofadr[joint],
                               id == 1 ? 1 : m->jnt_axis[3 * joint + 1], m->body_pos[3 * id], m->body_pos[3 * id + 2],
                               m->body_ipos[3 * id], m->body_ipos[3 * id + 2], m->body_mass[id] / total});
  }
  planar->slideX_ = m->jnt_qposadr[first];
  planar->slideZ_ = m->jnt_qposadr[first + 1];
  planar->rateX_ = m->jnt_dofadr[first];
  planar->rateZ_ = m->jnt_dofadr[first + 1];
  return planar;
}

void PlanarBodies::compute(const mjtNum* qpos, const mjtNum* qvel, mjtNum* const* rows) const {
  struct Pose {
    mjtNum x, z, vx, vz, pitch, rate, sine, cosine;  // of a frame; x from the root
  };
  Pose poses[kMaximum];
  mjtNum sum = qpos[slideX_];
  for (size_t b = 0; b < bodies_.size(); b++) {
    const Body& body = bodies_[b];
    Pose& pose = poses[b];
    if (body.parent < 0) {
      pose = {0, qpos[slideZ_], qvel[rateX_], qvel[rateZ_], qpos[body.qpos], qvel[body.qvel], 0, 0};
    } else {
      const Pose& parent = poses[body.parent];
      const mjtNum dx = body.x * parent.cosine + body.z * parent.sine;
      const mjtNum dz = body.z * parent.cosine - body.x * parent.sine;
      pose.x = parent.x + dx;
      pose.z = parent.z + dz;
      pose.vx = parent.vx + parent.rate * dz;
      pose.vz = parent.vz - parent.rate * dx;
      pose.pitch = parent.pitch + body.sign * qpos[body.qpos];
      pose.rate = parent.rate + body.sign * qvel[body.qvel];
    }
    sineCosine(pose.pitch, pose.sine, pose.cosine);
    const mjtNum cx = body.centerX * pose.cosine + body.centerZ * pose.sine;
    const mjtNum cz = body.centerZ * pose.cosine - body.centerX * pose.sine;
    mjtNum* out = rows[0] + kFeatures * b;
    out[0] = pose.x + cx;
    out[1] = pose.z + cz;
    out[2] = pose.vx + pose.rate * cz;
    out[3] = pose.vz - pose.rate * cx;
    out[4] = pose.pitch;
    out[5] = pose.rate;
    sum += body.share * (pose.x + cx);
  }
  *rows[1] = sum;
}

}  // namespace trellis::mujoco
