#include "mujoco/derived.h"

#include <utility>

namespace trellis::mujoco {

void Derived::setKernel(std::unique_ptr<RowKernel> kernel, Columns qpos, Columns qvel, int slots) {
  kernel_ = std::move(kernel);
  qpos_ = qpos;
  qvel_ = qvel;
  for (const RowKernel::Output& output : kernel_->outputs()) {
    const size_t size = output.size();
    tables_.push_back({std::vector<mjtNum>(static_cast<size_t>(slots) * size), static_cast<int64_t>(size)});
  }
}

mjtNum* Derived::find(const std::string& name, int64_t& size) {
  if (!kernel_) return nullptr;
  for (size_t i = 0; i < tables_.size(); i++) {
    if (kernel_->outputs()[i].name != name) continue;
    size = tables_[i].size;
    return tables_[i].rows.data();
  }
  return nullptr;
}

float* Derived::addGather(std::vector<Columns> sources, int slots) {
  int64_t width = 0;
  for (const Columns& source : sources) width += source.count;
  // Vectors keep their memory when they are moved.
  gathers_.push_back({std::move(sources), width, std::vector<float>(static_cast<size_t>(slots * width))});
  return gathers_.back().rows.data();
}

void Derived::compute(int64_t slot) {
  if (kernel_) {
    mjtNum* rows[RowKernel::kMostOutputs];
    for (size_t i = 0; i < tables_.size(); i++) rows[i] = tables_[i].rows.data() + slot * tables_[i].size;
    kernel_->compute(qpos_.data + slot * qpos_.stride, qvel_.data + slot * qvel_.stride, rows);
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
