#include "network/reference.h"

#include <algorithm>
#include <cmath>

namespace trellis::network {
namespace {

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::tanh: return std::tanh(x);
    case Activation::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::relu: return std::max(x, 0.0);
    default: return x;
  }
}

// The derivative as a function of the activation's value.
double slope(Activation activation, double y) {
  switch (activation) {
    case Activation::tanh: return 1 - y * y;
    case Activation::softplus: return -std::expm1(-y);
    case Activation::relu: return y > 0 ? 1 : 0;
    default: return 1;
  }
}

// body(output, weight, input) for every connection of a layer.
template <class Body>
void eachConnection(const Layer& layer, Body body) {
  for (int unit = 0; unit < layer.units; ++unit)
    for (int row = 0; row < layer.outHeight(); ++row)
      for (int column = 0; column < layer.outWidth(); ++column)
        for (int channel = 0; channel < layer.channels; ++channel)
          for (int a = 0; a < layer.kernelHeight; ++a)
            for (int b = 0; b < layer.kernelWidth; ++b)
              body((unit * layer.outHeight() + row) * layer.outWidth() + column,
                   layer.weightOffset +
                       ((static_cast<int64_t>(unit) * layer.channels + channel) * layer.kernelHeight + a) *
                           layer.kernelWidth +
                       b,
                   (channel * layer.height + row * layer.strideHeight + a) * layer.width +
                       column * layer.strideWidth + b);
}

void addAffine(const Layer& layer, const std::vector<double>& theta, const std::vector<double>& input,
               std::vector<double>& out) {
  eachConnection(layer, [&](int to, int64_t weight, int from) { out[to] += theta[weight] * input[from]; });
}

void addBiases(const Layer& layer, const std::vector<double>& theta, std::vector<double>& out) {
  for (int i = 0; i < layer.outputSize(); ++i) out[i] += theta[layer.biasOffset + i / layer.positions()];
}

void appendLogStds(const Spec& spec, const std::vector<double>& theta, std::vector<double>& out) {
  for (int i = 0; i < spec.logStds(); ++i) out.push_back(theta[spec.logStdOffset() + i]);
}

}  // namespace

std::vector<double> scaledInput(const Spec& spec, const void* row) {
  std::vector<double> input(spec.inputSize());
  for (int i = 0; i < spec.inputSize(); ++i) {
    double x = spec.bytes ? static_cast<const uint8_t*>(row)[i] : static_cast<const float*>(row)[i];
    if (!spec.offset.empty()) x = (x - spec.offset[i]) * spec.factor[i];
    input[i] = spec.clip > 0 ? std::clamp(x, -double{spec.clip}, double{spec.clip}) : x;
  }
  return input;
}

Reference::Reference(const Spec& spec, const float* parameters)
    : spec_(spec), theta_(parameters, parameters + spec.parameterCount()) {}

std::vector<double> Reference::forward(const std::vector<double>& input) {
  activations_ = {input};
  for (const Layer& layer : spec_.layers) {
    std::vector<double> out(layer.outputSize());
    addBiases(layer, theta_, out);
    addAffine(layer, theta_, activations_.back(), out);
    for (double& y : out) y = activate(layer.activation, y);
    activations_.push_back(std::move(out));
  }
  std::vector<double> outputs = activations_.back();
  appendLogStds(spec_, theta_, outputs);
  return outputs;
}

std::vector<double> Reference::tangent(const std::vector<double>& v) const {
  std::vector<double> tangent(spec_.inputSize());
  for (size_t l = 0; l < spec_.layers.size(); ++l) {
    const Layer& layer = spec_.layers[l];
    std::vector<double> out(layer.outputSize());
    addBiases(layer, v, out);
    addAffine(layer, v, activations_[l], out);
    addAffine(layer, theta_, tangent, out);
    for (size_t i = 0; i < out.size(); ++i) out[i] *= slope(layer.activation, activations_[l + 1][i]);
    tangent = std::move(out);
  }
  appendLogStds(spec_, v, tangent);
  return tangent;
}

void Reference::pullback(const std::vector<double>& cotangent, std::vector<double>& gradient) const {
  for (int i = 0; i < spec_.logStds(); ++i) gradient[spec_.logStdOffset() + i] += cotangent[spec_.outputs() + i];
  std::vector<double> above(cotangent.begin(), cotangent.begin() + spec_.outputs());
  for (size_t l = spec_.layers.size(); l-- > 0;) {
    const Layer& layer = spec_.layers[l];
    for (size_t i = 0; i < above.size(); ++i) {
      above[i] *= slope(layer.activation, activations_[l + 1][i]);
      gradient[layer.biasOffset + i / layer.positions()] += above[i];
    }
    std::vector<double> below(layer.inputSize());
    eachConnection(layer, [&](int to, int64_t weight, int from) {
      gradient[weight] += above[to] * activations_[l][from];
      below[from] += above[to] * theta_[weight];
    });
    above = std::move(below);
  }
}

std::vector<double> Reference::metric(const std::vector<double>& tangent) const {
  std::vector<double> out(tangent.size());
  if (spec_.head == Head::gaussian) {
    for (int i = 0; i < spec_.outputs(); ++i) {
      out[i] = tangent[i] * std::exp(-2 * theta_[spec_.logStdOffset() + i]);
      out[spec_.outputs() + i] = 2 * tangent[spec_.outputs() + i];
    }
    return out;
  }
  const std::vector<double>& logits = activations_.back();
  int at = 0;
  for (int size : spec_.sizes) {
    const double highest = *std::max_element(logits.begin() + at, logits.begin() + at + size);
    double total = 0, mean = 0;
    for (int k = at; k < at + size; ++k) total += std::exp(logits[k] - highest);
    for (int k = at; k < at + size; ++k) mean += std::exp(logits[k] - highest) / total * tangent[k];
    for (int k = at; k < at + size; ++k) out[k] = std::exp(logits[k] - highest) / total * (tangent[k] - mean);
    at += size;
  }
  return out;
}

}  // namespace trellis::network
