// Networks, parameters and observations for the tests of this folder.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "network/network.h"

namespace trellis::network {

struct Trial {
  Spec spec;
  std::vector<float> theta;
  std::vector<float> floats;
  std::vector<uint8_t> bytes;
  int64_t count;
  Metric::Kind kind = Metric::Kind::identity;
  std::vector<int32_t> sizes{};
  bool eachRow = false;
  std::vector<float> metricWeights{};

  const void* observations() const {
    return spec.bytes ? static_cast<const void*>(bytes.data()) : static_cast<const void*>(floats.data());
  }
  const void* row(int64_t i) const {
    return static_cast<const char*>(observations()) + i * spec.inputSize() * (spec.bytes ? 1 : sizeof(float));
  }
  int64_t outputs() const { return count * spec.outputSize(); }
  Metric metric() const { return {kind, sizes, metricWeights.data(), eachRow}; }
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
    if (layer.kind != Kind::affine) continue;
    for (int64_t i = layer.weightOffset; i < layer.biasOffset; ++i) trial.theta[i] /= std::sqrt(float(layer.taps()));
  }
  trial.floats = normals(count * spec.inputSize(), seed + 1);
  for (float x : trial.floats) trial.bytes.push_back(static_cast<uint8_t>(std::fmin(255, std::fmax(0, 128 + 60 * x))));
  if (!spec.bytes) trial.bytes.clear();
}

// An affine layer's description, dense or convolution.
inline LayerRequest dense(int units, Activation activation = Activation::linear) {
  return {units, 0, 0, 1, 1, activation};
}

inline Trial hopper(int64_t count) {
  Trial trial;
  trial.spec = makeSpec(41, 1, 1, {dense(50, Activation::softplus), dense(50, Activation::softplus), dense(3)}, {}, 3);
  trial.kind = Metric::Kind::gaussian;
  fill(trial, count, 5);
  return trial;
}

inline Trial atari(int64_t count) {
  Trial trial;
  Spec& spec = trial.spec;
  spec = makeSpec(
      4, 52, 40,
      {{16, 4, 4, 2, 2, Activation::tanh}, {16, 4, 4, 2, 2, Activation::tanh}, dense(20, Activation::tanh), dense(8)});
  spec.bytes = true;
  spec.offset.assign(spec.inputSize(), 128.0f);
  spec.factor.assign(spec.inputSize(), 1 / 128.0f);
  trial.kind = Metric::Kind::categorical;
  trial.sizes = {3, 3, 2};
  fill(trial, count, 7);
  return trial;
}

// A residual network with normalisation, two heads on a shared trunk, and state-independent outputs.
inline Trial residual(int64_t count) {
  Trial trial;
  const auto norm = [](Activation activation) {
    LayerRequest request{0, 0, 0, 1, 1, activation};
    request.kind = Kind::layerNorm;
    return request;
  };
  LayerRequest sum = norm(Activation::softplus), second = dense(2);
  sum.kind = Kind::add;
  sum.inputs = {0, 3};
  second.inputs = {4, 0};
  trial.spec = makeSpec(
      17, 1, 1,
      {dense(30, Activation::tanh), norm(Activation::tanh), dense(30), norm(Activation::linear), sum, dense(3), second},
      {6, 5, 4}, 5);
  fill(trial, count, 9);
  return trial;
}

