// Outputs that MuJoCo fills only when asked: forces and accelerations of bodies (mj_rnePostConstraint), velocities of
// subtrees (mj_subtreeVel), energy (a flag of the model). A batch that has such outputs asks for them itself, on the
// same mjData, right after the steps or stages of a call.
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace trellis::mujoco {

class Requested {
 public:
  // Whether this is such an output.
  static bool knows(const std::string& name);

  bool empty() const { return tables_.empty(); }
  // A table [slots x size] of the field named, which knows() and which has not been added before; zero until computed.
  mjtNum* add(const std::string& name, const mjModel* model, int slots, int64_t& size);
  mjtNum* find(const std::string& name, int64_t& size) const;

  // Before the steps of a slot: sees to it that they compute the energy.
  void prepare(const mjModel* model) const {
    if (energy_ && !(model->opt.enableflags & mjENBL_ENERGY)) enableEnergy(model);
  }
  // After them: computes what was asked for and copies it into the slot's rows. May raise MuJoCo errors.
  void compute(const mjModel* model, mjData* data, int slot) const;
  void clear(int slot) const;

 private:
  struct Table {
    std::string name;
    mjtNum* (*field)(mjData*);
    int64_t size;
    std::unique_ptr<mjtNum[]> rows;
  };
  static void enableEnergy(const mjModel* model);

  std::vector<Table> tables_;
  bool forces_ = false;
  bool subtrees_ = false;
  bool energy_ = false;
};

}  // namespace trellis::mujoco
