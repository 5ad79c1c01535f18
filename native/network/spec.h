// A feed-forward network as the kernels see it: layers in an order in which each reads the observation or layers before
// it. A dense layer is a convolution with kernel 1x1 on a 1x1 map whose channels are its inputs. Feature maps are
// [channels, height, width].
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace trellis::network {

enum class Activation : int32_t { linear = 0, tanh = 1, softplus = 2, relu = 3 };

// affine: dense or convolution. layerNorm: gain * (x - mean) / sqrt(variance + epsilon) + bias over all features of an
// observation. add: the sum of two values of equal shape.
enum class Kind : int32_t { affine = 0, layerNorm = 1, add = 2 };

constexpr float kLayerNormEpsilon = 1e-5f;

// Values are numbered as the layers that make them; this one is the observation.
constexpr int kObservation = -1;

struct Layer {
  int channels, height, width;  // of the input
  int units;                    // dense units or filters; else the channels
  int kernelHeight = 1, kernelWidth = 1, strideHeight = 1, strideWidth = 1;
  Activation activation = Activation::linear;
  int64_t weightOffset = 0;  // affine: [units, channels, kernelHeight, kernelWidth] in the parameters; layerNorm: gains
  int64_t biasOffset = 0;    // affine: [units]; layerNorm: [features]
  Kind kind = Kind::affine;
  std::array<int, 2> inputs{kObservation, kObservation};  // the second: add alone

  int outHeight() const { return (height - kernelHeight) / strideHeight + 1; }
  int outWidth() const { return (width - kernelWidth) / strideWidth + 1; }
  int positions() const { return outHeight() * outWidth(); }
  int inputSize() const { return channels * height * width; }
  int outputSize() const { return units * positions(); }
  int taps() const { return channels * kernelHeight * kernelWidth; }
  // Every unit reads the whole input.
  bool dense() const { return kind == Kind::affine && positions() == 1 && taps() == inputSize(); }
  int inputCount() const { return kind == Kind::add ? 2 : 1; }
  int64_t biasCount() const { return kind == Kind::affine ? units : kind == Kind::layerNorm ? outputSize() : 0; }
  // Numbers that a forward pass keeps for an observation: the output and, of a layerNorm, mean and inverse deviation.
  int64_t keptSize() const { return outputSize() + (kind == Kind::layerNorm ? 2 : 0); }
  // The map of cotangents with the margin that a pullback reads around it.
  int padTop() const { return (kernelHeight - 1) / strideHeight; }
  int padLeft() const { return (kernelWidth - 1) / strideWidth; }
  int paddedHeight() const { return padTop() + std::max((height - 1) / strideHeight + 1, outHeight()); }
  int paddedWidth() const { return padLeft() + std::max((width - 1) / strideWidth + 1, outWidth()); }
};

// The network's outputs for an observation are those of its heads side by side, then numbers of θ that no observation
// changes (a Gaussian's log standard deviations), which follow the layers' parameters.
struct Spec {
  int channels = 0, height = 1, width = 1;  // of the observation
  std::vector<Layer> layers;
  std::vector<int> heads;  // layers, each at most once
  int stateIndependent = 0;
  bool bytes = false;                 // observations are uint8, else float
  std::vector<float> offset, factor;  // [inputs]: x = (o - offset) * factor; empty: x = o
  float clip = 0;                     // |x| <= clip; 0: no clipping

  int inputSize() const { return channels * height * width; }
  // Outputs of the heads
  int emitted() const;
  // m
  int outputSize() const { return emitted() + stateIndependent; }
  int64_t stateIndependentOffset() const { return layers.back().biasOffset + layers.back().biasCount(); }
  int64_t parameterCount() const { return stateIndependentOffset() + stateIndependent; }
};

// The layer listed before, or the observation where there is none.
constexpr int kPrevious = -2;

// Description of one layer before shapes and offsets are known; kernel 0: dense.
struct LayerRequest {
  int units, kernelHeight = 0, kernelWidth = 0, strideHeight = 1, strideWidth = 1;
  Activation activation = Activation::linear;
  Kind kind = Kind::affine;
  std::array<int, 2> inputs{kPrevious, kPrevious};
};

// Lays out the layers on an input of the given shape; heads: the last layer unless given. Sizes may come from a file:
// throws std::length_error where a map, its margin or a kernel has 2^31 elements or more, before anything is allocated;
// std::invalid_argument or out_of_range where layers do not fit one another.
Spec makeSpec(int channels, int height, int width, const std::vector<LayerRequest>& requests,
              std::vector<int> heads = {}, int stateIndependent = 0);

}  // namespace trellis::network