// A network of random shape: dense, convolutional, normalised and residual layers, any activation, heads, kind of input,
// scaling and metric. A chain where `branching` is false.
inline Trial randomTrial(unsigned seed, bool branching = true) {
  std::mt19937 generator(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(generator); };
  const auto activation = [&] { return static_cast<Activation>(pick(0, 3)); };
  Trial trial;
  const bool maps = pick(0, 1);
  const int channels = maps ? pick(1, 4) : pick(1, 40);
  const int height = maps ? pick(5, 14) : 1, width = maps ? pick(5, 14) : 1;
  struct Shape {
    int channels, height, width;
    bool operator==(const Shape&) const = default;
  };
  std::vector<LayerRequest> requests;
  std::vector<Shape> shapes{{channels, height, width}};  // of the observation, then of every layer
  std::vector<bool> read{true};
  const auto push = [&](LayerRequest request, Shape shape) {
    read[request.inputs[0] + 1] = true;
    if (request.kind == Kind::add) read[request.inputs[1] + 1] = true;
    requests.push_back(request);
    shapes.push_back(shape);
    read.push_back(false);
  };
  for (int l = pick(1, branching ? 7 : 4); l > 0; --l) {
    const int last = static_cast<int>(requests.size()) - 1;
    const int from = branching && pick(0, 2) == 0 ? pick(-1, last) : last;
    const Shape in = shapes[from + 1];
    LayerRequest request{1, 0, 0, 1, 1, activation()};
    request.inputs = {from, from};
    const int kind = pick(0, 5);
    // Normalising two features leaves nothing but their order, and a derivative that is all cancellation.
    if (kind == 0 && in.channels * in.height * in.width > 3) {
      request.kind = Kind::layerNorm;
      push(request, in);
    } else if (kind == 1 && branching) {
      request.kind = Kind::add;
      for (int other = -1; other <= last; ++other) {
        if (shapes[other + 1] == in && pick(0, 1)) request.inputs[1] = other;
      }
      push(request, in);
    } else if (kind <= 3 && in.height > 1 && in.width > 1) {
      request.units = pick(1, 19);
      request.kernelHeight = pick(1, std::min(4, in.height)), request.kernelWidth = pick(1, std::min(4, in.width));
      request.strideHeight = pick(1, 3), request.strideWidth = pick(1, 3);
      push(request, {request.units, (in.height - request.kernelHeight) / request.strideHeight + 1,
                     (in.width - request.kernelWidth) / request.strideWidth + 1});
    } else {
      // Often as wide as before, so that there is something to add to.
      request.units = in.height == 1 && in.width == 1 && in.channels <= 60 && pick(0, 1) ? in.channels : pick(1, 60);
      push(request, {request.units, 1, 1});
    }
  }
  // Small heads on what nothing reads yet; sometimes a value is a head and is read, too.
  std::vector<int> heads;
  for (int value = 0, values = static_cast<int>(requests.size()); value < values; ++value) {
    if (read[value + 1] && pick(0, 4) > 0) continue;
    LayerRequest head{pick(1, 6)};
    head.inputs = {value, value};
    if (shapes[value + 1].channels * shapes[value + 1].height * shapes[value + 1].width <= 6 && pick(0, 1)) {
      heads.push_back(value);
      continue;
    }
    heads.push_back(static_cast<int>(requests.size()));
    push(head, {head.units, 1, 1});
  }
  std::shuffle(heads.begin(), heads.end(), generator);
  Spec& spec = trial.spec;
  spec = makeSpec(channels, height, width, requests, heads, pick(0, 1) * pick(0, 4));
  if (pick(0, 2) == 0) {
    spec.stateIndependent = spec.emitted();
    trial.kind = Metric::Kind::gaussian;
  } else {
    trial.kind = static_cast<Metric::Kind>(pick(0, 4));
    if (trial.kind == Metric::Kind::gaussian && spec.outputSize() % 2 == 1) trial.kind = Metric::Kind::categorical;
  }
  const int m = spec.outputSize();
  for (int left = m; trial.kind == Metric::Kind::categorical && left > 0; left -= trial.sizes.back()) {
    trial.sizes.push_back(pick(1, std::min(left, 6)));
  }
  spec.bytes = pick(0, 1);
  if (spec.bytes || pick(0, 1)) {
    spec.offset.assign(spec.inputSize(), spec.bytes ? 100.0f : 0.25f);
    spec.factor.assign(spec.inputSize(), spec.bytes ? 1 / 50.0f : 0.5f);
    for (float& x : spec.offset) x += pick(0, 3) * 0.125f;
  }
  if (pick(0, 1)) spec.clip = 1.25f;
  fill(trial, pick(0, 3) == 0 ? pick(1, 300) : pick(1, 40), seed + 1000);
  trial.eachRow = pick(0, 1);
  if (trial.kind == Metric::Kind::diagonal)
    trial.metricWeights = normals(trial.eachRow ? trial.count * m : m, seed + 2000);
  if (trial.kind == Metric::Kind::dense) trial.metricWeights = normals(trial.count * m * m, seed + 2000);
  return trial;
}

}  // namespace trellis::network
