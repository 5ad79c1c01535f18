#include "network/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace trellis::network {
namespace {

TEST(Adam, EveryElementIsTheFormulaRoundedOnce) {
  const AdamStep step{0.01, 0.9, 0.999, 1e-8, 1.5, 0.999};
  const int count = 37;  // no whole number of vectors
  std::vector<float> theta, mean, square, gradient;
  for (int i = 0; i < count; ++i) {
    theta.push_back(std::sin(static_cast<float>(i)));
    mean.push_back(0.1f * std::cos(static_cast<float>(i)));
    square.push_back(0.01f * static_cast<float>(i));
    gradient.push_back(std::sin(3.0f * static_cast<float>(i)));
  }
  const std::vector<float> before = theta, meanBefore = mean, squareBefore = square;
  adamStep(theta.data(), mean.data(), square.data(), gradient.data(), count, step);
  for (int i = 0; i < count; ++i) {
    const double g = gradient[i];
    const float m = static_cast<float>(0.9 * meanBefore[i] + (1 - 0.9) * g);
    const float v = static_cast<float>(0.999 * squareBefore[i] + (1 - 0.999) * g * g);
    EXPECT_EQ(mean[i], m);
    EXPECT_EQ(square[i], v);
    EXPECT_EQ(theta[i], static_cast<float>(0.999 * before[i] - (0.01 * m) / (std::sqrt(1.5 * v) + 1e-8)));
  }
}

}  // namespace
}  // namespace trellis::network
