// Outputs that MuJoCo does not have: a kernel computes a slot's rows from its state, right after each step, on the thread
// that made it. Kernels are registered by name by whoever needs them; a batch is made with at most one.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trellis::mujoco {

class RowKernel {
 public:
  static constexpr size_t kMostOutputs = 8;
  struct Output {
    std::string name;
    int rows, columns;
    size_t size() const { return static_cast<size_t>(rows) * static_cast<size_t>(columns); }
  };

  explicit RowKernel(std::vector<Output> outputs) : outputs_(std::move(outputs)) {}
  virtual ~RowKernel() = default;

  // At most kMostOutputs.
  const std::vector<Output>& outputs() const { return outputs_; }
  // rows[i]: where the slot's row of output i goes. Called by several threads at once.
  virtual void compute(const mjtNum* qpos, const mjtNum* qvel, mjtNum* const* rows) const = 0;

 private:
  std::vector<Output> outputs_;
};

// Null for models of another kind; `problem` then says what they lack.
using RowKernelMaker = std::unique_ptr<RowKernel> (*)(const mjModel* model, std::string& problem);

// Known by this name from now on, in all threads.
void registerRowKernel(const std::string& name, RowKernelMaker make);
std::vector<std::string> rowKernelNames();
// Null for an unknown name, or where its maker has none for the model.
std::unique_ptr<RowKernel> makeRowKernel(const std::string& name, const mjModel* model, std::string& problem);

}  // namespace trellis::mujoco
