#include "network/policy_network.h"

#include <algorithm>
#include <cstring>

#include "network/reference.h"

namespace trellis::network {
namespace {

// Sums over observations are made in this many parts at most, each in order, and then added in order.
constexpr int64_t kChunks = 64;
// Below this many multiply-adds (some 0.1 ms) a forward pass is not worth waking other threads.
constexpr int64_t kWorthThreads = 6000000;

int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

PolicyNetwork::PolicyNetwork(Spec spec, std::shared_ptr<parallel::ThreadPool> pool, const Kernels& kernels,
                             int64_t keepBytes)
    : program_(std::move(spec), kernels), pool_(std::move(pool)), keepBytes_(keepBytes), workspaces_(pool_->threads()) {
  const int64_t parameters = program_.spec.parameterCount();
  setParameters(std::vector<float>(parameters).data());
  // θ and its packed weights (float), forward and backward; the parameter of each packed weight (64 bits).
  bytes_ = parameters * (3 * sizeof(float) + 2 * sizeof(int64_t));
}

void PolicyNetwork::setParameters(const float* theta) {
  theta_ = std::make_unique<Packed>(program_, theta, true);
  ++version_;
}

Workspace& PolicyNetwork::workspace(int worker) {
  if (!workspaces_[worker]) {
    workspaces_[worker] = std::make_unique<Workspace>(program_);
    bytes_ += workspaces_[worker]->bytes;
  }
  return *workspaces_[worker];
}

const void* PolicyNetwork::row(const void* observations, int64_t rowStride, int64_t index) const {
  return static_cast<const char*>(observations) + index * rowStride * (program_.spec.bytes ? 1 : sizeof(float));
}

void PolicyNetwork::storeOutputs(const Block& block, const float* outputs, const float* logStds, float* out) const {
  const Spec& spec = program_.spec;
  program_.kernels.storeRows(outputs, block.stride, block.rows, spec.outputs(), out, spec.outputSize());
  for (int i = 0; i < block.rows && spec.logStds() > 0; ++i) {
    std::copy_n(logStds, spec.logStds(), out + i * spec.outputSize() + spec.outputs());
  }
}

void PolicyNetwork::forwardRows(const void* observations, int64_t rowStride, int64_t count, float* out) {
  if (count == 0) return;
  int64_t stride = program_.block;
  int64_t tasks = (count + stride - 1) / stride;
  const bool alone = count * program_.macs < kWorthThreads;
  if (tasks < pool_->threads() || alone) {
    const int64_t parts = alone ? 1 : pool_->threads();
    stride = std::min(stride, roundUp((count + parts - 1) / parts, kTile));
    tasks = (count + stride - 1) / stride;
  }
  const auto task = [&](int64_t index, int worker) {
    Workspace& work = workspace(worker);
    const int rows = static_cast<int>(std::min(stride, count - index * stride));
    const Block block{work, work.activation.get(), stride, static_cast<int>(roundUp(rows, kTile)), rows};
    loadInput(block, row(observations, rowStride, index * stride), rowStride);
    network::forward(block, *theta_);
    storeOutputs(block, block.outputs(), theta_->parameters.data() + program_.spec.logStdOffset(),
                 out + index * stride * program_.spec.outputSize());
  };
  if (alone) {
    for (int64_t index = 0; index < tasks; ++index) task(index, 0);
  } else {
    pool_->run(tasks, task);
  }
}

void PolicyNetwork::forward(const void* observations, int64_t count, float* out) {
  forwardRows(observations, program_.spec.inputSize(), count, out);
}

void PolicyNetwork::evaluate(const Observations& data, float* out) {
  forwardRows(data.data, data.rowStride, data.count, out);
}

void PolicyNetwork::forwardEach(const float* thetas, const void* observations, int64_t count, float* out) {
  const Spec& spec = program_.spec;
  const int64_t parameters = spec.parameterCount();
  pool_->run((count + kTile - 1) / kTile, [&](int64_t tile, int worker) {
    Workspace& work = workspace(worker);
    const int rows = static_cast<int>(std::min<int64_t>(kTile, count - tile * kTile));
    const Block block{work, work.activation.get(), kTile, kTile, rows};
    loadInput(block, row(observations, spec.inputSize(), tile * kTile), spec.inputSize());
    const float* own = thetas + tile * kTile * parameters;
    const Buffer lanes = makeBuffer(parameters * kTile);
    program_.kernels.loadFloats(own, parameters, rows, static_cast<int>(parameters), {nullptr, nullptr, 0}, lanes.get(),
                                kTile, kTile);
    for (size_t l = 0; l < program_.plans.size(); ++l) {
      const Layer& layer = spec.layers[l];
      program_.kernels.gatherEach(view(program_.plans[l].forward), lanes.get(), layer.biasOffset, block.input(l),
                                  block.output(l));
      program_.kernels.activate(layer.activation, block.output(l), int64_t{layer.outputSize()} * kTile);
    }
    float* rowsOut = out + tile * kTile * spec.outputSize();
    program_.kernels.storeRows(block.outputs(), kTile, rows, spec.outputs(), rowsOut, spec.outputSize());
    for (int i = 0; i < rows; ++i) {
      std::copy_n(own + i * parameters + spec.logStdOffset(), spec.logStds(),
                  rowsOut + i * spec.outputSize() + spec.outputs());
    }
  });
}

bool PolicyNetwork::keep(Observations& data) const {
  const int64_t floats = program_.keptFeatures * roundUp(data.count, program_.block);
  if (floats * static_cast<int64_t>(sizeof(float)) > keepBytes_) return false;
  if (!data.kept) {
    data.kept = makeBuffer(floats);
    data.keptBytes = floats * static_cast<int64_t>(sizeof(float));
  }
  return data.keptVersion != version_;
}

Block PolicyNetwork::blockAt(Workspace& work, const Observations& data, int64_t index) const {
  const int64_t stride = program_.block;
  const int rows = static_cast<int>(std::min(stride, data.count - index * stride));
  float* kept = data.kept ? data.kept.get() + index * stride * program_.keptFeatures : work.activation.get();
  return {work, kept, stride, static_cast<int>(roundUp(rows, kTile)), rows};
}

// Reads a block's observations and, unless they are kept, computes its activations.
void PolicyNetwork::makeActivations(Block& block, const Observations& data, int64_t index) const {
  loadInput(block, row(data.data, data.rowStride, index * block.stride), data.rowStride);
  if (!data.kept || data.keptVersion != version_) network::forward(block, *theta_);
}

template <class Body>
void PolicyNetwork::eachBlock(int64_t count, Body&& body) {
  pool_->run((count + program_.block - 1) / program_.block,
             [&](int64_t index, int worker) { body(index, workspace(worker)); });
}

// out = factor * (sum over blocks of what body(index, workspace, gradient) adds to gradient [P]).
template <class Body>
void PolicyNetwork::sumGradient(int64_t count, double factor, float* out, Body&& body) {
  const int64_t blocks = (count + program_.block - 1) / program_.block;
  const int64_t chunks = std::min(blocks, kChunks);
  const int64_t parameters = program_.spec.parameterCount();
  while (static_cast<int64_t>(gradients_.size()) < chunks) {
    gradients_.push_back(makeBuffer(parameters));
    bytes_ += sizeof(float) * parameters;
  }
  pool_->run(chunks, [&](int64_t chunk, int worker) {
    float* gradient = gradients_[chunk].get();
    std::memset(gradient, 0, sizeof(float) * parameters);
    for (int64_t index = chunk * blocks / chunks; index < (chunk + 1) * blocks / chunks; ++index) {
      body(index, workspace(worker), gradient);
    }
  });
  constexpr int64_t kPart = 2048;
  pool_->run((parameters + kPart - 1) / kPart, [&](int64_t part, int) {
    for (int64_t i = part * kPart; i < std::min(parameters, (part + 1) * kPart); ++i) {
      double sum = 0;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += gradients_[chunk][i];
      out[i] = static_cast<float>(factor * sum);
    }
  });
}

void PolicyNetwork::jvp(Observations& data, const float* v, float* out) {
  const Packed direction(program_, v, false);
  keep(data);
  eachBlock(data.count, [&](int64_t index, Workspace& work) {
    Block block = blockAt(work, data, index);
    makeActivations(block, data, index);
    const float* outputs = tangent(block, *theta_, direction);
    storeOutputs(block, outputs, v + program_.spec.logStdOffset(), out + index * block.stride * program_.spec.outputSize());
  });
  data.keptVersion = version_;
}

void PolicyNetwork::vjp(const Observations& data, const float* cotangents, float* out) {
  const Spec& spec = program_.spec;
  const bool stale = data.kept && data.keptVersion != version_;
  sumGradient(data.count, 1, out, [&](int64_t index, Workspace& work, float* gradient) {
    Block block = blockAt(work, data, index);
    if (stale) block.activations = work.activation.get();
    makeActivations(block, data, index);
    const float* rows = cotangents + index * block.stride * spec.outputSize();
    program_.kernels.loadFloats(rows, spec.outputSize(), block.rows, spec.outputs(), {nullptr, nullptr, 0},
                                work.front.get(), block.stride, block.lanes);
    pullback(block, *theta_, gradient);
    for (int i = 0; i < spec.logStds(); ++i) {
      float sum = 0;
      for (int j = 0; j < block.rows; ++j) sum += rows[j * spec.outputSize() + spec.outputs() + i];
      gradient[spec.logStdOffset() + i] += sum;
    }
  });
}

void PolicyNetwork::fisherVectorProduct(Observations& data, const float* v, const float* weights, float* out) {
  const Spec& spec = program_.spec;
  const Packed direction(program_, v, false);
  keep(data);
  const double mean = data.count > 0 ? 1.0 / data.count : 0;
  sumGradient(data.count, mean, out, [&](int64_t index, Workspace& work, float* gradient) {
    Block block = blockAt(work, data, index);
    makeActivations(block, data, index);
    float* outputs = tangent(block, *theta_, direction);
    applyMetric(block, *theta_, outputs);
    if (weights != nullptr) {
      for (int i = 0; i < spec.outputs(); ++i) {
        for (int j = 0; j < block.rows; ++j) outputs[i * block.stride + j] *= weights[index * block.stride + j];
      }
    }
    clearPadding(block, outputs, spec.outputs());
    pullback(block, *theta_, gradient);
  });
  data.keptVersion = version_;
  double total = static_cast<double>(data.count);
  if (weights != nullptr) {
    total = 0;
    for (int64_t i = 0; i < data.count; ++i) total += weights[i];
  }
  // Log standard deviations do not depend on the observation; their Fisher information is 2.
  for (int64_t i = spec.logStdOffset(); i < spec.parameterCount(); ++i) out[i] = static_cast<float>(2 * v[i] * total * mean);
}

void PolicyNetwork::jacobian(const Observations& data, float* out) {
  const Spec& spec = program_.spec;
  const int64_t parameters = spec.parameterCount();
  pool_->run(data.count, [&](int64_t index, int) {
    Reference reference(spec, theta_->parameters.data());
    reference.forward(scaledInput(spec, row(data.data, data.rowStride, index)));
    for (int k = 0; k < spec.outputSize(); ++k) {
      std::vector<double> unit(spec.outputSize()), gradient(parameters);
      unit[k] = 1;
      reference.pullback(unit, gradient);
      std::copy(gradient.begin(), gradient.end(), out + (index * spec.outputSize() + k) * parameters);
    }
  });
}

}  // namespace trellis::network
