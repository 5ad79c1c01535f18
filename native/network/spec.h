// A feed-forward policy network as the kernels see it. Every layer is a convolution: a dense layer is one with kernel
// 1x1 on a 1x1 map whose channels are its inputs. Feature maps are [channels, height, width].
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace trellis::network {

enum class Activation : int32_t { linear = 0, tanh = 1, softplus = 2, relu = 3 };

struct Layer {
  int channels, height, width;  // of the input
  int units;                    // dense units or filters
  int kernelHeight = 1, kernelWidth = 1, strideHeight = 1, strideWidth = 1;
  Activation activation = Activation::linear;
  int64_t weightOffset = 0;  // [units, channels, kernelHeight, kernelWidth] in the parameters
  int64_t biasOffset = 0;    // [units]

  int outHeight() const { return (height - kernelHeight) / strideHeight + 1; }
  int outWidth() const { return (width - kernelWidth) / strideWidth + 1; }
  int positions() const { return outHeight() * outWidth(); }
  int inputSize() const { return channels * height * width; }
  int outputSize() const { return units * positions(); }
  int taps() const { return channels * kernelHeight * kernelWidth; }
  // The map of cotangents with the margin that a pullback reads around it.
  int padTop() const { return (kernelHeight - 1) / strideHeight; }
  int padLeft() const { return (kernelWidth - 1) / strideWidth; }
  int paddedHeight() const { return padTop() + std::max((height - 1) / strideHeight + 1, outHeight()); }
  int paddedWidth() const { return padLeft() + std::max((width - 1) / strideWidth + 1, outWidth()); }
};

// What the outputs mean: gaussian appends one log standard deviation per output, kept behind the network's parameters.
enum class Head : int32_t { gaussian = 0, categorical = 1 };

struct Spec {
  std::vector<Layer> layers;
  bool bytes = false;                 // observations are uint8, else float
  std::vector<float> offset, factor;  // [inputs]: x = (o - offset) * factor; empty: x = o
  float clip = 0;                     // |x| <= clip; 0: no clipping
  Head head = Head::gaussian;
  std::vector<int32_t> sizes;  // categorical: choices per factor

  int inputSize() const { return layers.front().inputSize(); }
  int outputs() const { return layers.back().outputSize(); }
  int logStds() const { return head == Head::gaussian ? outputs() : 0; }
  // m: distribution parameters per observation
  int outputSize() const { return outputs() + logStds(); }
  int64_t logStdOffset() const { return layers.back().biasOffset + layers.back().units; }
  int64_t parameterCount() const { return logStdOffset() + logStds(); }
};

// Description of one layer before shapes and offsets are known; kernel 0: dense.
struct LayerRequest {
  int units, kernelHeight = 0, kernelWidth = 0, strideHeight = 1, strideWidth = 1;
  Activation activation = Activation::linear;
};

// Lays out the layers on an input of the given shape. Sizes may come from a file: throws std::length_error where a map,
// its margin or a kernel has 2^31 elements or more, before anything is allocated.
std::vector<Layer> makeLayers(int channels, int height, int width, const std::vector<LayerRequest>& requests);

}  // namespace trellis::network
