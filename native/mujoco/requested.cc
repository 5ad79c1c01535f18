#include "mujoco/requested.h"

#include <algorithm>
#include <cstring>

namespace trellis::mujoco {
namespace {

enum class Maker { forces, subtrees, energy };

struct Field {
  const char* name;
  Maker maker;
  mjtNum* (*of)(mjData*);
  int columns;  // a body; energy has two in all
};
constexpr Field fields[] = {
    {"cacc", Maker::forces, [](mjData* d) { return d->cacc; }, 6},
    {"cfrc_int", Maker::forces, [](mjData* d) { return d->cfrc_int; }, 6},
    {"cfrc_ext", Maker::forces, [](mjData* d) { return d->cfrc_ext; }, 6},
    {"subtree_linvel", Maker::subtrees, [](mjData* d) { return d->subtree_linvel; }, 3},
    {"subtree_angmom", Maker::subtrees, [](mjData* d) { return d->subtree_angmom; }, 3},
    {"energy", Maker::energy, [](mjData* d) { return d->energy; }, 2},
};

const Field* fieldNamed(const std::string& name) {
  for (const Field& field : fields)
    if (name == field.name) return &field;
  return nullptr;
}

}  // namespace

bool Requested::knows(const std::string& name) { return fieldNamed(name) != nullptr; }

mjtNum* Requested::add(const std::string& name, const mjModel* model, int slots, int64_t& size) {
  const Field* field = fieldNamed(name);
  forces_ |= field->maker == Maker::forces;
  subtrees_ |= field->maker == Maker::subtrees;
  energy_ |= field->maker == Maker::energy;
  size = field->columns * static_cast<int64_t>(field->maker == Maker::energy ? 1 : model->nbody);
  tables_.push_back({name, field->of, size, std::make_unique<mjtNum[]>(static_cast<size_t>(slots * size))});
  return tables_.back().rows.get();
}

mjtNum* Requested::find(const std::string& name, int64_t& size) const {
  for (const Table& table : tables_) {
    if (table.name != name) continue;
    size = table.size;
    return table.rows.get();
  }
  return nullptr;
}

void Requested::enableEnergy(const mjModel* model) {
  // The model is a batch's own copy, or a thread's; the flag has no part in the motion.
  const_cast<mjModel*>(model)->opt.enableflags |= mjENBL_ENERGY;
}

void Requested::compute(const mjModel* model, mjData* data, int slot) const {
  if (subtrees_) mj_subtreeVel(model, data);
  if (forces_) mj_rnePostConstraint(model, data);
  for (const Table& table : tables_)
    std::memcpy(table.rows.get() + slot * table.size, table.field(data),
                static_cast<size_t>(table.size) * sizeof(mjtNum));
}

void Requested::clear(int slot) const {
  for (const Table& table : tables_) std::fill_n(table.rows.get() + slot * table.size, table.size, mjtNum{0});
}

}  // namespace trellis::mujoco
