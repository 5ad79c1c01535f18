#include "network/reference.h"

#include <algorithm>
#include <cmath>

namespace trellis::network {
namespace {

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::tanh:
      return std::tanh(x);
    case Activation::softplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::relu:
      return std::max(x, 0.0);
    default:
      return x;
  }
}

// The derivative as a function of the activation's value.
double slope(Activation activation, double y) {
  switch (activation) {
    case Activation::tanh:
      return 1 - y * y;
    case Activation::softplus:
      return -std::expm1(-y);
    case Activation::relu:
      return y > 0 ? 1 : 0;
    default:
      return 1;
  }
}

// body(output, weight, input) for every connection of an affine layer.
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
                   (channel * layer.height + row * layer.strideHeight + a) * layer.width + column * layer.strideWidth +
                       b);
}

void addAffine(const Layer& layer, const std::vector<double>& theta, const std::vector<double>& input,
               std::vector<double>& out) {
  eachConnection(layer, [&](int to, int64_t weight, int from) { out[to] += theta[weight] * input[from]; });
}

void addBiases(const Layer& layer, const std::vector<double>& theta, std::vector<double>& out) {
  for (int i = 0; i < layer.outputSize(); ++i) out[i] += theta[layer.biasOffset + i / layer.positions()];
}

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (double value : x) sum += value;
  return sum / static_cast<double>(x.size());
}

// An input with mean 0 and variance 1, and what it was divided by.
struct Normalized {
  std::vector<double> x;
  double deviation;

  explicit Normalized(const std::vector<double>& input) : x(input) {
    const double middle = mean(input);
    double variance = 0;
    for (double& value : x) value -= middle, variance += value * value / static_cast<double>(x.size());
    deviation = std::sqrt(variance + kLayerNormEpsilon);
    for (double& value : x) value /= deviation;
  }

  // The derivative, a symmetric matrix, times t.
  std::vector<double> derivative(std::vector<double> t) const {
    double projection = 0;
    for (size_t i = 0; i < x.size(); ++i) projection += x[i] * t[i] / static_cast<double>(x.size());
    const double middle = mean(t);
    for (size_t i = 0; i < x.size(); ++i) t[i] = (t[i] - middle - x[i] * projection) / deviation;
    return t;
  }
};

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

std::vector<double> unscaledGradient(const Spec& spec, const std::vector<double>& input, std::vector<double> gradient) {
  for (int i = 0; i < spec.inputSize(); ++i) {
    if (!spec.offset.empty()) gradient[i] *= spec.factor[i];
    if (spec.clip > 0 && !(std::abs(input[i]) < spec.clip)) gradient[i] = 0;
  }
  return gradient;
}

Reference::Reference(const Spec& spec, const float* parameters)
    : spec_(spec), theta_(parameters, parameters + spec.parameterCount()) {}

std::vector<double> Reference::forward(const std::vector<double>& input) {
  values_ = {input};
  for (const Layer& layer : spec_.layers) {
    std::vector<double> out(layer.outputSize());
    const std::vector<double>& x = value(layer.inputs[0]);
    if (layer.kind == Kind::affine) {
      addBiases(layer, theta_, out);
      addAffine(layer, theta_, x, out);
    } else if (layer.kind == Kind::layerNorm) {
      out = Normalized(x).x;
      for (size_t i = 0; i < out.size(); ++i)
        out[i] = theta_[layer.weightOffset + i] * out[i] + theta_[layer.biasOffset + i];
    } else {
      for (size_t i = 0; i < out.size(); ++i) out[i] = x[i] + value(layer.inputs[1])[i];
    }
    for (double& y : out) y = activate(layer.activation, y);
    values_.push_back(std::move(out));
  }
  std::vector<double> outputs;
  for (int head : spec_.heads) outputs.insert(outputs.end(), value(head).begin(), value(head).end());
  outputs.insert(outputs.end(), theta_.begin() + spec_.stateIndependentOffset(), theta_.end());
  return outputs;
}

