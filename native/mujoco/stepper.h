// The common case of a step, done by hand: mj_step on one mjData a thread, with the plain components of the state rows
// copied in and out. mjBatch does the same through MuJoCo's general state functions, which cost a small model a tenth
// of its step. Whatever is not plain (warnings, errors) is left undone here and given back for mjBatch to do.
#pragma once

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mujoco/derived.h"
#include "mujoco/requested.h"
#include "parallel/thread_pool.h"

namespace trellis::mujoco {

class Stepper {
 public:
  // Null for models whose state rows have other than plain components, or whose derived fields outlast a step.
  // `requested` and `derived` are brought up to date after each step without incident.
  static std::unique_ptr<Stepper> make(mjBatch* batch, const Requested& requested, Derived& derived);
  ~Stepper();
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  // Whether it can put out this mjData field.
  bool knows(const std::string& name) const;
  // Also puts out this mjData field. False if it is not one that this class can copy.
  bool addOutput(const std::string& name, void* data, size_t bytes);

  // mj_step `substeps` times on slots (all `count` if null). Returns those that raised an error or a warning, ascending;
  // their rows are as before.
  const std::vector<int>& step(const int* slots, int count, int substeps);

 private:
  struct Piece {
    mjtNum* data;  // in the mjData
    int offset;    // in the state row
    int size;
  };
  struct Output {
    const void* from;  // in the mjData
    char* to;          // row of slot 0
    size_t bytes;
  };
  struct Worker {
    mjData* data = nullptr;
    std::vector<Piece> inputs;    // all of the row
    std::vector<Piece> evolving;  // what a step without incident changes
    std::vector<Output> outputs;
  };
  struct Range {
    const int* slots;
    int next;
    int end;
    int substeps;
  };

  Stepper(mjBatch* batch, const Requested& requested, Derived& derived, int threads);
  void stepRange(Worker& worker, Range& range);
  bool stepSlot(Worker& worker, int slot, int substeps);

  const mjModel* model_;
  const Requested& requested_;
  Derived& derived_;
  mjtNum* states_;
  int stateSize_;
  std::vector<Worker> workers_;
  parallel::ThreadPool pool_;
  std::mutex mutex_;
  std::vector<int> left_;
};

}  // namespace trellis::mujoco
