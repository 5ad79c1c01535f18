#include "mujoco/row_kernel.h"

#include <map>
#include <mutex>

namespace trellis::mujoco {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, RowKernelMaker> makers;
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

void registerRowKernel(const std::string& name, RowKernelMaker make) {
  std::lock_guard<std::mutex> lock(registry().mutex);
  registry().makers[name] = make;
}

std::vector<std::string> rowKernelNames() {
  std::lock_guard<std::mutex> lock(registry().mutex);
  std::vector<std::string> names;
  for (const auto& [name, make] : registry().makers) names.push_back(name);
  return names;
}

std::unique_ptr<RowKernel> makeRowKernel(const std::string& name, const mjModel* model, std::string& problem) {
  RowKernelMaker make = nullptr;
  {
    std::lock_guard<std::mutex> lock(registry().mutex);
    const auto found = registry().makers.find(name);
    if (found != registry().makers.end()) make = found->second;
  }
  problem = "there is no such kernel";
  return make ? make(model, problem) : nullptr;
}

}  // namespace trellis::mujoco
