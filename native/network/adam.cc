#include "network/adam.h"

#include <cmath>

namespace trellis::network {

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
