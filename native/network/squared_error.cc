#include "network/squared_error.h"

#include <algorithm>
#include <cmath>

namespace trellis::network {
namespace {

// The slope of half the mean squared error in a value. Beyond the range nothing is gained by moving further.
float slope(double value, double target, double count, const float* old, double range) {
  const double plain = target - value;
  if (old != nullptr) {
    const double held = target - std::max(*old - range, std::min(*old + range, value));
    if (held * held > plain * plain) return -0.0f;
  }
  return -static_cast<float>(plain / count);
}

}  // namespace

void stepSquaredError(Network& network, const Observations& data, const SquaredErrorSteps& steps) {
  const int64_t parameters = network.spec().parameterCount();
  std::vector<float> values, slopes, gradient(parameters);
  Observations part{data.data, 0, data.rowStride};
  for (int64_t step = 0; step < steps.minibatches; ++step) {
    const int32_t from = step == 0 ? 0 : steps.ends[step - 1];
    part.count = steps.ends[step] - from;
    part.number = nextSetNumber();
    values.resize(part.count);
    slopes.resize(part.count);
    const int32_t* chosen = steps.order + from;
    part.rows.assign(chosen, chosen + part.count);
    if (!data.rows.empty()) {
      for (int32_t& row : part.rows) row = data.rows[row];
    }
    network.evaluate(part, values.data());
    for (int64_t i = 0; i < part.count; ++i) {
      const float* old = steps.old == nullptr ? nullptr : steps.old + chosen[i];
      slopes[i] = slope(values[i], steps.targets[chosen[i]], static_cast<double>(part.count), old, steps.range);
    }
    network.vjp(part, slopes.data(), gradient.data());
    const double length = norm(gradient.data(), parameters);
    if (length > steps.longest && std::isfinite(length)) scale(gradient.data(), parameters, steps.longest / length);
    const AdamStep adam{steps.rates[step],       steps.beta1, steps.beta2, steps.epsilon,
                        steps.corrections[step], steps.keep};
    network.kernels().adam(steps.theta, steps.mean, steps.square, gradient.data(), parameters, adam);
    network.setTheta(steps.theta);
  }
}

}  // namespace trellis::network
