// What a batch adds to MuJoCo's outputs: the bodies of planar robots, and float rows gathered from states and outputs,
// as policies want them. Computed slot by slot by whichever thread has just stepped the slot.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mujoco/planar.h"

namespace trellis::mujoco {

class Derived {
 public:
  // `count` numbers of every slot: element i of slot s is at data[s * stride + i].
  struct Columns {
    const mjtNum* data;
    int64_t stride;
    int count;
  };

  bool empty() const { return planar_ == nullptr && gathers_.empty(); }
  // Tables of planar bodies, from now on, [slots x count() * kFeatures] and [slots]; they stay where they are.
  void addPlanar(std::unique_ptr<PlanarBodies> planar, Columns qpos, Columns qvel, int slots);
  mjtNum* planarBodies() { return bodies_.data(); }
  mjtNum* planarCenters() { return centers_.data(); }
  int planarWidth() const { return PlanarBodies::kFeatures * planar_->count(); }
  bool hasPlanar() const { return planar_ != nullptr; }
  // A table [slots x sum of counts] with these columns side by side, from now on; it stays where it is.
  float* addGather(std::vector<Columns> sources, int slots);

  // Brings a slot's rows up to date. Different slots at the same time are fine.
  void update(int slot) {
    if (!empty()) compute(slot);
  }

 private:
  struct Gather {
    std::vector<Columns> sources;
    int64_t width;
    std::vector<float> rows;
  };
  void compute(int64_t slot);

  std::unique_ptr<PlanarBodies> planar_;
  Columns qpos_{}, qvel_{};
  std::vector<mjtNum> bodies_;
  std::vector<mjtNum> centers_;
  std::vector<Gather> gathers_;
};

}  // namespace trellis::mujoco
