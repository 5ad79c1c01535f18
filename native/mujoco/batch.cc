#include "mujoco/batch.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "mujoco/error_trap.h"
#include "parallel/thread_pool.h"

namespace trellis::mujoco {
namespace {

// Calls f(slot) for each of `count` slots, or for all `total`.
template <class Function>
void forEachSlot(const int* slots, int count, int total, Function&& f) {
  if (slots) {
    for (int i = 0; i < count; i++) f(slots[i]);
  } else {
    for (int slot = 0; slot < total; slot++) f(slot);
  }
}

// mjb_makeBatch loses all that it has taken when memory runs out on the way. So what it will take, in as many pieces, is
// taken and given back before.
bool hasMemoryFor(int64_t count, size_t bytes) {
  std::vector<std::unique_ptr<void, decltype(&std::free)>> pieces;
  pieces.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) {
    pieces.emplace_back(std::malloc(bytes), std::free);
    if (!pieces.back()) return false;
  }
  return true;
}

void computeStage(const mjModel* m, mjData* d, int stage) {
  if (stage == mjSTAGE_ACC) {
    mj_forward(m, d);
  } else if (stage == mjSTAGE_VEL) {
    mj_fwdPosition(m, d);
    mj_sensorPos(m, d);
    if (m->opt.enableflags & mjENBL_ENERGY) mj_energyPos(m, d);
    mj_fwdVelocity(m, d);
    mj_sensorVel(m, d);
    if (m->opt.enableflags & mjENBL_ENERGY) mj_energyVel(m, d);
  }
}

}  // namespace

std::unique_ptr<Batch> Batch::make(std::shared_ptr<const Model> model, int slots, int threads, bool persistent,
                                   std::string& error, std::unique_ptr<RowKernel> kernel) {
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = threads;
  config.persistent = persistent;
  char text[1024] = "";
  mjBatch* batch = nullptr;
  error.clear();
  const size_t each = static_cast<size_t>(model->dataBytes()) + static_cast<size_t>(model->get()->narena);
  if (model->dataBytes() == 0 || !hasMemoryFor(persistent ? slots : std::min(slots, threads), each)) {
    throw std::bad_alloc();
  }
  runTrapped([&] { batch = mjb_makeBatch(model->get(), slots, &config, text, sizeof(text)); }, error);
  if (!batch) {
    if (error.empty() && !text[0]) throw std::bad_alloc();
    if (error.empty()) error = text;
    if (error.find("thread constructor failed") != std::string::npos)
      throw parallel::ThreadsUnavailable("cannot start " + std::to_string(threads) + " threads: " + error);
    return nullptr;
  }
  return std::unique_ptr<Batch>(new Batch(std::move(model), batch, std::move(kernel)));
}

Batch::Batch(std::shared_ptr<const Model> model, mjBatch* batch, std::unique_ptr<RowKernel> kernel)
    : model_(std::move(model)),
      batch_(batch),
      slots_(mjb_nsim(batch)),
      stateSize_(mjb_nstate(batch)),
      states_(mjb_state(batch)),
      warnings_(mjb_warning(batch)),
      faults_(static_cast<size_t>(slots_), 0),
      warningCounts_(static_cast<size_t>(slots_) * mjNWARNING, 0) {
  controlOffset_ = componentOffset(mjSTATE_CTRL, &controlSize_);
  if (kernel) derived_.setKernel(std::move(kernel), stateColumns(mjSTATE_QPOS), stateColumns(mjSTATE_QVEL), slots_);
  stepper_ = Stepper::make(batch_, requested_, derived_);
}

Batch::~Batch() {
  stepper_.reset();
  mjb_deleteBatch(batch_);
}

int Batch::threads() const { return mjb_nthread(batch_); }

