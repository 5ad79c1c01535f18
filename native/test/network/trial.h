// Networks, parameters and observations for the tests of this folder.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "network/policy_network.h"

namespace trellis::network {

struct Trial {
  Spec spec;
  std::vector<float> theta;
  std::vector<float> floats;
  std::vector<uint8_t> bytes;
  int64_t count;

  const void* observations() const {
    return spec.bytes ? static_cast<const void*>(bytes.data()) : static_cast<const void*>(floats.data());
  }
  const void* row(int64_t i) const {
    return static_cast<const char*>(observations()) + i * spec.inputSize() * (spec.bytes ? 1 : sizeof(float));
  }
  int64_t outputs() const { return count * spec.outputSize(); }
};

inline std::vector<float> normals(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(count);
  for (float& x : out) x = normal(generator);
  return out;
}

inline void fill(Trial& trial, int64_t count, unsigned seed) {
  Spec& spec = trial.spec;
  trial.count = count;
  trial.theta = normals(spec.parameterCount(), seed);
  for (const Layer& layer : spec.layers) {
    for (int64_t i = layer.weightOffset; i < layer.biasOffset; ++i) trial.theta[i] /= std::sqrt(float(layer.taps()));
  }
  trial.floats = normals(count * spec.inputSize(), seed + 1);
  for (float x : trial.floats) trial.bytes.push_back(static_cast<uint8_t>(std::fmin(255, std::fmax(0, 128 + 60 * x))));
  if (!spec.bytes) trial.bytes.clear();
}

inline Trial hopper(int64_t count) {
  Trial trial;
  trial.spec.layers =
      makeLayers(41, 1, 1, {{50, 0, 0, 1, 1, Activation::softplus}, {50, 0, 0, 1, 1, Activation::softplus}, {3}});
  fill(trial, count, 5);
  return trial;
}

inline Trial atari(int64_t count) {
  Trial trial;
  Spec& spec = trial.spec;
  spec.layers = makeLayers(4, 52, 40,
                           {{16, 4, 4, 2, 2, Activation::tanh},
                            {16, 4, 4, 2, 2, Activation::tanh},
                            {20, 0, 0, 1, 1, Activation::tanh},
                            {8}});
  spec.bytes = true;
  spec.head = Head::categorical;
  spec.sizes = {3, 3, 2};
  spec.offset.assign(spec.inputSize(), 128.0f);
  spec.factor.assign(spec.inputSize(), 1 / 128.0f);
  fill(trial, count, 7);
  return trial;
}

// A network of random shape: dense or convolutional, any activation, head, kind of input and scaling.
inline Trial randomTrial(unsigned seed) {
  std::mt19937 generator(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(generator); };
  Trial trial;
  Spec& spec = trial.spec;
  const bool convolutional = pick(0, 1);
  const int channels = convolutional ? pick(1, 4) : pick(1, 40);
  const int height = convolutional ? pick(5, 14) : 1, width = convolutional ? pick(5, 14) : 1;
  std::vector<LayerRequest> requests;
  int h = height, w = width;
  for (int l = convolutional ? pick(1, 2) : 0; l > 0; --l) {
    LayerRequest request{pick(1, 19), pick(1, std::min(4, h)), pick(1, std::min(4, w)), pick(1, 3), pick(1, 3)};
    request.activation = static_cast<Activation>(pick(0, 3));
    h = (h - request.kernelHeight) / request.strideHeight + 1;
    w = (w - request.kernelWidth) / request.strideWidth + 1;
    requests.push_back(request);
  }
  for (int l = pick(0, 2); l > 0; --l) requests.push_back({pick(1, 60), 0, 0, 1, 1, static_cast<Activation>(pick(0, 3))});
  if (pick(0, 1)) {
    spec.head = Head::categorical;
    for (int f = pick(1, 3); f > 0; --f) spec.sizes.push_back(pick(1, 6));
  }
  int outputs = pick(1, 6);
  if (spec.head == Head::categorical) {
    outputs = 0;
    for (int size : spec.sizes) outputs += size;
  }
  requests.push_back({outputs});
  spec.layers = makeLayers(channels, height, width, requests);
  spec.bytes = pick(0, 1);
  if (spec.bytes || pick(0, 1)) {
    spec.offset.assign(spec.inputSize(), spec.bytes ? 100.0f : 0.25f);
    spec.factor.assign(spec.inputSize(), spec.bytes ? 1 / 50.0f : 0.5f);
    for (float& x : spec.offset) x += pick(0, 3) * 0.125f;
  }
  if (pick(0, 1)) spec.clip = 1.25f;
  fill(trial, pick(1, 300), seed + 1000);
  return trial;
}

}  // namespace trellis::network
