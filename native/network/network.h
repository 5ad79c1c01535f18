// A network with its parameters, on a pool of threads: everything a NetworkEngine computes. Results per observation do
// not depend on the batch or on the threads; sums over observations depend on the batch alone.
// Calls must not overlap.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "network/dense_gradient.h"
#include "parallel/thread_pool.h"

namespace trellis::network {

// Below this many multiply-adds (some 0.1 ms) a piece of work is not worth waking other threads.
constexpr int64_t kWorthThreads = 6000000;

// Observations of one update. The memory they point at must outlive this.
struct Observations {
  const void* data;
  int64_t count;
  int64_t rowStride;  // elements from one observation to the next

  // [count] numbers of the rows that are the observations, in this order; empty: all, in their own
  std::vector<int32_t> rows{};
  // Gradients of its dense layers are plain chains over the rows in their order.
  bool minibatch() const { return !rows.empty(); }

  // Of this set alone, or 0: what was computed last is then neither kept nor looked up.
  uint64_t number = 0;
};

// A number that no other set of this process has. Any thread may ask.
uint64_t nextSetNumber();

class Network {
 public:
  // keepBytes: activations of the last set of observations are kept between calls up to this size.
  Network(Spec spec, std::shared_ptr<parallel::ThreadPool> pool, const Kernels& kernels, int64_t keepBytes);

  const Spec& spec() const { return program_.spec; }
  const Kernels& kernels() const { return program_.kernels; }
  // Memory held: indices and weights, scratch memory of the threads that have worked, gradients.
  int64_t bytes() const { return bytes_; }
  void setTheta(const float* theta);

  // out [count, m]
  void forward(const void* observations, int64_t count, float* out);
  // Row i of thetas [count, P] for observation i.
  void forwardEach(const float* thetas, const void* observations, int64_t count, float* out);
  void evaluate(const Observations& data, float* out);
  // out [count, m]: tangents along v [P]
  void jvp(const Observations& data, const float* v, float* out);
  // out [P]: sum over observations of J^T cotangent, cotangents [count, m]
  void vjp(const Observations& data, const float* cotangents, float* out);
  // out [count, inputs]: the gradient of cotangent . outputs in each observation, through the input scaling
  void inputGradient(const Observations& data, const float* cotangents, float* out);
  // out [P]: mean over observations of weight * J^T M J v; weights [count] or null
  void fisherVectorProduct(const Observations& data, const float* v, const Metric& metric, const float* weights,
                           float* out);
  // out [count, m, P], in double precision inside
  void jacobian(const Observations& data, float* out);

 private:
  // Observations from one feature to the next: no more than a small set needs.
  int64_t strideOf(int64_t count) const;
  Block blockAt(Workspace& work, const Observations& data, int64_t index, bool fills) const;
  void makeActivations(const Block& block, const Observations& data, int64_t index) const;
  void load(const Block& block, const Observations& data, int64_t first) const;
  template <class BlockOf>
  void forwardTogether(int64_t blocks, size_t layer, BlockOf block);
  bool hold(const Observations& data);
  void vjpOfMinibatch(const Observations& data, const float* cotangents, float* out);
  bool held(const Observations& data) const;
  void nowHeld(const Observations& data) { heldSet_ = data.number, heldVersion_ = version_; }
  template <class Body>
  void eachBlock(int64_t count, Body&& body);
  template <class Body>
  void sumGradient(int64_t count, double factor, float* out, Body&& body);
  template <class Body>
  void sumSparse(int64_t chunks, Body&& body, float* out);
  Workspace& workspace(int worker);
  const void* row(const Observations& data, int64_t index) const;

  Program program_;
  std::shared_ptr<parallel::ThreadPool> pool_;
  int64_t keepBytes_;
  std::atomic<int64_t> bytes_{0};
  std::unique_ptr<Packed> theta_;
  uint64_t version_ = 0;
  std::vector<std::unique_ptr<Workspace>> workspaces_;
  std::vector<Buffer> gradients_;
  // Activations of all blocks of a set, its number and the version of θ.
  Buffer held_;
  int64_t heldFloats_ = 0;
  uint64_t heldSet_ = 0, heldVersion_ = 0;
  DenseGradient dense_;
  int64_t sparseEnd_ = 0;       // parameters of layers that are not dense end here
  std::vector<Buffer> sparse_;  // [sparseEnd_] their gradients, in parts
};

}  // namespace trellis::network
