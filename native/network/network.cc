#include "network/network.h"

#include <algorithm>
#include <cstring>

namespace trellis::network {
namespace {

// Below this many multiply-adds of a layer (some 20 µs) threads had better not share it.
constexpr int64_t kWorthSplitting = 1000000;
// Numbers of observations likewise.
constexpr int64_t kWorthLoading = 60000;

}  // namespace

uint64_t nextSetNumber() {
  static std::atomic<uint64_t> sets{0};
  return ++sets;
}

Network::Network(Spec spec, std::shared_ptr<parallel::ThreadPool> pool, const Kernels& kernels, int64_t keepBytes)
    : program_(std::move(spec), kernels),
      pool_(std::move(pool)),
      keepBytes_(keepBytes),
      workspaces_(pool_->threads()),
      dense_(program_, bytes_) {
  for (const Layer& layer : program_.spec.layers) {
    if (!layer.dense() && layer.biasCount() > 0) sparseEnd_ = layer.biasOffset + layer.biasCount();
  }
  const int64_t parameters = program_.spec.parameterCount();
  setTheta(std::vector<float>(parameters).data());
  // θ and its packed weights (float), forward and backward; the parameter of each packed weight (64 bits).
  bytes_ += parameters * (3 * sizeof(float) + 2 * sizeof(int64_t));
}

void Network::setTheta(const float* theta) {
  if (theta_) theta_->assign(program_, theta);
  else theta_ = std::make_unique<Packed>(program_, theta, true);
  ++version_;
}

Workspace& Network::workspace(int worker) {
  if (!workspaces_[worker]) workspaces_[worker] = std::make_unique<Workspace>(program_, bytes_);
  return *workspaces_[worker];
}

const void* Network::row(const Observations& data, int64_t index) const {
  const int64_t at = data.rows.empty() ? index : data.rows[index];
  return static_cast<const char*>(data.data) + at * data.rowStride * (program_.spec.bytes ? 1 : sizeof(float));
}

// Reads a block's observations, the first of which has number `first`.
void Network::load(const Block& block, const Observations& data, int64_t first) const {
  block.work.heldSet = 0;
  if (data.rows.empty()) return loadInput(block, row(data, first), data.rowStride);
  const int64_t bytes = program_.spec.inputSize() * (program_.spec.bytes ? 1 : sizeof(float));
  auto* gathered = static_cast<char*>(block.work.gathered());
  for (int i = 0; i < block.rows; ++i) std::memcpy(gathered + i * bytes, row(data, first + i), bytes);
  loadInput(block, gathered, program_.spec.inputSize());
}

void Network::evaluate(const Observations& data, float* out) {
  const int64_t count = data.count;
  if (count == 0) return;
  int64_t stride = strideOf(count);
  int64_t tasks = (count + stride - 1) / stride;
  const bool alone = program_.workOf(count) < kWorthThreads;
  if (tasks < pool_->threads() || alone) {
    const int64_t parts = alone ? 1 : pool_->threads();
    stride = std::min(stride, roundUp((count + parts - 1) / parts, kTile));
    tasks = (count + stride - 1) / stride;
  }
  // A minibatch is probably pulled back next.
  const bool holds = tasks > 1 && stride == strideOf(count) && data.minibatch() && hold(data);
  const auto blockOf = [&](int64_t index, int worker) {
    Workspace& work = workspace(worker);
    const int rows = static_cast<int>(std::min(stride, count - index * stride));
    float* activations = holds ? held_.get() + index * stride * program_.keptFeatures : work.activation.get();
    return Block{work, activations, stride, static_cast<int>(roundUp(rows, kTile)), rows};
  };
  const auto finish = [&](const Block& block, int64_t index) {
    block.work.heldSet = tasks == 1 && block.rows > 1 ? data.number : 0;
    block.work.heldVersion = version_;
    storeOutputs(block, false, theta_->at(program_.spec.stateIndependentOffset()),
                 out + index * stride * program_.spec.outputSize());
  };
  const auto task = [&](int64_t index, int worker) {
    const Block block = blockOf(index, worker);
    load(block, data, index * stride);
    network::forward(block, *theta_, block.rows == 1);
    finish(block, index);
  };
  if (alone) {
    for (int64_t index = 0; index < tasks; ++index) task(index, 0);
  } else if (tasks >= pool_->threads()) {
    pool_->run(tasks, task);
  } else {
    // Too few for the threads: each block has a workspace, made before they share it, and they go from layer to layer
    // together.
    for (int64_t index = 0; index < tasks; ++index) workspace(static_cast<int>(index));
    const auto block = [&](int64_t index) { return blockOf(index, static_cast<int>(index)); };
    const int parts =
        data.rows.empty() && stride * program_.spec.inputSize() >= kWorthLoading ? 2 * pool_->threads() : 1;
    pool_->run(tasks * parts, [&](int64_t number, int) {
      const int64_t index = number / parts;
      if (parts == 1) return load(block(index), data, index * stride);
      loadInput(block(index), row(data, index * stride), data.rowStride, static_cast<int>(number % parts), parts);
    });
    for (size_t layer = 0; layer < program_.plans.size(); ++layer) forwardTogether(tasks, layer, block);
    for (int64_t index = 0; index < tasks; ++index) finish(block(index), index);
  }
  if (holds) nowHeld(data);
}

// One layer of a few blocks, in parts where that is worth it.
template <class BlockOf>
void Network::forwardTogether(int64_t blocks, size_t l, BlockOf block) {
  const Layer& layer = program_.spec.layers[l];
  const bool splits = int64_t{layer.outputSize()} * layer.taps() * block(0).lanes >= kWorthSplitting;
  const int parts = layer.kind == Kind::affine && layer.positions() > 1 && splits ? 2 * pool_->threads() : 1;
  if (parts == 1) {
    for (int64_t index = 0; index < blocks; ++index) forwardLayer(block(index), *theta_, l, block(index).rows == 1);
    return;
  }
  pool_->run(blocks * parts, [&](int64_t number, int) {
    forwardPart(block(number / parts), *theta_, l, static_cast<int>(number % parts), parts);
  });
}

void Network::forward(const void* observations, int64_t count, float* out) {
  evaluate({observations, count, program_.spec.inputSize()}, out);
}

void Network::forwardEach(const float* thetas, const void* observations, int64_t count, float* out) {
  const Spec& spec = program_.spec;
  const int64_t parameters = spec.parameterCount();
  const int m = spec.outputSize(), emitted = spec.emitted();
  const Observations data{observations, count, spec.inputSize()};
  pool_->run((count + kTile - 1) / kTile, [&](int64_t tile, int worker) {
    Workspace& work = workspace(worker);
    const int rows = static_cast<int>(std::min<int64_t>(kTile, count - tile * kTile));
    const Block block{work, work.activation.get(), kTile, kTile, rows};
    load(block, data, tile * kTile);
    const float* own = thetas + tile * kTile * parameters;
    const Buffer lanes = makeBuffer(parameters * kTile);
    program_.kernels.loadFloats(own, parameters, rows, static_cast<int>(parameters), {nullptr, nullptr, 0}, lanes.get(),
                                kTile, kTile);
    network::forwardEach(block, lanes.get());
    for (int i = 0; i < rows; ++i) {
      float* outputs = out + (tile * kTile + i) * m + emitted;
      std::copy_n(own + i * parameters + spec.stateIndependentOffset(), spec.stateIndependent, outputs);
    }
    float* to = out + tile * kTile * spec.outputSize();
    for (int head : spec.heads) {
      const int size = spec.layers[head].outputSize();
      program_.kernels.storeRows(block.output(head), kTile, rows, size, to, spec.outputSize());
      to += size;
    }
  });
}

// Makes room for a set's activations, in place of those held so far.
bool Network::hold(const Observations& data) {
  const int64_t floats = program_.keptFeatures * roundUp(data.count, program_.block);
  if (data.number == 0 || floats * static_cast<int64_t>(sizeof(float)) > keepBytes_) return false;
  heldSet_ = 0;
  if (floats > heldFloats_) {
    held_.reset();
    held_ = makeBuffer(floats);
    bytes_ += (floats - heldFloats_) * static_cast<int64_t>(sizeof(float));
    heldFloats_ = floats;
  }
  return true;
}

bool Network::held(const Observations& data) const {
  return data.number != 0 && heldSet_ == data.number && heldVersion_ == version_;
}

int64_t Network::strideOf(int64_t count) const { return std::min<int64_t>(program_.block, roundUp(count, kTile)); }

// `fills`: there is room for the set's activations, which are to be made.
Block Network::blockAt(Workspace& work, const Observations& data, int64_t index, bool fills) const {
  const int64_t stride = strideOf(data.count);
  const int rows = static_cast<int>(std::min(stride, data.count - index * stride));
  Block block{work, work.activation.get(), stride, static_cast<int>(roundUp(rows, kTile)), rows};
  block.ready = held(data);
  if (block.ready || fills) block.activations = held_.get() + index * stride * program_.keptFeatures;
  return block;
}

// Reads a block's observations and, unless they are there, computes its activations.
void Network::makeActivations(const Block& block, const Observations& data, int64_t index) const {
  const Workspace& work = block.work;
  const bool own = block.activations == work.activation.get();
  if (own && data.number != 0 && work.heldSet == data.number && work.heldVersion == version_) return;
  load(block, data, index * block.stride);
  if (!block.ready) network::forward(block, *theta_);
}

}  // namespace trellis::network
