// Bodies of a robot that moves in the xz plane, computed from its joint angles: cheaper than going through MuJoCo's
// position and velocity stages again after every step. The same bits on every processor.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>
#include <vector>

#include "mujoco/row_kernel.h"

namespace trellis::mujoco {

// The row kernel "planar", with two outputs: planar_bodies [bodies x kFeatures], in MuJoCo's order without the world, and
// planar_center: x of the centre of mass. Both are of the model's own numbers, whatever a slot's parameters are.
class PlanarBodies : public RowKernel {
 public:
  // Numbers a body: x of its centre of mass from the root's coordinate, z, vx, vz, pitch, pitch rate. Angles turn from
  // z to x; m, rad, s.
  static constexpr int kFeatures = 6;

  // Other models than these have a problem: the first body has slide joints x and z and a hinge about y, and every other one
  // hangs on its parent by one hinge about ±y; all frames parallel at rest, hinges at their origins, at most 64 bodies.
  static std::unique_ptr<RowKernel> make(const mjModel* model, std::string& problem);

  void compute(const mjtNum* qpos, const mjtNum* qvel, mjtNum* const* rows) const override;

 private:
  static constexpr int kMaximum = 64;
  struct Body {
    int parent;               // row here, -1: the root
    int qpos, qvel;           // where its hinge's numbers are
    mjtNum sign;              // 1: the hinge turns the way the pitch does
    mjtNum x, z;              // of the frame in the parent
    mjtNum centerX, centerZ;  // of the centre of mass in the frame
    mjtNum share;             // in the total mass
  };

  using RowKernel::RowKernel;

  std::vector<Body> bodies_;
  int slideX_ = 0, slideZ_ = 0, rateX_ = 0, rateZ_ = 0;
};

}  // namespace trellis::mujoco
