// What blocks are worked on with: a specification made ready, packed parameters, scratch memory.
#include <algorithm>
#include <cstring>
#include <new>

#include "network/block.h"

namespace trellis::network {
namespace {

// Activations of a block should fit the second-level cache together with tangents or cotangents.
constexpr int64_t kBlockFloats = 40000;

int64_t largestValue(const Spec& spec) {
  int64_t largest = spec.inputSize();
  for (const Layer& layer : spec.layers) largest = std::max<int64_t>(largest, layer.outputSize());
  return largest;
}

int64_t costOf(const Layer& layer) {
  // A normalised feature takes some ten operations.
  const int64_t each = layer.kind == Kind::affine ? layer.taps() : layer.kind == Kind::layerNorm ? 10 : 1;
  return layer.outputSize() * each;
}

}  // namespace

void AlignedDelete::operator()(float* p) const { ::operator delete[](p, std::align_val_t(64)); }

Buffer makeBuffer(int64_t floats) {
  auto* data = static_cast<float*>(::operator new[](sizeof(float) * floats, std::align_val_t(64)));
  std::memset(data, 0, sizeof(float) * floats);
  return Buffer(data);
}

Program::Program(Spec specification, const Kernels& chosen)
    : spec(std::move(specification)), kernels(chosen), schedule(spec) {
  keptFeatures = 0;
  for (const Layer& layer : spec.layers) {
    plans.push_back(layer.kind == Kind::affine ? makePlan(layer) : LayerPlan{});
    keptOffset.push_back(keptFeatures);
    keptFeatures += layer.keptSize();
    macs += costOf(layer);
  }
  block = kLargestBlock;
  while (block > kTile && block * (keptFeatures + spec.inputSize()) > kBlockFloats) block /= 2;
}

Packed::Packed(const Program& program, const float* values, bool withTransposed)
    : parameters(program.spec.parameterCount()), forward(program.plans.size()), transposed(program.plans.size()) {
  if (withTransposed) {
    for (size_t i = 0; i < program.plans.size(); ++i) transposed[i].resize(program.plans[i].backward.size());
  }
  assign(program, values);
}

void Packed::assign(const Program& program, const float* values) {
  std::copy_n(values, parameters.size(), parameters.begin());
  for (size_t i = 0; i < program.plans.size(); ++i) {
    const LayerPlan& plan = program.plans[i];
    packWeights(program.kernels, plan.forward, values, forward[i]);
    for (size_t phase = 0; phase < transposed[i].size(); ++phase) {
      packWeights(program.kernels, plan.backward[phase], values, transposed[i][phase]);
    }
  }
}

Workspace::Workspace(const Program& program, std::atomic<int64_t>& bytes) : program(program), bytes_(bytes) {
  const int64_t largest = largestValue(program.spec);
  input = make(program.spec.inputSize());
  activation = make(program.keptFeatures);
  for (int i = 0; i < program.schedule.buffers; ++i) buffers.push_back(make(largest));
  zeros.resize(largest);
  padded_.resize(program.plans.size());
}

Buffer Workspace::make(int64_t features) {
  const int64_t floats = features * program.block;
  bytes_ += floats * static_cast<int64_t>(sizeof(float));
  return makeBuffer(floats);
}

float* Workspace::padded(size_t layer, int64_t stride) {
  Padded& padded = padded_[layer];
  const LayerPlan& plan = program.plans[layer];
  const int64_t features = int64_t{program.spec.layers[layer].units} * plan.paddedHeight * plan.paddedWidth;
  if (!padded.map) padded.map = make(features);
  // The margin is elsewhere where the stride was another.
  else if (padded.stride != stride) std::fill_n(padded.map.get(), features * stride, 0.0f);
  padded.stride = stride;
  return padded.map.get();
}

float* Workspace::joined(Buffer& buffer) {
  if (!buffer) buffer = make(program.spec.outputSize());
  return buffer.get();
}

void* Workspace::gathered() {
  if (!gathered_) gathered_ = make(program.spec.inputSize());
  return gathered_.get();
}

}  // namespace trellis::network