int64_t Batch::memory() const {
  const int64_t rows = static_cast<int64_t>(slots_) * (stateSize_ * static_cast<int64_t>(sizeof(mjtNum)) +
                                                       mjNWARNING * static_cast<int64_t>(sizeof(mjWarningStat)));
  const int64_t datas = (mjb_persistent(batch_) ? slots_ : threads()) + (stepper_ ? threads() : 0);
  return rows + datas * model_->dataBytes() + static_cast<int64_t>(model_->get()->nbuffer);
}

int64_t Batch::componentOffset(int component, int* size) {
  // Where it begins follows from the sizes of the lower bits; an empty component has no address to subtract.
  *size = mj_stateSize(model_->get(), component);
  return *size == 0 ? 0 : mjb_stateComponent(batch_, component, nullptr) - states_;
}

Derived::Columns Batch::stateColumns(int component) {
  int size = 0;
  const mjtNum* data = states_ + componentOffset(component, &size);
  return {data, stateSize_, size};
}

bool Batch::requestedOutput(const std::string& name, Table& table) {
  if (!Requested::knows(name)) return false;
  mjtNum* rows = requested_.find(name, table.size);
  table.data = rows ? rows : requested_.add(name, model_->get(), slots_, table.size);
  requested_.prepare(mjb_model(batch_));
  return true;
}

bool Batch::keepsFast(const std::string& name) {
  int64_t size = 0;
  return stepper_ && (derived_.find(name, size) || Requested::knows(name) || stepper_->knows(name));
}

bool Batch::output(const char* name, Table& table) {
  if (mjtNum* rows = derived_.find(name, table.size)) {
    table.data = rows;
    table.type = ElementType::float64;
    return true;
  }
  if (requestedOutput(name, table)) return true;
  int size = 0;
  int bytes = 0;
  std::string error;
  void* data = nullptr;
  runTrapped([&] { data = mjb_output(batch_, name, &size, &bytes); }, error);
  table.data = data;
  table.size = size;
  if (!data) return false;
  const bool isNew = outputNames_.insert(name).second;
  DataPlace place;
  if (isNew && size > 0) {
    if (dataFieldPlace(name, place))
      outputs_.push_back({place, static_cast<char*>(data), static_cast<size_t>(size) * static_cast<size_t>(bytes)});
    else knowsOutputs_ = false;
  }
  if (isNew && stepper_ && size > 0) {
    if (!stepper_->addOutput(name, data, static_cast<size_t>(size) * static_cast<size_t>(bytes))) stepper_.reset();
  }
  return true;
}

bool Batch::gather(const std::vector<Column>& columns, Table& table) {
  std::vector<Derived::Columns> sources;
  table = {nullptr, 0, ElementType::float32};
  for (const Column& column : columns) {
    Derived::Columns source{};
    if (column.component) {
      source = stateColumns(column.component);
    } else {
      Table from;
      if (!output(column.output.c_str(), from)) return false;
      source = {static_cast<const mjtNum*>(from.data), from.size, 0};
    }
    source.data += column.first;
    source.count = column.count;
    table.size += column.count;
    sources.push_back(source);
  }
  table.data = derived_.addGather(std::move(sources), slots_);
  return true;
}

void Batch::refresh(const int* slots, int count) {
  if (!derived_.empty()) forEachSlot(slots, count, slots_, [&](int slot) { derived_.update(slot); });
}

void Batch::refreshSound(const int* slots, int count) {
  if (derived_.empty()) return;
  forEachSlot(slots, count, slots_, [&](int slot) {
    if (faults_[static_cast<size_t>(slot)] == static_cast<uint8_t>(Fault::none)) derived_.update(slot);
  });
}

bool Batch::expand(const char* name, Table& table, std::string& error) {
  int size = 0;
  int bytes = 0;
  void* data = nullptr;
  runTrapped([&] { data = mjb_expand(batch_, name, &size, &bytes); }, error);
  // Only mjBatch gives slots their own models.
  if (data) stepper_.reset();
  table.data = data;
  table.size = size;
  return data != nullptr;
}

