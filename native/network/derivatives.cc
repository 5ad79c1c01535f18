// Everything a network computes by tangents and pullbacks, and the sums over observations that it takes.
#include <algorithm>
#include <cstring>

#include "network/network.h"
#include "network/reference.h"

namespace trellis::network {
namespace {

// Sums over observations are made in this many parts at most, each in order, and then added in order.
constexpr int64_t kChunks = 64;
// Parameters that one task sums.
constexpr int64_t kPart = 2048;

// gradient [P] += cotangents of the outputs that no observation changes; rows [count, m]
void sumStateIndependent(const Spec& spec, const float* rows, int64_t count, float* gradient) {
  for (int i = 0; i < spec.stateIndependent; ++i) {
    float sum = 0;
    for (int64_t j = 0; j < count; ++j) sum += rows[j * spec.outputSize() + spec.emitted() + i];
    gradient[spec.stateIndependentOffset() + i] += sum;
  }
}

}  // namespace

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

void Network::jvp(const Observations& data, const float* v, float* out) {
  const Packed direction(program_, v, false);
  const Spec& spec = program_.spec;
  const bool fills = !held(data) && hold(data);
  eachBlock(data.count, [&](int64_t index, Workspace& work) {
    const Block block = blockAt(work, data, index, fills);
    makeActivations(block, data, index);
    tangent(block, *theta_, direction);
    storeOutputs(block, true, v + spec.stateIndependentOffset(), out + index * block.stride * spec.outputSize());
  });
  if (fills) nowHeld(data);
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

void Network::fisherVectorProduct(const Observations& data, const float* v, const Metric& metric, const float* weights,
                                  float* out) {
  const Spec& spec = program_.spec;
  const Packed direction(program_, v, false);
  const bool fills = !held(data) && hold(data);
  const double mean = data.count > 0 ? 1.0 / data.count : 0;
  sumGradient(data.count, mean, out, [&](int64_t index, Workspace& work, float* gradient) {
    const Block block = blockAt(work, data, index, fills);
    makeActivations(block, data, index);
    tangent(block, *theta_, direction);
    const int64_t first = index * block.stride;
    applyMetric(block, *theta_, direction, metric, first, weights == nullptr ? nullptr : weights + first,
                gradient + spec.stateIndependentOffset());
    pullback(block, *theta_, gradient, false);
  });
  if (fills) nowHeld(data);
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
