#include "mujoco/stepper.h"

#include <algorithm>
#include <cstring>

#include "mujoco/error_trap.h"

namespace trellis::mujoco {
namespace {

struct Component {
  int bit;
  bool evolves;
};
// In no particular order; the rest of mjSTATE_INTEGRATION must be empty.
constexpr Component plainComponents[] = {
    {mjSTATE_TIME, true},          {mjSTATE_QPOS, true},          {mjSTATE_QVEL, true},
    {mjSTATE_ACT, true},           {mjSTATE_WARMSTART, true},     {mjSTATE_CTRL, false},
    {mjSTATE_QFRC_APPLIED, false}, {mjSTATE_XFRC_APPLIED, false}, {mjSTATE_MOCAP_POS, false},
    {mjSTATE_MOCAP_QUAT, false},   {mjSTATE_USERDATA, false},
};

mjtNum* componentOf(mjData* d, int bit) {
  switch (bit) {
    case mjSTATE_TIME:
      return &d->time;
    case mjSTATE_QPOS:
      return d->qpos;
    case mjSTATE_QVEL:
      return d->qvel;
    case mjSTATE_ACT:
      return d->act;
    case mjSTATE_WARMSTART:
      return d->qacc_warmstart;
    case mjSTATE_CTRL:
      return d->ctrl;
    case mjSTATE_QFRC_APPLIED:
      return d->qfrc_applied;
    case mjSTATE_XFRC_APPLIED:
      return d->xfrc_applied;
    case mjSTATE_MOCAP_POS:
      return d->mocap_pos;
    case mjSTATE_MOCAP_QUAT:
      return d->mocap_quat;
    default:
      return d->userdata;
  }
}

// Fields that every mj_step computes for any model. Others may hold what another slot left there, and mjBatch has its
// own rules for them.
// clang-format off
const void* steppedField(const mjData* d, const std::string& name) {
#define X(field) \
  if (name == #field) return d->field;
  X(xpos) X(xquat) X(xmat) X(xipos) X(ximat) X(xanchor) X(xaxis) X(geom_xpos) X(geom_xmat) X(site_xpos) X(site_xmat)
  X(subtree_com) X(cdof) X(cinert) X(cvel) X(cdof_dot) X(actuator_length) X(actuator_velocity) X(actuator_force)
  X(ten_length) X(ten_velocity) X(sensordata) X(qfrc_bias) X(qfrc_passive) X(qfrc_actuator) X(qfrc_smooth)
  X(qfrc_constraint) X(qacc) X(qacc_smooth) X(cam_xpos) X(cam_xmat) X(light_xpos) X(light_xdir) X(act_dot)
  X(qfrc_spring) X(qfrc_damper) X(qfrc_fluid) X(qfrc_gravcomp)
#undef X
  if (name == "ncon") return &d->ncon;
  if (name == "nefc") return &d->nefc;
  return nullptr;
}
// clang-format on

bool isPlain(const mjModel* m) {
  int plain = 0;
  for (const Component& component : plainComponents) plain |= component.bit;
  return mj_stateSize(m, plain) == mj_stateSize(m, mjSTATE_INTEGRATION) && m->nplugin == 0 && m->nflex == 0;
}

// Small rows of doubles: shorter than a call of memcpy.
inline void copy(mjtNum* to, const mjtNum* from, int size) {
  for (int i = 0; i < size; i++) to[i] = from[i];
}

}  // namespace

std::unique_ptr<Stepper> Stepper::make(mjBatch* batch, const Requested& requested, Derived& derived) {
  if (mjb_persistent(batch) || !isPlain(mjb_model(batch))) return nullptr;
  std::unique_ptr<Stepper> stepper(new Stepper(batch, requested, derived, mjb_nthread(batch)));
  for (const Worker& worker : stepper->workers_)
    if (!worker.data) return nullptr;
  return stepper;
}

Stepper::Stepper(mjBatch* batch, const Requested& requested, Derived& derived, int threads)
    : model_(mjb_model(batch)),
      requested_(requested),
      derived_(derived),
      states_(mjb_state(batch)),
      stateSize_(mjb_nstate(batch)),
      workers_(static_cast<size_t>(threads)),
      pool_(threads) {
  for (Worker& worker : workers_) {
    std::string error;
    runTrapped([&] { worker.data = mj_makeData(model_); }, error);
    if (!worker.data) return;
    for (const Component& component : plainComponents) {
      const int size = mj_stateSize(model_, component.bit);
      if (size == 0) continue;
      const int offset = static_cast<int>(mjb_stateComponent(batch, component.bit, nullptr) - states_);
      const Piece piece{componentOf(worker.data, component.bit), offset, size};
      worker.inputs.push_back(piece);
      if (component.evolves) worker.evolving.push_back(piece);
    }
  }
}

Stepper::~Stepper() {
  for (Worker& worker : workers_) mj_deleteData(worker.data);
}

bool Stepper::knows(const std::string& name) const { return steppedField(workers_[0].data, name) != nullptr; }

bool Stepper::addOutput(const std::string& name, void* data, size_t bytes) {
  if (!knows(name)) return false;
  for (Worker& worker : workers_)
    worker.outputs.push_back({steppedField(worker.data, name), static_cast<char*>(data), bytes});
  return true;
}

const std::vector<int>& Stepper::step(const int* slots, int count, int substeps) {
  left_.clear();
  // Several tasks a thread even out slots of unequal cost.
  const int tasks = std::min(count, workers_.size() == 1 ? 1 : static_cast<int>(workers_.size()) * 8);
  pool_.run(tasks, [&](int64_t task, int worker) {
    Range range{slots, static_cast<int>(task * count / tasks), static_cast<int>((task + 1) * count / tasks), substeps};
    stepRange(workers_[static_cast<size_t>(worker)], range);
  });
  std::sort(left_.begin(), left_.end());
  return left_;
}

void Stepper::stepRange(Worker& worker, Range& range) {
  std::string error;
  while (range.next < range.end) {
    int slot = 0;
    const bool clean = runTrapped(
        [&] {
          for (; range.next < range.end; range.next++) {
            slot = range.slots ? range.slots[range.next] : range.next;
            if (!stepSlot(worker, slot, range.substeps)) return;
          }
          slot = -1;
        },
        error);
    if (clean && slot < 0) return;
    mj_resetData(model_, worker.data);
    std::lock_guard<std::mutex> lock(mutex_);
    left_.push_back(slot);
    range.next++;
  }
}

bool Stepper::stepSlot(Worker& worker, int slot, int substeps) {
  mjData* d = worker.data;
  mjtNum* row = states_ + static_cast<int64_t>(slot) * stateSize_;
  for (const Piece& piece : worker.inputs) copy(piece.data, row + piece.offset, piece.size);
  for (int i = 0; i < substeps; i++) mj_step(model_, d);
  for (const mjWarningStat& warning : d->warning)
    if (warning.number) return false;
  if (!requested_.empty()) requested_.compute(model_, d, slot);
  for (const Piece& piece : worker.evolving) copy(row + piece.offset, piece.data, piece.size);
  for (const Output& output : worker.outputs)
    std::memcpy(output.to + static_cast<size_t>(slot) * output.bytes, output.from, output.bytes);
  derived_.update(slot);
  return true;
}

}  // namespace trellis::mujoco
