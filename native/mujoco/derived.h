// What a batch adds to MuJoCo's outputs: those of a row kernel, and float rows gathered from states and outputs, as
// policies want them. Computed slot by slot by whichever thread has just stepped the slot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mujoco/row_kernel.h"

namespace trellis::mujoco {

class Derived {
 public:
  // `count` numbers of every slot: element i of slot s is at data[s * stride + i].
  struct Columns {
    const mjtNum* data;
    int64_t stride;
    int count;
  };

  bool empty() const { return kernel_ == nullptr && gathers_.empty(); }
  // Tables of the kernel's outputs, from now on; they stay where they are.
  void setKernel(std::unique_ptr<RowKernel> kernel, Columns qpos, Columns qvel, int slots);
  // [slots x size]; null for a name that is no output of the kernel.
  mjtNum* find(const std::string& name, int64_t& size);
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

  std::unique_ptr<RowKernel> kernel_;
  Columns qpos_{}, qvel_{};
  struct Table {
    std::vector<mjtNum> rows;
    int64_t size;
  };
  std::vector<Table> tables_;  // as kernel_->outputs()
  std::vector<Gather> gathers_;
};

}  // namespace trellis::mujoco
