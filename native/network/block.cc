#include "network/block.h"

#include <algorithm>
#include <cstring>

#include "network/dense_gradient.h"

namespace trellis::network {

NormView Block::norm(size_t layer) const {
  const Layer& spec = work.program.spec.layers[layer];
  return {value(spec.inputs[0]), output(layer) + spec.outputSize() * stride, spec.outputSize(), stride, lanes};
}

void loadInput(const Block& block, const void* data, int64_t rowStride, int part, int parts) {
  const Program& program = block.work.program;
  const Spec& spec = program.spec;
  // In whole transposes.
  const auto bound = [&](int64_t number) {
    return number == parts ? spec.inputSize() : static_cast<int>(number * spec.inputSize() / parts / kTile * kTile);
  };
  const int first = bound(part), features = bound(part + 1) - first;
  InputScaling scaling = program.scaling();
  if (scaling.offset != nullptr) scaling.offset += first, scaling.factor += first;
  float* out = block.work.input.get() + first * block.stride;
  if (spec.bytes) {
    program.kernels.loadBytes(static_cast<const uint8_t*>(data) + first, rowStride, block.rows, features, scaling, out,
                              block.stride, block.lanes);
  } else {
    program.kernels.loadFloats(static_cast<const float*>(data) + first, rowStride, block.rows, features, scaling, out,
                               block.stride, block.lanes);
  }
}

namespace {

// Positions [first, last) of an affine layer, with their activation.
void forwardPositions(const Block& block, const Packed& theta, size_t l, int first, int last) {
  const Program& program = block.work.program;
  const Layer& layer = program.spec.layers[l];
  GatherView plan = view(program.plans[l].forward);
  plan.columnIn += first;
  plan.columnOut += first;
  plan.positions = last - first;
  float* out = block.output(l);
  program.kernels.gather(plan, theta.forward[l].data(), theta.at(layer.biasOffset), block.value(layer.inputs[0]), out,
                         block.stride, block.lanes);
  for (int unit = 0; unit < layer.units; ++unit) {
    program.kernels.activate(layer.activation, out + (int64_t{unit} * layer.positions() + first) * block.stride,
                             plan.positions * block.stride);
  }
}

}  // namespace

void forwardLayer(const Block& block, const Packed& theta, size_t l, bool alone) {
  const Program& program = block.work.program;
  const Kernels& kernels = program.kernels;
  const Layer& layer = program.spec.layers[l];
  const float* in = block.value(layer.inputs[0]);
  float* out = block.output(l);
  const int64_t count = layer.outputSize() * block.stride;
  switch (layer.kind) {
    case Kind::affine:
      if (alone && layer.dense()) {
        kernels.gatherOne(view(program.plans[l].forward), theta.forward[l].data(), theta.at(layer.biasOffset), in, out,
                          block.stride);
        break;
      }
      kernels.gather(view(program.plans[l].forward), theta.forward[l].data(), theta.at(layer.biasOffset), in, out,
                     block.stride, block.lanes);
      break;
    case Kind::layerNorm:
      kernels.normalize(block.norm(l), theta.at(0), layer.weightOffset, layer.biasOffset, out);
      break;
    case Kind::add:
      kernels.add(in, block.value(layer.inputs[1]), out, count);
      break;
  }
  kernels.activate(layer.activation, out, count);
}

void forwardPart(const Block& block, const Packed& theta, size_t l, int part, int parts) {
  const Layer& layer = block.work.program.spec.layers[l];
  if (layer.kind != Kind::affine) {
    if (part == 0) forwardLayer(block, theta, l);
    return;
  }
  const int64_t positions = layer.positions();
  const auto bound = [&](int number) { return static_cast<int>(number * positions / parts); };
  if (bound(part) < bound(part + 1)) forwardPositions(block, theta, l, bound(part), bound(part + 1));
}

void forward(const Block& block, const Packed& theta, bool alone) {
  for (size_t l = 0; l < block.work.program.plans.size(); ++l) forwardLayer(block, theta, l, alone);
}

void forwardEach(const Block& block, const float* parameters) {
  const Program& program = block.work.program;
  const Kernels& kernels = program.kernels;
  for (size_t l = 0; l < program.plans.size(); ++l) {
    const Layer& layer = program.spec.layers[l];
    const float* in = block.value(layer.inputs[0]);
    float* out = block.output(l);
    const int64_t count = int64_t{layer.outputSize()} * kTile;
    switch (layer.kind) {
      case Kind::affine:
        kernels.gatherEach(view(program.plans[l].forward), parameters, layer.biasOffset, in, out);
        break;
      case Kind::layerNorm:
        kernels.normalizeEach(block.norm(l), parameters, layer.weightOffset, layer.biasOffset, out);
        break;
      case Kind::add:
        kernels.add(in, block.value(layer.inputs[1]), out, count);
        break;
    }
    kernels.activate(layer.activation, out, count);
  }
}

void tangent(const Block& block, const Packed& theta, const Packed& v) {
  const Program& program = block.work.program;
  const Kernels& kernels = program.kernels;
  // Observations have no tangent.
  const auto tangentOf = [&](int value) { return value == kObservation ? nullptr : block.tangent(value); };
  for (size_t l = 0; l < program.plans.size(); ++l) {
    const Layer& layer = program.spec.layers[l];
    const float* in = tangentOf(layer.inputs[0]);
    float* out = block.tangent(static_cast<int>(l));
    const int64_t count = layer.outputSize() * block.stride;
    switch (layer.kind) {
      case Kind::affine: {
        const GatherView plan = view(program.plans[l].forward);
        kernels.gather(plan, v.forward[l].data(), v.at(layer.biasOffset), block.value(layer.inputs[0]), out,
                       block.stride, block.lanes);
        if (in != nullptr) {
          kernels.gather(plan, theta.forward[l].data(), nullptr, in, out, block.stride, block.lanes);
        }
        break;
      }
      case Kind::layerNorm:
        kernels.normalizeTangent(block.norm(l), theta.at(layer.weightOffset), v.at(layer.weightOffset),
                                 v.at(layer.biasOffset), in, out);
        break;
      case Kind::add: {
        const float* other = tangentOf(layer.inputs[1]);
        if (in != nullptr && other != nullptr) {
          kernels.add(in, other, out, count);
        } else if (in != nullptr || other != nullptr) {
          std::memcpy(out, in != nullptr ? in : other, sizeof(float) * count);
        } else {
          std::memset(out, 0, sizeof(float) * count);
        }
        break;
      }
    }
    kernels.multiplyBySlope(layer.activation, block.output(l), out, count);
  }
}

void storeOutputs(const Block& block, bool tangents, const float* stateIndependent, float* out) {
  const Spec& spec = block.work.program.spec;
  const int m = spec.outputSize();
  for (int i = 0; i < block.rows && spec.stateIndependent > 0; ++i) {
    std::copy_n(stateIndependent, spec.stateIndependent, out + int64_t{i} * m + spec.emitted());
  }
  for (int head : spec.heads) {
    const int size = spec.layers[head].outputSize();
    const float* values = tangents ? block.tangent(head) : block.output(head);
    block.work.program.kernels.storeRows(values, block.stride, block.rows, size, out, m);
    out += size;
  }
}

namespace {

// Adds (or writes) a layer's cotangent to that of its input.
void pullbackAffine(const Block& block, const Packed& theta, size_t l, const float* cotangent, bool adds, float* out) {
  Workspace& work = block.work;
  const Program& program = work.program;
  const Layer& layer = program.spec.layers[l];
  const LayerPlan& plan = program.plans[l];
  const float* source = cotangent;
  if (plan.padded(layer)) {
    float* padded = work.padded(l, block.stride);
    const int64_t width = layer.outWidth() * block.stride;
    for (int unit = 0; unit < layer.units; ++unit) {
      for (int row = 0; row < layer.outHeight(); ++row) {
        const int64_t to = (int64_t{unit} * plan.paddedHeight + row + plan.padTop) * plan.paddedWidth + plan.padLeft;
        std::memcpy(padded + to * block.stride, cotangent + (int64_t{unit} * layer.outHeight() + row) * width,
                    sizeof(float) * width);
      }
    }
    source = padded;
  }
  for (size_t phase = 0; phase < plan.backward.size(); ++phase) {
    program.kernels.gather(view(plan.backward[phase]), theta.transposed[l][phase].data(),
                           adds ? nullptr : work.zeros.data(), source, out, block.stride, block.lanes);
  }
}

}  // namespace

void pullback(const Block& block, const Packed& theta, float* gradient, bool inputs) {
  const Program& program = block.work.program;
  const Kernels& kernels = program.kernels;
  for (size_t l = program.plans.size(); l-- > 0;) {
    const Layer& layer = program.spec.layers[l];
    float* cotangent = block.cotangent(static_cast<int>(l));
    const int64_t count = layer.outputSize() * block.stride;
    kernels.multiplyBySlope(layer.activation, block.output(l), cotangent, count);
    if (gradient != nullptr && block.dense != nullptr && layer.dense()) {
      block.dense->lay(block, l, cotangent, block.row);
    } else if (gradient != nullptr && layer.kind == Kind::affine) {
      kernels.gradient(view(program.plans[l].forward), cotangent, block.value(layer.inputs[0]), block.stride,
                       block.lanes, layer.biasOffset, gradient);
    } else if (gradient != nullptr && layer.kind == Kind::layerNorm) {
      kernels.normalizeGradient(block.norm(l), cotangent, gradient + layer.weightOffset, gradient + layer.biasOffset);
    }
    for (int i = 0; i < layer.inputCount(); ++i) {
      if (layer.inputs[i] == kObservation && !inputs) continue;
      float* out = block.cotangent(layer.inputs[i]);
      const bool adds = program.schedule.adds[l][i];
      switch (layer.kind) {
        case Kind::affine:
          pullbackAffine(block, theta, l, cotangent, adds, out);
          break;
        case Kind::layerNorm:
          kernels.normalizePullback(block.norm(l), theta.at(layer.weightOffset), cotangent, out, adds);
          break;
        case Kind::add:
          if (adds) {
            kernels.add(out, cotangent, out, count);
          } else {
            std::memcpy(out, cotangent, sizeof(float) * count);
          }
          break;
      }
    }
  }
}

}  // namespace trellis::network
