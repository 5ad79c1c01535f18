#include "network/adam.h"

#include <cfloat>
#include <cmath>

#if defined(_MSC_VER)
#define TRELLIS_RESTRICT __restrict
#else
#define TRELLIS_RESTRICT __restrict__
#endif

namespace trellis::network {
namespace {

float single(double factor) { return static_cast<float>(factor); }
float normalOrZero(float x) { return std::fabs(x) < FLT_MIN ? 0.0f : x; }

}  // namespace

void adamStep(float* TRELLIS_RESTRICT theta, float* TRELLIS_RESTRICT mean, float* TRELLIS_RESTRICT square,
              const float* TRELLIS_RESTRICT gradient, int64_t count, const AdamStep& step) {
  const float beta1 = single(step.beta1), new1 = single(1 - step.beta1);
  const float beta2 = single(step.beta2), new2 = single(1 - step.beta2);
  const float rate = single(step.rate), epsilon = single(step.epsilon);
  const float correction = single(step.correction), keep = single(step.keep);
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float first = normalOrZero(beta1 * mean[i] + new1 * g);
    const float second = normalOrZero(beta2 * square[i] + new2 * (g * g));
    mean[i] = first;
    square[i] = second;
    theta[i] = keep * theta[i] - rate * first / (std::sqrt(correction * second) + epsilon);
  }
}

double norm(const float* values, int64_t count) {
  // Partial sums, so that additions need not wait for one another.
  constexpr int kParts = 8;
  double sums[kParts] = {};
  int64_t i = 0;
  for (; i + kParts <= count; i += kParts) {
    for (int j = 0; j < kParts; ++j) sums[j] += static_cast<double>(values[i + j]) * values[i + j];
  }
  for (int j = 0; i < count; ++i, ++j) sums[j] += static_cast<double>(values[i]) * values[i];
  for (int half = kParts / 2; half > 0; half /= 2) {
    for (int j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return std::sqrt(sums[0]);
}

void scale(float* values, int64_t count, double factor) {
  const float single = static_cast<float>(factor);
  for (int64_t i = 0; i < count; ++i) values[i] *= single;
}

}  // namespace trellis::network
