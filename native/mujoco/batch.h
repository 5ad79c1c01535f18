// N simulations of one model on MuJoCo's batch engine. A slot is a row of the state table; what MuJoCo derives from it
// is copied to outputs after every call. Calls are made from one thread at a time.
#pragma once

#include <mujoco/mujoco.h>
#include <mujoco/mjbatch.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mujoco/derived.h"
#include "mujoco/model.h"
#include "mujoco/requested.h"
#include "mujoco/stepper.h"

namespace trellis::mujoco {

// What happened to a slot in the last call.
enum class Fault : uint8_t { none = 0, diverged = 1, engineError = 2 };

struct Table {
  void* data = nullptr;  // slots x size elements, owned by the batch, at the same address for its whole life
  int64_t size = 0;      // elements a slot
  ElementType type = ElementType::float64;
};

class Batch {
 public:
  // Null on failure, with the reason in `error`; throws ThreadsUnavailable and bad_alloc.
  // `persistent`: one mjData a slot instead of one a thread. `kernel`: of the outputs that it adds, or none.
  static std::unique_ptr<Batch> make(std::shared_ptr<const Model> model, int slots, int threads, bool persistent,
                                     std::string& error, std::unique_ptr<RowKernel> kernel = nullptr);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  int slots() const { return slots_; }
  int threads() const;
  const Model& model() const { return *model_; }
  // Bytes that it takes at least, without the tables of outputs and parameters.
  int64_t memory() const;

  // The state table [slots x stateSize], rows as mj_getState(mjSTATE_INTEGRATION) writes them.
  mjtNum* states() { return states_; }
  int stateSize() const { return stateSize_; }
  // First element of a component (one mjtState bit) in row 0, and its size.
  int64_t componentOffset(int component, int* size);

  // Whether steps of stage "none" are done by Stepper, which costs a small model less than mjBatch's own.
  bool fast() const { return stepper_ != nullptr; }
  // Whether asking for this output leaves them so.
  bool keepsFast(const std::string& name);

  // Copied out after every call from now on. False for a name that is no output (see dataFields). A kernel's outputs follow
  // every step, and other calls with a stage. Requested outputs (requested.h) follow steps of stage "none", and calls up
  // to the stage that they need (mjSTAGE_ACC; for subtree velocities and energy mjSTAGE_VEL); others may not be made.
  bool output(const char* name, Table& table);
  // A table of floats [slots x sum of counts] that puts columns of states and float64 outputs side by side, brought up to
  // date when they are. False if an output is unknown.
  struct Column {
    int component;       // mjtState bit, or 0 for an output
    std::string output;  // its name
    int first;
    int count;
  };
  bool gather(const std::vector<Column>& columns, Table& table);
  // Brings gathered rows and the kernel's outputs up to date with states that the caller has written.
  void refresh(const int* slots, int count);
  // Gives a model field one value a slot. False for a name that cannot be expanded; `error` is set if MuJoCo objects.
  bool expand(const char* name, Table& table, std::string& error);

  // The calls below run on `count` sorted unique slots, or on all when slots is null; they return how many of them had
  // a fault, or -1 if MuJoCo rejected the call itself, with its text in `error`.
  int step(const int* slots, int count, int substeps, int stage, std::string& error);
  int forward(const int* slots, int count, int stage, std::string& error);
  // keyframes: one a slot, -1 = the model's defaults; null = defaults.
  int reset(const int* slots, int count, const int* keyframes, int stage, std::string& error);
  // Derived model constants of expanded fields (masses, inertias …).
  int setConstants(const int* slots, int count, std::string& error);

  void save(const int* slots, int count, mjtNum* rows) const;
  // Row rows[i] (null: row i) goes into slots[i]; any order, then derived fields are computed up to `stage`.
  int restore(const mjtNum* source, const int* slots, const int* rows, int count, int stage, std::string& error);

  // [slots]; Fault of the last call, none for slots that took no part.
  uint8_t* faults() { return faults_.data(); }
  // [slots x mjNWARNING]; warnings by kind since the batch was made or the counters were cleared by the caller.
  int32_t* warningCounts() { return warningCounts_.data(); }
  // Text of the slot's engine error in the last call, or "".
  std::string errorText(int slot) const;
  // The first control that is NaN or infinite in the slots given: its slot * nu + index, or -1.
  int64_t findBadControl(const int* slots, int count) const;

 private:
  Batch(std::shared_ptr<const Model> model, mjBatch* batch, std::unique_ptr<RowKernel> kernel);
  template <class Call>
  int run(const int* slots, int count, bool moves, std::string& error, Call&& call);
  int collectFaults(const int* slots, int count, int failed);
  int advance(const int* slots, int count, int substeps, int stage);
  int compute(const int* slots, int count, int stage);
  bool requestedOutput(const std::string& name, Table& table);
  bool resetRows(const int* slots, int count);
  // Of the slots without a fault.
  void refreshSound(const int* slots, int count);
  Derived::Columns stateColumns(int component);

  std::shared_ptr<const Model> model_;
  mjBatch* batch_;
  Requested requested_;
  Derived derived_;
  std::unique_ptr<Stepper> stepper_;  // null where only mjBatch will do
  int slots_;
  int stateSize_;
  mjtNum* states_;
  mjWarningStat* warnings_;
  int64_t controlOffset_ = 0;
  int controlSize_ = 0;
  struct Output {
    DataPlace place;
    char* rows;
    size_t bytes;  // a slot
  };
  // What is done for a slot by one call of ours instead of mjBatch's; see advance().
  struct Work {
    const Batch* batch;
    int substeps;
    int stage;
  };
  static void work(const mjModel* m, mjData* d, int slot, void* argument);

  std::set<std::string> outputNames_;
  std::vector<Output> outputs_;   // MuJoCo's own
  bool knowsOutputs_ = true;      // all of them are in outputs_
  std::vector<mjtNum> startRow_;  // what mjBatch's reset makes of a row; empty until it has done one
  std::vector<uint8_t> faults_;
  std::vector<int32_t> warningCounts_;
};

}  // namespace trellis::mujoco
