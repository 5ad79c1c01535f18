#include "network/network.h"

#include <algorithm>
#include <cstring>

#include "network/reference.h"

namespace trellis::network {
namespace {

// Sums over observations are made in this many parts at most, each in order, and then added in order.
constexpr int64_t kChunks = 64;
// Below this many multiply-adds (some 0.1 ms) a forward pass is not worth waking other threads.
constexpr int64_t kWorthThreads = 6000000;
// Below this many multiply-adds of a layer (some 20 µs) threads had better not share it.
constexpr int64_t kWorthSplitting = 1000000;
// Parameters that one task sums.
constexpr int64_t kPart = 2048;

int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// gradient [P] += cotangents of the outputs that no observation changes; rows [count, m]
void sumStateIndependent(const Spec& spec, const float* rows, int64_t count, float* gradient) {
  for (int i = 0; i < spec.stateIndependent; ++i) {
    float sum = 0;
    for (int64_t j = 0; j < count; ++j) sum += rows[j * spec.outputSize() + spec.emitted() + i];
    gradient[spec.stateIndependentOffset() + i] += sum;
  }
}

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

// valueOf(head): [outputs of the head, stride]
template <class ValueOf>
void Network::storeOutputs(const Block& block, ValueOf valueOf, const float* stateIndependent, float* out) const {
  const Spec& spec = program_.spec;
  const int m = spec.outputSize();
  for (int head : spec.heads) {
    const int size = spec.layers[head].outputSize();
    program_.kernels.storeRows(valueOf(head), block.stride, block.rows, size, out, m);
    out += size;
  }
  for (int i = 0; i < block.rows && spec.stateIndependent > 0; ++i) {
    std::copy_n(stateIndependent, spec.stateIndependent, out + int64_t{i} * m);
  }
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
  const bool holds = tasks > 1 && stride == strideOf(count) && hold(data);
  const auto blockOf = [&](int64_t index, int worker) {
    Workspace& work = workspace(worker);
    const int rows = static_cast<int>(std::min(stride, count - index * stride));
    float* activations = holds ? held_.get() + index * stride * program_.keptFeatures : work.activation.get();
    return Block{work, activations, stride, static_cast<int>(roundUp(rows, kTile)), rows};
  };
  const auto finish = [&](const Block& block, int64_t index) {
    if (tasks == 1 && block.rows > 1) block.work.heldSet = data.number, block.work.heldVersion = version_;
    storeOutputs(
        block, [&](int head) { return block.output(head); }, theta_->at(program_.spec.stateIndependentOffset()),
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
    // Too few for the threads: each block has a workspace, and they go from layer to layer together.
    const auto block = [&](int64_t index) { return blockOf(index, static_cast<int>(index)); };
    pool_->run(tasks, [&](int64_t index, int) { load(block(index), data, index * stride); });
    for (size_t layer = 0; layer < program_.plans.size(); ++layer) forwardTogether(tasks, layer, block);
    for (int64_t index = 0; index < tasks; ++index) finish(block(index), index);
  }
  if (holds) heldSet_ = data.number, heldVersion_ = version_;
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

int64_t Network::keptFloats(const Observations& data) const {
  const int64_t floats = program_.keptFeatures * roundUp(data.count, program_.block);
  return floats * static_cast<int64_t>(sizeof(float)) > keepBytes_ ? 0 : floats;
}

// Makes room for the activations of a minibatch that is probably pulled back next.
bool Network::hold(const Observations& data) {
  const int64_t floats = data.minibatch() && data.number != 0 ? keptFloats(data) : 0;
  if (floats == 0) return false;
  heldSet_ = 0;
  if (floats > heldFloats_) {
    held_ = makeBuffer(floats);
    bytes_ += (floats - heldFloats_) * static_cast<int64_t>(sizeof(float));
    heldFloats_ = floats;
  }
  return true;
}

bool Network::held(const Observations& data) const {
  return data.number != 0 && heldSet_ == data.number && heldVersion_ == version_;
}

bool Network::keep(Observations& data) const {
  const int64_t floats = keptFloats(data);
  if (floats == 0) return false;
  if (!data.kept) {
    data.kept = makeBuffer(floats);
    data.keptBytes = floats * static_cast<int64_t>(sizeof(float));
  }
  return data.keptVersion != version_;
}

int64_t Network::strideOf(int64_t count) const { return std::min<int64_t>(program_.block, roundUp(count, kTile)); }

// `fills`: what the set keeps is made anew where it is of other parameters.
Block Network::blockAt(Workspace& work, const Observations& data, int64_t index, bool fills) const {
  const int64_t stride = strideOf(data.count);
  const int rows = static_cast<int>(std::min(stride, data.count - index * stride));
  Block block{work, work.activation.get(), stride, static_cast<int>(roundUp(rows, kTile)), rows};
  const bool fresh = data.kept && data.keptVersion == version_;
  if (fresh || (data.kept && fills)) {
    block.activations = data.kept.get() + index * stride * program_.keptFeatures;
    block.ready = fresh;
  } else if (held(data)) {
    block.activations = held_.get() + index * stride * program_.keptFeatures;
    block.ready = true;
  }
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

template <class Body>
void Network::eachBlock(int64_t count, Body&& body) {
  pool_->run((count + program_.block - 1) / program_.block,
             [&](int64_t index, int worker) { body(index, workspace(worker)); });
}

// out = factor * (sum over blocks of what body(index, workspace, gradient) adds to gradient [P]).
template <class Body>
void Network::sumGradient(int64_t count, double factor, float* out, Body&& body) {
  const int64_t blocks = (count + program_.block - 1) / program_.block;
  const int64_t chunks = std::min(blocks, kChunks);
  const int64_t parameters = program_.spec.parameterCount();
  if (chunks == 1 && factor == 1) {
    std::fill_n(out, parameters, 0.0f);
    for (int64_t index = 0; index < blocks; ++index) body(index, workspace(0), out);
    return;
  }
  while (static_cast<int64_t>(gradients_.size()) < chunks) {
    gradients_.push_back(makeBuffer(parameters));
    bytes_ += sizeof(float) * parameters;
  }
  const auto task = [&](int64_t chunk, int worker) {
    float* gradient = gradients_[chunk].get();
    std::memset(gradient, 0, sizeof(float) * parameters);
    for (int64_t index = chunk * blocks / chunks; index < (chunk + 1) * blocks / chunks; ++index) {
      body(index, workspace(worker), gradient);
    }
  };
  if (chunks == 1) task(0, 0);
  else pool_->run(chunks, task);
  if (chunks == 1) {
    const float* gradient = gradients_[0].get();
    for (int64_t i = 0; i < parameters; ++i) out[i] = static_cast<float>(factor * double{gradient[i]});
    return;
  }
  pool_->run((parameters + kPart - 1) / kPart, [&](int64_t part, int) {
    for (int64_t i = part * kPart; i < std::min(parameters, (part + 1) * kPart); ++i) {
      double sum = 0;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += gradients_[chunk][i];
      out[i] = static_cast<float>(factor * sum);
    }
  });
}

void Network::jvp(Observations& data, const float* v, float* out) {
  const Packed direction(program_, v, false);
  const Spec& spec = program_.spec;
  keep(data);
  eachBlock(data.count, [&](int64_t index, Workspace& work) {
    const Block block = blockAt(work, data, index, true);
    makeActivations(block, data, index);
    tangent(block, *theta_, direction);
    storeOutputs(
        block, [&](int head) { return block.tangent(head); }, v + spec.stateIndependentOffset(),
        out + index * block.stride * spec.outputSize());
  });
  data.keptVersion = version_;
}

void Network::vjp(const Observations& data, const float* cotangents, float* out) {
  if (data.minibatch()) return vjpOfMinibatch(data, cotangents, out);
  const int m = program_.spec.outputSize();
  sumGradient(data.count, 1, out, [&](int64_t index, Workspace& work, float* gradient) {
    const Block block = blockAt(work, data, index, false);
    makeActivations(block, data, index);
    const float* rows = cotangents + index * block.stride * m;
    loadCotangents(block, rows);
    pullback(block, *theta_, gradient, false);
    sumStateIndependent(program_.spec, rows, block.rows, gradient);
  });
}

// In portions of whole blocks: first all layers but the dense ones, whose rows are laid down, then the dense ones.
void Network::vjpOfMinibatch(const Observations& data, const float* cotangents, float* out) {
  const Spec& spec = program_.spec;
  const int64_t stride = strideOf(data.count), m = spec.outputSize();
  std::fill_n(out, spec.parameterCount(), 0.0f);
  sumStateIndependent(spec, cotangents, data.count, out);
  for (int64_t first = 0; first < data.count; first += dense_.capacity()) {
    const int64_t rows = std::min(dense_.capacity(), data.count - first);
    const int64_t blocks = (rows + stride - 1) / stride, chunks = std::min(blocks, kChunks);
    dense_.begin(rows);
    const auto chunk = [&](int64_t number, int worker, float* gradient) {
      for (int64_t i = number * blocks / chunks; i < (number + 1) * blocks / chunks; ++i) {
        const int64_t index = first / stride + i;
        Block block = blockAt(workspace(worker), data, index, false);
        makeActivations(block, data, index);
        loadCotangents(block, cotangents + index * stride * m);
        block.dense = &dense_;
        block.row = i * stride;
        pullback(block, *theta_, gradient, false);
      }
    };
    if (chunks == 1) {
      chunk(0, 0, out);
    } else {
      sumSparse(chunks, chunk, out);
    }
    if (rows * dense_.macs() < kWorthThreads) {
      for (int64_t part = 0; part < dense_.parts(); ++part) dense_.add(part, out);
    } else {
      pool_->run(dense_.parts(), [&](int64_t part, int) { dense_.add(part, out); });
    }
  }
}

// out += sums of what body(chunk, worker, gradient) adds to the gradients of layers that are not dense.
template <class Body>
void Network::sumSparse(int64_t chunks, Body&& body, float* out) {
  while (static_cast<int64_t>(sparse_.size()) < chunks) {
    sparse_.push_back(makeBuffer(sparseEnd_));
    bytes_ += sizeof(float) * sparseEnd_;
  }
  pool_->run(chunks, [&](int64_t chunk, int worker) {
    float* gradient = sparse_[chunk].get();
    std::memset(gradient, 0, sizeof(float) * sparseEnd_);
    body(chunk, worker, gradient);
  });
  pool_->run((sparseEnd_ + kPart - 1) / kPart, [&](int64_t part, int) {
    for (int64_t i = part * kPart; i < std::min(sparseEnd_, (part + 1) * kPart); ++i) {
      double sum = 0;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += sparse_[chunk][i];
      out[i] += static_cast<float>(sum);
    }
  });
}

void Network::inputGradient(const Observations& data, const float* cotangents, float* out) {
  const Spec& spec = program_.spec;
  const Kernels& kernels = program_.kernels;
  eachBlock(data.count, [&](int64_t index, Workspace& work) {
    const Block block = blockAt(work, data, index, false);
    makeActivations(block, data, index);
    loadCotangents(block, cotangents + index * block.stride * spec.outputSize());
    pullback(block, *theta_, nullptr, true);
    float* gradient = block.cotangent(kObservation);
    kernels.unscale(work.input.get(), gradient, spec.inputSize(), program_.scaling(), block.stride, block.lanes);
    kernels.storeRows(gradient, block.stride, block.rows, spec.inputSize(),
                      out + index * block.stride * spec.inputSize(), spec.inputSize());
  });
}

void Network::fisherVectorProduct(Observations& data, const float* v, const Metric& metric, const float* weights,
                                  float* out) {
  const Spec& spec = program_.spec;
  const Packed direction(program_, v, false);
  keep(data);
  const double mean = data.count > 0 ? 1.0 / data.count : 0;
  sumGradient(data.count, mean, out, [&](int64_t index, Workspace& work, float* gradient) {
    const Block block = blockAt(work, data, index, true);
    makeActivations(block, data, index);
    tangent(block, *theta_, direction);
    const int64_t first = index * block.stride;
    applyMetric(block, *theta_, direction, metric, first, weights == nullptr ? nullptr : weights + first,
                gradient + spec.stateIndependentOffset());
    pullback(block, *theta_, gradient, false);
  });
  data.keptVersion = version_;
  if (!meansAlone(spec, metric)) return;
  double total = static_cast<double>(data.count);
  if (weights != nullptr) {
    total = 0;
    for (int64_t i = 0; i < data.count; ++i) total += weights[i];
  }
  for (int64_t i = spec.stateIndependentOffset(); i < spec.parameterCount(); ++i) {
    out[i] = static_cast<float>(2 * v[i] * total * mean);
  }
}

void Network::jacobian(const Observations& data, float* out) {
  const Spec& spec = program_.spec;
  const int64_t parameters = spec.parameterCount();
  const int m = spec.outputSize();
  pool_->run(data.count, [&](int64_t index, int) {
    Reference reference(spec, theta_->parameters.data());
    reference.forward(scaledInput(spec, row(data, index)));
    for (int k = 0; k < m; ++k) {
      std::vector<double> unit(m), gradient(parameters);
      unit[k] = 1;
      reference.pullback(unit, gradient);
      std::copy(gradient.begin(), gradient.end(), out + (index * m + k) * parameters);
    }
  });
}

}  // namespace trellis::network
