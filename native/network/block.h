// Forward, tangent and pullback of a block of observations that stays in the processor's cache.
#pragma once

#include <memory>

#include "network/plan.h"

namespace trellis::network {

// A specification made ready for one instruction set.
struct Program {
  Program(Spec specification, const Kernels& chosen);

  Spec spec;
  const Kernels& kernels;
  std::vector<LayerPlan> plans;
  int block;                        // observations per block in large batches, a multiple of kTile
  int64_t keptFeatures;             // outputs of all layers: what a kept forward pass holds per observation
  std::vector<int64_t> keptOffset;  // [layers] first feature of each
  int64_t macs;                     // multiply-adds of a forward pass
};

// A direction in parameter space (θ itself, or v) packed for the kernels; `transposed` only where pullbacks need it.
struct Packed {
  Packed(const Program& program, const float* parameters, bool withTransposed);
  std::vector<float> parameters;
  std::vector<std::vector<float>> forward;                   // [layers]
  std::vector<std::vector<std::vector<float>>> transposed;  // [layers][phases]
};

struct AlignedDelete {
  void operator()(float* p) const;
};
using Buffer = std::unique_ptr<float[], AlignedDelete>;
// 64-byte aligned, zeroed.
Buffer makeBuffer(int64_t floats);

// Scratch memory of one thread.
class Workspace {
 public:
  explicit Workspace(const Program& program);

  const Program& program;
  Buffer input;       // [inputs, stride]
  Buffer activation;  // [keptFeatures, stride], unless kept elsewhere
  Buffer front, back; // [largest layer, stride]: tangents or cotangents of two neighbouring layers
  std::vector<Buffer> padded;
  std::vector<float> zeros;
  int64_t bytes = 0;
};

// A block: its workspace, where its activations lie, and its shape.
struct Block {
  Workspace& work;
  float* activations;  // [keptFeatures, stride]
  int64_t stride;
  int lanes;  // active observations, a multiple of kTile
  int rows;   // real ones among them; the rest is padding

  float* output(size_t layer) const { return activations + work.program.keptOffset[layer] * stride; }
  const float* input(size_t layer) const { return layer == 0 ? work.input.get() : output(layer - 1); }
  float* outputs() const { return output(work.program.plans.size() - 1); }
};

// Reads the block's observations; data points at the first, rowStride in elements.
void loadInput(const Block& block, const void* data, int64_t rowStride);
void forward(const Block& block, const Packed& theta);
// Tangents of the outputs along v: [outputs, stride], in the workspace, valid until the next call.
float* tangent(const Block& block, const Packed& theta, const Packed& v);
// Applies the Fisher matrix of the distribution to a tangent of the outputs, in place (log stds apart).
void applyMetric(const Block& block, const Packed& theta, float* tangent);
// Sets the padding lanes of [features, stride] to 0.
void clearPadding(const Block& block, float* data, int features);
// gradient [P] += J^T cotangent of the block's outputs (log stds apart). The cotangent must lie in work.front.
void pullback(const Block& block, const Packed& theta, float* gradient);

}  // namespace trellis::network
