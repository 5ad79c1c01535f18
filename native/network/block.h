// Forward, tangent and pullback of a block of observations that stays in the processor's cache.
#pragma once

#include <atomic>
#include <memory>

#include "network/metric.h"
#include "network/plan.h"
#include "network/schedule.h"

namespace trellis::network {

inline int64_t roundUp(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// A specification made ready for one instruction set.
struct Program {
  Program(Spec specification, const Kernels& chosen);

  Spec spec;
  const Kernels& kernels;
  Schedule schedule;
  std::vector<LayerPlan> plans;     // [layers]; empty but for affine ones
  int block;                        // observations per block in large batches, a multiple of kTile
  int64_t keptFeatures;             // what a kept forward pass holds per observation, of all layers
  std::vector<int64_t> keptOffset;  // [layers] first feature of each
  int64_t macs = 0;                 // multiply-adds of a forward pass

  // Multiply-adds that a forward pass of so many observations does: of some tiles, or of one alone.
  int64_t workOf(int64_t count) const { return count == 1 ? macs : (count + kTile - 1) / kTile * kTile * macs; }
  // Outputs are those of one layer and need not be put side by side.
  bool oneHead() const { return spec.heads.size() == 1; }
  InputScaling scaling() const {
    return {spec.offset.empty() ? nullptr : spec.offset.data(), spec.factor.data(), spec.clip};
  }
};

class DenseGradient;

// A direction in parameter space (θ itself, or v) packed for the kernels; `transposed` only where pullbacks need it.
struct Packed {
  Packed(const Program& program, const float* parameters, bool withTransposed);
  // Another one, in the same memory.
  void assign(const Program& program, const float* values);
  std::vector<float> parameters;
  std::vector<std::vector<float>> forward;                  // [layers]
  std::vector<std::vector<std::vector<float>>> transposed;  // [layers][phases]

  const float* at(int64_t offset) const { return parameters.data() + offset; }
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
  // bytes grows with the buffers, which are made when they are needed first.
  Workspace(const Program& program, std::atomic<int64_t>& bytes);
  // [features of the layer's output with its margin, stride]; the margin is 0.
  float* padded(size_t layer, int64_t stride);
  // [m, stride]: outputs and their tangents side by side, where they do not lie so by themselves.
  float* outputs() { return joined(outputs_); }
  float* tangents() { return joined(tangents_); }
  // [block, inputs] observations that lay scattered.
  void* gathered();

  const Program& program;
  Buffer input;                 // [inputs, stride]
  Buffer activation;            // [keptFeatures, stride], unless kept elsewhere
  std::vector<Buffer> buffers;  // [largest value, stride]: tangents or cotangents, as the schedule says
  std::vector<float> zeros;
  // The set of observations, all in one block, whose inputs and activations lie here, and the version of θ they are of.
  uint64_t heldSet = 0, heldVersion = 0;

 private:
  Buffer make(int64_t features);
  float* joined(Buffer& buffer);

  std::atomic<int64_t>& bytes_;
  struct Padded {
    Buffer map;
    int64_t stride = 0;
  };
  std::vector<Padded> padded_;
  Buffer outputs_, tangents_, gathered_;
};

// A block: its workspace, where its activations lie, and its shape.
struct Block {
  Workspace& work;
  float* activations;  // [keptFeatures, stride]
  int64_t stride;
  int lanes;           // active observations, a multiple of kTile
  int rows;            // real ones among them; the rest is padding
  bool ready = false;  // whether the activations are there already
  // Where gradients of dense layers are made, with the block's first row there; null: here, like those of other layers.
  DenseGradient* dense = nullptr;
  int64_t row = 0;

  float* output(size_t layer) const { return activations + work.program.keptOffset[layer] * stride; }
  const float* value(int number) const { return number == kObservation ? work.input.get() : output(number); }
  float* tangent(int layer) const { return work.buffers[work.program.schedule.tangent[layer]].get(); }
  float* cotangent(int number) const { return work.buffers[work.program.schedule.cotangent[1 + number]].get(); }
  NormView norm(size_t layer) const;
};

// Reads the block's observations, or one of some parts of their features; data points at the first, rowStride in elements.
void loadInput(const Block& block, const void* data, int64_t rowStride, int part = 0, int parts = 1);
// Of one observation (`alone`) dense layers compute no more than it: the rest of its tile is then not to be read.
void forward(const Block& block, const Packed& theta, bool alone = false);
// One layer, once those before it are done; and a part of it, by positions, as threads may do at once.
void forwardLayer(const Block& block, const Packed& theta, size_t layer, bool alone = false);
void forwardPart(const Block& block, const Packed& theta, size_t layer, int part, int parts);
// The same with parameters of each observation's own, [P][kTile]; a block of one tile.
void forwardEach(const Block& block, const float* parameters);
// Tangents of all layers along v; those of the heads stay in the workspace until the next call.
void tangent(const Block& block, const Packed& theta, const Packed& v);
// Makes cotangents of the heads out of their tangents, M t: those of the layers at their places, those of the
// state-independent outputs summed over observations into [stateIndependent]. index: of the block's first observation.
void applyMetric(const Block& block, const Packed& theta, const Packed& v, const Metric& metric, int64_t index,
                 const float* weights, float* stateIndependent);
// Puts the outputs or tangents of the heads side by side as rows [m] of `out`, with the numbers that no observation
// changes [stateIndependent].
void storeOutputs(const Block& block, bool tangents, const float* stateIndependent, float* out);
// Reads rows [m] of cotangents of the outputs, those of the heads to their places.
void loadCotangents(const Block& block, const float* rows);
// gradient [P] (null: not wanted) += J^T cotangent of the heads, state-independent outputs apart; and, if wanted, the
// cotangents of the scaled observations in block.cotangent(kObservation).
void pullback(const Block& block, const Packed& theta, float* gradient, bool inputs);

}  // namespace trellis::network