template <class Call>
int Batch::run(const int* slots, int count, bool moves, std::string& error, Call&& call) {
  std::memset(faults_.data(), 0, faults_.size());
  int failed = 0;
  if (slots && count == 0) return 0;
  if (!runTrapped([&] { failed = call(); }, error)) return -1;
  const int faulty = collectFaults(slots, count, failed);
  if (moves) refreshSound(slots, count);
  return faulty;
}

int Batch::collectFaults(const int* slots, int count, int failed) {
  const int* status = mjb_status(batch_);
  int faulty = 0;
  // mjBatch resets a diverged simulation and starts its counters anew, so they are moved out after every call.
  forEachSlot(slots, count, slots_, [&](int slot) {
    mjWarningStat* stats = warnings_ + static_cast<int64_t>(slot) * mjNWARNING;
    int32_t* totals = warningCounts_.data() + static_cast<int64_t>(slot) * mjNWARNING;
    bool diverged = false;
    for (int kind = 0; kind < mjNWARNING; kind++) {
      const int number = stats[kind].number;
      if (number == 0) continue;
      totals[kind] += number;
      stats[kind].number = 0;
      diverged |= kind == mjWARN_BADQPOS || kind == mjWARN_BADQVEL || kind == mjWARN_BADQACC;
    }
    const bool raised = failed > 0 && status[slot] != 0;
    if (raised || diverged) {
      faults_[static_cast<size_t>(slot)] = static_cast<uint8_t>(raised ? Fault::engineError : Fault::diverged);
      faulty++;
    }
  });
  return faulty;
}

// mjBatch may give a thread's mjData to the next slot as soon as a call is done with one. So what is requested, and the
// outputs, are taken from it in the same call.
void Batch::work(const mjModel* m, mjData* d, int slot, void* argument) {
  const Work& work = *static_cast<const Work*>(argument);
  const Batch& batch = *work.batch;
  batch.requested_.prepare(m);
  for (int i = 0; i < work.substeps; i++) mj_step(m, d);
  computeStage(m, d, work.stage);
  for (const Output& output : batch.outputs_)
    std::memcpy(output.rows + static_cast<size_t>(slot) * output.bytes, output.place.in(d), output.bytes);
  batch.requested_.compute(m, d, slot);
}

int Batch::advance(const int* slots, int count, int substeps, int stage) {
  if (requested_.empty()) return mjb_step(batch_, slots, count, substeps, stage);
  Work argument{this, substeps, stage};
  return mjb_apply(batch_, slots, count, work, &argument, 1);
}

int Batch::compute(const int* slots, int count, int stage) {
  if (requested_.empty() || stage == mjSTAGE_NONE) return mjb_forward(batch_, slots, count, stage);
  Work argument{this, 0, stage};
  return mjb_apply(batch_, slots, count, work, &argument, 0);
}

int Batch::step(const int* slots, int count, int substeps, int stage, std::string& error) {
  if (!stepper_ || stage != mjSTAGE_NONE) {
    return run(slots, count, true, error, [&] { return advance(slots, count, substeps, stage); });
  }
  const std::vector<int>& left = stepper_->step(slots, slots ? count : slots_, substeps);
  if (left.empty()) {
    std::memset(faults_.data(), 0, faults_.size());
    return 0;
  }
  // What was not a plain step is done again by mjBatch, which keeps the books of errors and warnings.
  return run(left.data(), static_cast<int>(left.size()), true, error,
             [&] { return advance(left.data(), static_cast<int>(left.size()), substeps, stage); });
}

int Batch::forward(const int* slots, int count, int stage, std::string& error) {
  return run(slots, count, stage != mjSTAGE_NONE, error, [&] { return compute(slots, count, stage); });
}

