#include "network/block.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace trellis::network {
namespace {

// Activations of a block should fit the second-level cache together with tangents or cotangents.
constexpr int64_t kBlockFloats = 40000;
constexpr int kLargestBlock = 256;

int64_t largestLayer(const Spec& spec) {
  int64_t largest = spec.inputSize();
  for (const Layer& layer : spec.layers) largest = std::max<int64_t>(largest, layer.outputSize());
  return largest;
}

}  // namespace

void AlignedDelete::operator()(float* p) const { ::operator delete[](p, std::align_val_t(64)); }

Buffer makeBuffer(int64_t floats) {
  auto* data = static_cast<float*>(::operator new[](sizeof(float) * floats, std::align_val_t(64)));
  std::memset(data, 0, sizeof(float) * floats);
  return Buffer(data);
}

Program::Program(Spec specification, const Kernels& chosen) : spec(std::move(specification)), kernels(chosen) {
  keptFeatures = macs = 0;
  for (const Layer& layer : spec.layers) {
    plans.push_back(makePlan(layer));
    keptOffset.push_back(keptFeatures);
    keptFeatures += layer.outputSize();
    macs += static_cast<int64_t>(layer.outputSize()) * layer.taps();
  }
  block = kLargestBlock;
  while (block > kTile && block * (keptFeatures + spec.inputSize()) > kBlockFloats) block /= 2;
}

Packed::Packed(const Program& program, const float* values, bool withTransposed)
    : parameters(values, values + program.spec.parameterCount()) {
  const int unitBlock = program.kernels.unitBlock;
  for (const LayerPlan& plan : program.plans) {
    forward.push_back(packWeights(plan.forward, values, unitBlock));
    transposed.emplace_back();
    if (!withTransposed) continue;
    for (const GatherPlan& phase : plan.backward) transposed.back().push_back(packWeights(phase, values, unitBlock));
  }
}

Workspace::Workspace(const Program& program) : program(program) {
  const int64_t stride = program.block;
  const int64_t largest = largestLayer(program.spec);
  const auto make = [&](int64_t features) {
    bytes += features * stride * static_cast<int64_t>(sizeof(float));
    return makeBuffer(features * stride);
  };
  input = make(program.spec.inputSize());
  activation = make(program.keptFeatures);
  front = make(largest);
  back = make(largest);
  zeros.resize(largest);
  for (size_t l = 0; l < program.plans.size(); ++l) {
    const LayerPlan& plan = program.plans[l];
    const Layer& layer = program.spec.layers[l];
    const bool needed = l > 0 && plan.padded(layer);
    padded.push_back(needed ? make(int64_t{layer.units} * plan.paddedHeight * plan.paddedWidth) : Buffer());
  }
}

void loadInput(const Block& block, const void* data, int64_t rowStride) {
  const Program& program = block.work.program;
  const Spec& spec = program.spec;
  const InputScaling scaling{spec.offset.empty() ? nullptr : spec.offset.data(), spec.factor.data(), spec.clip};
  float* out = block.work.input.get();
  if (spec.bytes) {
    program.kernels.loadBytes(static_cast<const uint8_t*>(data), rowStride, block.rows, spec.inputSize(), scaling, out,
                              block.stride, block.lanes);
  } else {
    program.kernels.loadFloats(static_cast<const float*>(data), rowStride, block.rows, spec.inputSize(), scaling, out,
                               block.stride, block.lanes);
  }
}

void forward(const Block& block, const Packed& theta) {
  const Program& program = block.work.program;
  for (size_t l = 0; l < program.plans.size(); ++l) {
    const Layer& layer = program.spec.layers[l];
    program.kernels.gather(view(program.plans[l].forward), theta.forward[l].data(),
                           theta.parameters.data() + layer.biasOffset, block.input(l), block.output(l), block.stride,
                           block.lanes);
    program.kernels.activate(layer.activation, block.output(l), layer.outputSize() * block.stride);
  }
}

float* tangent(const Block& block, const Packed& theta, const Packed& v) {
  Workspace& work = block.work;
  const Program& program = work.program;
  for (size_t l = 0; l < program.plans.size(); ++l) {
    const Layer& layer = program.spec.layers[l];
    const GatherView plan = view(program.plans[l].forward);
    float* out = work.front.get();
    program.kernels.gather(plan, v.forward[l].data(), v.parameters.data() + layer.biasOffset, block.input(l), out,
                           block.stride, block.lanes);
    if (l > 0) {
      program.kernels.gather(plan, theta.forward[l].data(), nullptr, work.back.get(), out, block.stride, block.lanes);
    }
    program.kernels.multiplyBySlope(layer.activation, block.output(l), out, layer.outputSize() * block.stride);
    std::swap(work.front, work.back);
  }
  std::swap(work.front, work.back);
  return work.front.get();
}

void applyMetric(const Block& block, const Packed& theta, float* tangent) {
  const Program& program = block.work.program;
  const Spec& spec = program.spec;
  if (spec.head == Head::categorical) {
    program.kernels.softmaxMetric(block.outputs(), tangent, spec.sizes.data(), static_cast<int>(spec.sizes.size()),
                                  block.stride, block.lanes);
    return;
  }
  for (int i = 0; i < spec.outputs(); ++i) {
    const auto precision = static_cast<float>(std::exp(-2.0 * theta.parameters[spec.logStdOffset() + i]));
    for (int lane = 0; lane < block.lanes; ++lane) tangent[i * block.stride + lane] *= precision;
  }
}

void clearPadding(const Block& block, float* data, int features) {
  for (int i = 0; i < features; ++i) {
    for (int lane = block.rows; lane < block.lanes; ++lane) data[i * block.stride + lane] = 0;
  }
}

void pullback(const Block& block, const Packed& theta, float* gradient) {
  Workspace& work = block.work;
  const Program& program = work.program;
  const int64_t stride = block.stride;
  for (size_t l = program.plans.size(); l-- > 0;) {
    const Layer& layer = program.spec.layers[l];
    const LayerPlan& plan = program.plans[l];
    float* cotangent = work.front.get();
    program.kernels.multiplyBySlope(layer.activation, block.output(l), cotangent, layer.outputSize() * stride);
    program.kernels.gradient(view(plan.forward), cotangent, block.input(l), stride, block.lanes, layer.biasOffset,
                             gradient);
    if (l == 0) break;
    const float* source = cotangent;
    if (plan.padded(layer)) {
      float* padded = work.padded[l].get();
      const int64_t width = layer.outWidth() * stride;
      for (int unit = 0; unit < layer.units; ++unit) {
        for (int row = 0; row < layer.outHeight(); ++row) {
          const int64_t to = (int64_t{unit} * plan.paddedHeight + row + plan.padTop) * plan.paddedWidth + plan.padLeft;
          std::memcpy(padded + to * stride, cotangent + (int64_t{unit} * layer.outHeight() + row) * width,
                      sizeof(float) * width);
        }
      }
      source = padded;
    }
    for (size_t phase = 0; phase < plan.backward.size(); ++phase) {
      program.kernels.gather(view(plan.backward[phase]), theta.transposed[l][phase].data(), work.zeros.data(), source,
                             work.back.get(), stride, block.lanes);
    }
    std::swap(work.front, work.back);
  }
}

}  // namespace trellis::network
