// What happens between the tangents of the outputs and their cotangents.
#include "network/metric.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "network/block.h"

namespace trellis::network {
namespace {

constexpr InputScaling kUnscaled{nullptr, nullptr, 0};

// Sets the padding lanes of [features, stride] to 0.
void clearPadding(const Block& block, float* data, int features) {
  for (int i = 0; i < features; ++i) {
    for (int lane = block.rows; lane < block.lanes; ++lane) data[i * block.stride + lane] = 0;
  }
}

// Multiplies each observation's tangent by its weight, if there are any.
void weigh(const Block& block, const float* weights, float* tangent, int features) {
  if (weights == nullptr) return;
  for (int i = 0; i < features; ++i) {
    for (int j = 0; j < block.rows; ++j) tangent[i * block.stride + j] *= weights[j];
  }
}

void diagonal(const Block& block, const Metric& metric, int64_t index, float* tangent, float* scratch) {
  const Program& program = block.work.program;
  const int m = program.spec.outputSize();
  if (!metric.eachRow) {
    for (int i = 0; i < m; ++i) {
      for (int lane = 0; lane < block.lanes; ++lane) tangent[i * block.stride + lane] *= metric.weights[i];
    }
    return;
  }
  program.kernels.loadFloats(metric.weights + index * m, m, block.rows, m, kUnscaled, scratch, block.stride,
                             block.lanes);
  program.kernels.multiply(tangent, scratch, m * block.stride);
}

void dense(const Block& block, const Metric& metric, int64_t index, float* tangent) {
  const int64_t m = block.work.program.spec.outputSize();
  std::vector<double> t(m);
  for (int row = 0; row < block.rows; ++row) {
    for (int64_t i = 0; i < m; ++i) t[i] = tangent[i * block.stride + row];
    const float* matrix = metric.weights + (index + row) * m * m;
    for (int64_t i = 0; i < m; ++i) {
      // Products of floats are exact in double: one order of additions, one result.
      double sum = 0;
      for (int64_t j = 0; j < m; ++j) sum += matrix[i * m + j] * t[j];
      tangent[i * block.stride + row] = static_cast<float>(sum);
    }
  }
}

void fill(const Block& block, float* row, float value) { std::fill_n(row, block.lanes, value); }

// Outputs or tangents [m, stride] side by side: those of the heads, then the state-independent ones.
template <class ValueOf>
void join(const Block& block, const float* stateIndependent, ValueOf valueOf, float* out) {
  const Spec& spec = block.work.program.spec;
  for (int head : spec.heads) {
    const int64_t count = spec.layers[head].outputSize() * block.stride;
    std::memcpy(out, valueOf(head), sizeof(float) * count);
    out += count;
  }
  for (int i = 0; i < spec.stateIndependent; ++i) fill(block, out + i * block.stride, stateIndependent[i]);
}

void applyJoined(const Block& block, const Metric& metric, int64_t index, const float* outputs, float* tangent) {
  const Program& program = block.work.program;
  const int m = program.spec.outputSize();
  switch (metric.kind) {
    case Metric::Kind::gaussian:
      program.kernels.gaussianMetric(outputs, tangent, m / 2, block.stride, block.lanes);
      break;
    case Metric::Kind::categorical:
      program.kernels.softmaxMetric(outputs, tangent, metric.sizes.data(), static_cast<int>(metric.sizes.size()),
                                    block.stride, block.lanes);
      break;
    case Metric::Kind::identity:
      break;
    case Metric::Kind::diagonal:
      diagonal(block, metric, index, tangent, block.work.outputs());
      break;
    case Metric::Kind::dense:
      dense(block, metric, index, tangent);
      break;
  }
}

}  // namespace

void applyMetric(const Block& block, const Packed& theta, const Packed& v, const Metric& metric, int64_t index,
                 const float* weights, float* stateIndependent) {
  Workspace& work = block.work;
  const Program& program = work.program;
  const Spec& spec = program.spec;
  const int emitted = spec.emitted();
  const bool known = meansAlone(spec, metric);
  if (program.oneHead() && (known || spec.stateIndependent == 0)) {
    const int head = spec.heads.front();
    std::swap(work.buffers[program.schedule.tangent[head]], work.buffers[program.schedule.cotangent[1 + head]]);
    float* tangent = block.cotangent(head);
    if (known) {
      for (int i = 0; i < emitted; ++i) {
        const auto precision = static_cast<float>(std::exp(-2.0 * *theta.at(spec.stateIndependentOffset() + i)));
        for (int lane = 0; lane < block.lanes; ++lane) tangent[i * block.stride + lane] *= precision;
      }
    } else {
      applyJoined(block, metric, index, block.output(head), tangent);
    }
    weigh(block, weights, tangent, emitted);
    clearPadding(block, tangent, emitted);
    return;
  }
  const int m = spec.outputSize();
  const int64_t own = spec.stateIndependentOffset();
  float* tangents = work.tangents();
  join(
      block, v.at(own), [&](int head) { return block.tangent(head); }, tangents);
  if (metric.kind == Metric::Kind::gaussian || metric.kind == Metric::Kind::categorical) {
    join(
        block, theta.at(own), [&](int head) { return block.output(head); }, work.outputs());
  }
  applyJoined(block, metric, index, work.outputs(), tangents);
  weigh(block, weights, tangents, m);
  clearPadding(block, tangents, m);
  const float* next = tangents;
  for (int head : spec.heads) {
    const int64_t count = spec.layers[head].outputSize() * block.stride;
    std::memcpy(block.cotangent(head), next, sizeof(float) * count);
    next += count;
  }
  for (int i = 0; i < spec.stateIndependent; ++i) {
    for (int row = 0; row < block.rows; ++row) stateIndependent[i] += next[i * block.stride + row];
  }
}

void loadCotangents(const Block& block, const float* rows) {
  const Program& program = block.work.program;
  const Spec& spec = program.spec;
  for (int head : spec.heads) {
    const int size = spec.layers[head].outputSize();
    program.kernels.loadFloats(rows, spec.outputSize(), block.rows, size, kUnscaled, block.cotangent(head),
                               block.stride, block.lanes);
    rows += size;
  }
}

}  // namespace trellis::network
