// What the vector kernels do, as a table of functions: one table per instruction set, all with the same bits.
//
// Activations of a block of observations lie feature-major: feature f of observation s is at data[f * stride + s].
// A block has `lanes` active observations, a multiple of kTile; sums over observations keep kTile partial sums, which
// are then added in one fixed tree.
#pragma once

#include <cstdint>
#include <vector>

#include "network/adam.h"
#include "network/spec.h"
#include "parallel/instruction_set.h"

namespace trellis::network {

constexpr int kTile = 16;
// Most observations of a block.
constexpr int kLargestBlock = 256;

// A sum over taps at many positions: out[unit, position] = sum over taps of weight[unit, tap] * in[tap, position].
// Offsets are in features.
struct GatherPlan {
  int units = 0;
  std::vector<int32_t> tapOffset;  // [taps]
  std::vector<int32_t> columnIn;   // [positions] input feature the taps' offsets are relative to
  std::vector<int32_t> columnOut;  // [positions] output feature of unit 0
  int unitStride = 1;              // features between units of the output
  std::vector<int64_t> source;     // [units * taps] parameter of each weight
  // Where weights lie evenly: source[unit * taps + tap] = source[0] + unit * unitStep + tap * tapStep. Else both are 0.
  int64_t unitStep = 0, tapStep = 0;

  int taps() const { return static_cast<int>(tapOffset.size()); }
  int positions() const { return static_cast<int>(columnIn.size()); }
};

// What the kernels see of a plan. No member functions: code shared between translation units must not be compiled with
// the flags of one instruction set.
struct GatherView {
  int units, taps, positions, unitStride;
  const int32_t *tapOffset, *columnIn, *columnOut;
  const int64_t* source;
};

inline GatherView view(const GatherPlan& plan) {
  return {plan.units,           plan.taps(),           plan.positions(),  plan.unitStride, plan.tapOffset.data(),
          plan.columnIn.data(), plan.columnOut.data(), plan.source.data()};
}

// Things are worked on in blocks of nearly equal size, at most `most` each.
namespace {
struct Blocks {
  int size, blocks;
  Blocks(int size, int most) : size(size), blocks((size + most - 1) / most) {}
  int start(int block) const { return static_cast<int>(static_cast<int64_t>(block) * size / blocks); }
};
}  // namespace

struct InputScaling {
  const float* offset;  // [features]; null: none
  const float* factor;
  float clip;  // 0: none
};

// What layer normalisation works on: a value [features, stride] and, for each observation, its mean [stride] and the
// inverse of its standard deviation [stride].
struct NormView {
  const float* in;
  float* statistics;
  int features;
  int64_t stride;
  int lanes;
};

struct Kernels {
  const char* name;
  int unitBlock;

  // out = start + gather; start: one value per unit (bias), or null: out as it is (accumulate).
  void (*gather)(const GatherView& plan, const float* packed, const float* bias, const float* in, float* out,
                 int64_t stride, int lanes);
  // As gather of a dense layer for the block's first observation alone; the others are left as they are.
  void (*gatherOne)(const GatherView& plan, const float* packed, const float* bias, const float* in, float* out,
                    int64_t stride);
  // As gather with weights of each observation's own: parameters are [P][kTile]; one tile.
  void (*gatherEach)(const GatherView& plan, const float* parameters, int64_t biasOffset, const float* in, float* out);
  // gradient[source of (unit, tap)] += sum over positions and observations of cotangent[unit] * in[tap]; and biases.
  void (*gradient)(const GatherView& plan, const float* cotangent, const float* in, int64_t stride, int lanes,
                   int64_t biasOffset, float* gradient);

  void (*activate)(Activation activation, float* x, int64_t count);
  // x *= derivative of the activation whose value is y
  void (*multiplyBySlope)(Activation activation, const float* y, float* x, int64_t count);
  void (*multiply)(float* x, const float* factor, int64_t count);
  // out = a + b
  void (*add)(const float* a, const float* b, float* out, int64_t count);

  // out = gain * normalised + bias, and the statistics; gain and bias: [features] at their places in the parameters
  void (*normalize)(const NormView& norm, const float* parameters, int64_t gain, int64_t bias, float* out);
  // As normalize with parameters of each observation's own: [P][kTile]; one tile.
  void (*normalizeEach)(const NormView& norm, const float* parameters, int64_t gain, int64_t bias, float* out);
  // Tangent of the output along gain, bias and (null: none) the input.
  void (*normalizeTangent)(const NormView& norm, const float* gain, const float* gainTangent, const float* biasTangent,
                           const float* inTangent, float* out);
  // gainGradient, biasGradient [features] += sums over observations
  void (*normalizeGradient)(const NormView& norm, const float* cotangent, float* gainGradient, float* biasGradient);
  // out = (or, accumulating, +=) cotangent of the input
  void (*normalizePullback)(const NormView& norm, const float* gain, const float* cotangent, float* out,
                            bool accumulate);

  // Rows (observation-major, rowStride elements apart) to features; observations from `rows` on read as 0 after scaling.
  void (*loadFloats)(const float* data, int64_t rowStride, int rows, int features, const InputScaling& scaling,
                     float* out, int64_t stride, int lanes);
  void (*loadBytes)(const uint8_t* data, int64_t rowStride, int rows, int features, const InputScaling& scaling,
                    float* out, int64_t stride, int lanes);
  // Features to rows.
  void (*storeRows)(const float* in, int64_t stride, int rows, int features, float* out, int64_t rowStride);
  // Categorical Fisher metric per factor: t = p * (t - p't), in place.
  void (*softmaxMetric)(const float* logits, float* tangent, const int32_t* sizes, int factors, int64_t stride,
                        int lanes);
  // Gaussian Fisher metric of d means and d log standard deviations, in place.
  void (*gaussianMetric)(const float* outputs, float* tangent, int dimensions, int64_t stride, int lanes);
  // Moves theta [count] down the gradient [count]; mean and square [count] are the moments, which move too. Those too
  // small for a normal number become 0.
  void (*adam)(float* theta, float* mean, float* square, const float* gradient, int64_t count, const AdamStep& step);
  // Gradient in the scaled input x to gradient in the observation, in place.
  void (*unscale)(const float* x, float* gradient, int features, const InputScaling& scaling, int64_t stride,
                  int lanes);
};

const Kernels& kernels(parallel::InstructionSet set);

// A matrix [units, rowStride] of `taps` columns in the order in which the kernels read weights: per block of units,
// [taps][units of the block].
void packRows(const Kernels& kernels, const float* matrix, int units, int taps, int64_t rowStride, float* packed);
// The weights of a plan in this order.
void packWeights(const Kernels& kernels, const GatherPlan& plan, const float* parameters, std::vector<float>& packed);

}  // namespace trellis::network
