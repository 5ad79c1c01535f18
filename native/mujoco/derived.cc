#include "mujoco/derived.h"

#include <utility>

namespace trellis::mujoco {

void Derived::addPlanar(std::unique_ptr<PlanarBodies> planar, Columns qpos, Columns qvel, int slots) {
  planar_ = std::move(planar);
  qpos_ = qpos;
  qvel_ = qvel;
  bodies_.resize(static_cast<size_t>(slots) * static_cast<size_t>(planarWidth()));
  centers_.resize(static_cast<size_t>(slots));
}

float* Derived::addGather(std::vector<Columns> sources, int slots) {
  int64_t width = 0;
  for (const Columns& source : sources) width += source.count;
  // Vectors keep their memory when they are moved.
  gathers_.push_back({std::move(sources), width, std::vector<float>(static_cast<size_t>(slots * width))});
  return gathers_.back().rows.data();
}

void Derived::compute(int64_t slot) {
  if (planar_) {
    planar_->compute(qpos_.data + slot * qpos_.stride, qvel_.data + slot * qvel_.stride,
                     bodies_.data() + slot * planarWidth(), centers_.data() + slot);
  }
  for (Gather& gather : gathers_) {
    float* to = gather.rows.data() + slot * gather.width;
    for (const Columns& source : gather.sources) {
      const mjtNum* from = source.data + slot * source.stride;
      for (int i = 0; i < source.count; i++) *to++ = static_cast<float>(from[i]);
    }
  }
}

}  // namespace trellis::mujoco