std::vector<double> Reference::tangent(const std::vector<double>& v) const {
  std::vector<std::vector<double>> tangents{std::vector<double>(spec_.inputSize())};
  for (const Layer& layer : spec_.layers) {
    std::vector<double> out(layer.outputSize());
    const std::vector<double>& x = value(layer.inputs[0]);
    const std::vector<double>& t = tangents[layer.inputs[0] + 1];
    if (layer.kind == Kind::affine) {
      addBiases(layer, v, out);
      addAffine(layer, v, x, out);
      addAffine(layer, theta_, t, out);
    } else if (layer.kind == Kind::layerNorm) {
      const Normalized normalized(x);
      const std::vector<double> moved = normalized.derivative(t);
      for (size_t i = 0; i < out.size(); ++i) {
        out[i] = v[layer.weightOffset + i] * normalized.x[i] + theta_[layer.weightOffset + i] * moved[i] +
                 v[layer.biasOffset + i];
      }
    } else {
      for (size_t i = 0; i < out.size(); ++i) out[i] = t[i] + tangents[layer.inputs[1] + 1][i];
    }
    const std::vector<double>& y = values_[tangents.size()];
    for (size_t i = 0; i < out.size(); ++i) out[i] *= slope(layer.activation, y[i]);
    tangents.push_back(std::move(out));
  }
  std::vector<double> outputs;
  for (int head : spec_.heads) outputs.insert(outputs.end(), tangents[head + 1].begin(), tangents[head + 1].end());
  outputs.insert(outputs.end(), v.begin() + spec_.stateIndependentOffset(), v.end());
  return outputs;
}

std::vector<double> Reference::pullback(const std::vector<double>& cotangent, std::vector<double>& gradient) const {
  std::vector<std::vector<double>> cotangents;
  for (const std::vector<double>& x : values_) cotangents.emplace_back(x.size());
  auto next = cotangent.begin();
  for (int head : spec_.heads) {
    for (double& c : cotangents[head + 1]) c += *next++;
  }
  for (int i = 0; i < spec_.stateIndependent; ++i) gradient[spec_.stateIndependentOffset() + i] += *next++;
  for (size_t l = spec_.layers.size(); l-- > 0;) {
    const Layer& layer = spec_.layers[l];
    std::vector<double>& above = cotangents[l + 1];
    std::vector<double>& below = cotangents[layer.inputs[0] + 1];
    const std::vector<double>& x = value(layer.inputs[0]);
    for (size_t i = 0; i < above.size(); ++i) above[i] *= slope(layer.activation, values_[l + 1][i]);
    if (layer.kind == Kind::affine) {
      for (size_t i = 0; i < above.size(); ++i) gradient[layer.biasOffset + i / layer.positions()] += above[i];
      eachConnection(layer, [&](int to, int64_t weight, int from) {
        gradient[weight] += above[to] * x[from];
        below[from] += above[to] * theta_[weight];
      });
    } else if (layer.kind == Kind::layerNorm) {
      const Normalized normalized(x);
      for (size_t i = 0; i < above.size(); ++i) {
        gradient[layer.weightOffset + i] += above[i] * normalized.x[i];
        gradient[layer.biasOffset + i] += above[i];
        above[i] *= theta_[layer.weightOffset + i];
      }
      const std::vector<double> moved = normalized.derivative(above);
      for (size_t i = 0; i < above.size(); ++i) below[i] += moved[i];
    } else {
      for (int input : layer.inputs) {
        for (size_t i = 0; i < above.size(); ++i) cotangents[input + 1][i] += above[i];
      }
    }
  }
  return cotangents[0];
}

std::vector<double> metricProduct(const Metric& metric, int64_t index, const std::vector<double>& outputs,
                                  const std::vector<double>& tangent) {
  std::vector<double> out = tangent;
  const size_t m = tangent.size();
  switch (metric.kind) {
    case Metric::Kind::gaussian:
      for (size_t i = 0; i < m / 2; ++i) {
        out[i] *= std::exp(-2 * outputs[m / 2 + i]);
        out[m / 2 + i] *= 2;
      }
      break;
    case Metric::Kind::categorical: {
      int at = 0;
      for (int size : metric.sizes) {
        const double highest = *std::max_element(outputs.begin() + at, outputs.begin() + at + size);
        double total = 0, middle = 0;
        for (int k = at; k < at + size; ++k) total += std::exp(outputs[k] - highest);
        for (int k = at; k < at + size; ++k) middle += std::exp(outputs[k] - highest) / total * tangent[k];
        for (int k = at; k < at + size; ++k) out[k] = std::exp(outputs[k] - highest) / total * (tangent[k] - middle);
        at += size;
      }
      break;
    }
    case Metric::Kind::identity:
      break;
    case Metric::Kind::diagonal:
      for (size_t i = 0; i < m; ++i) out[i] *= metric.weights[(metric.eachRow ? index * m : 0) + i];
      break;
    case Metric::Kind::dense:
      for (size_t i = 0; i < m; ++i) {
        out[i] = 0;
        for (size_t j = 0; j < m; ++j) out[i] += metric.weights[(index * m + i) * m + j] * tangent[j];
      }
      break;
  }
  return out;
}

}  // namespace trellis::network