// mjBatch clears a whole mjData for each slot. Where all that a slot has is a row of states and its outputs, these are
// written instead, from a row that mjBatch has reset.
bool Batch::resetRows(const int* slots, int count) {
  if (!stepper_ || !knowsOutputs_ || startRow_.empty()) return false;
  std::memset(faults_.data(), 0, faults_.size());
  forEachSlot(slots, count, slots_, [&](int slot) {
    std::copy(startRow_.begin(), startRow_.end(), states_ + static_cast<int64_t>(slot) * stateSize_);
    for (const Output& output : outputs_)
      std::memset(output.rows + static_cast<size_t>(slot) * output.bytes, 0, output.bytes);
  });
  return true;
}

int Batch::reset(const int* slots, int count, const int* keyframes, int stage, std::string& error) {
  const bool moves = stage != mjSTAGE_NONE;
  if (requested_.empty() || !moves) {
    if (!requested_.empty()) forEachSlot(slots, count, slots_, [&](int slot) { requested_.clear(slot); });
    const bool plain = !moves && !keyframes;
    if (plain && resetRows(slots, count)) return 0;
    const int faulty =
        run(slots, count, moves, error, [&] { return mjb_reset(batch_, slots, count, keyframes, stage); });
    if (plain && faulty == 0 && startRow_.empty() && (!slots || count > 0)) {
      const mjtNum* row = states_ + static_cast<int64_t>(slots ? slots[0] : 0) * stateSize_;
      startRow_.assign(row, row + stateSize_);
    }
    return faulty;
  }
  return run(slots, count, moves, error, [&] {
    const int failed = mjb_reset(batch_, slots, count, keyframes, mjSTAGE_NONE);
    return failed ? failed : compute(slots, count, stage);
  });
}

int Batch::setConstants(const int* slots, int count, std::string& error) {
  return run(slots, count, false, error, [&] { return mjb_setConst(batch_, slots, count); });
}

void Batch::save(const int* slots, int count, mjtNum* rows) const {
  const size_t bytes = static_cast<size_t>(stateSize_) * sizeof(mjtNum);
  for (int i = 0; i < count; i++) {
    std::memcpy(rows + static_cast<int64_t>(i) * stateSize_, states_ + static_cast<int64_t>(slots[i]) * stateSize_,
                bytes);
  }
}

int Batch::restore(const mjtNum* source, const int* slots, const int* rows, int count, int stage, std::string& error) {
  const size_t bytes = static_cast<size_t>(stateSize_) * sizeof(mjtNum);
  const auto copyRows = [&] {
    for (int i = 0; i < count; i++) {
      const int64_t row = rows ? rows[i] : i;
      std::memcpy(states_ + static_cast<int64_t>(slots[i]) * stateSize_, source + row * stateSize_, bytes);
    }
  };
  copyRows();
  if (stage == mjSTAGE_NONE || count == 0) {
    std::memset(faults_.data(), 0, faults_.size());
    return 0;
  }
  std::vector<int> sorted(slots, slots + count);
  std::sort(sorted.begin(), sorted.end());
  const int faulty = forward(sorted.data(), count, stage, error);
  // The solver's warm start is part of the state and the acceleration stage may move it: keep what was saved.
  copyRows();
  return faulty;
}

std::string Batch::errorText(int slot) const {
  if (faults_[static_cast<size_t>(slot)] != static_cast<uint8_t>(Fault::engineError)) return "";
  const char* text = mjb_error(batch_, slot);
  return text ? text : "";
}

int64_t Batch::findBadControl(const int* slots, int count) const {
  int64_t bad = -1;
  const mjtNum* controls = states_ + controlOffset_;
  forEachSlot(slots, count, slots_, [&](int slot) {
    const mjtNum* row = controls + static_cast<int64_t>(slot) * stateSize_;
    for (int i = 0; i < controlSize_; i++)
      if (!std::isfinite(row[i]) && bad < 0) bad = static_cast<int64_t>(slot) * controlSize_ + i;
  });
  return bad;
}

}  // namespace trellis::mujoco
