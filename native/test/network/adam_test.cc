#include "network/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "network/kernels.h"

namespace trellis::network {
namespace {

using parallel::InstructionSet;

TEST(Adam, EveryElementIsTheFormulaInSinglePrecision) {
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
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (!parallel::available(set)) continue;
    SCOPED_TRACE(parallel::name(set));
    theta = before, mean = meanBefore, square = squareBefore;
    kernels(set).adam(theta.data(), mean.data(), square.data(), gradient.data(), count, step);
    for (int i = 0; i < count; ++i) {
      const float g = gradient[i];
      const float m = 0.9f * meanBefore[i] + static_cast<float>(1 - 0.9) * g;
      const float v = 0.999f * squareBefore[i] + static_cast<float>(1 - 0.999) * (g * g);
      EXPECT_EQ(mean[i], m);
      EXPECT_EQ(square[i], v);
      EXPECT_EQ(theta[i], 0.999f * before[i] - 0.01f * m / (std::sqrt(1.5f * v) + 1e-8f));
    }
  }
}

TEST(Adam, MomentsOfDeadUnitsEndAtZero) {
  const AdamStep step{0.01, 0.9, 0.5, 1e-8, 1, 1};
  float theta = 1, mean = 1e-3f, square = 1e-6f;
  const float none = 0;
  const auto adam = kernels(parallel::bestInstructionSet()).adam;
  for (int i = 0; i < 900; ++i) adam(&theta, &mean, &square, &none, 1, step);
  EXPECT_EQ(mean, 0);
  EXPECT_EQ(square, 0);
}

TEST(Adam, NormsOfAnyLength) {
  for (int count : {0, 1, 7, 8, 9, 1000}) {
    std::vector<float> values;
    double sum = 0;
    for (int i = 0; i < count; ++i) {
      values.push_back(std::sin(static_cast<float>(i)));
      sum += static_cast<double>(values[i]) * values[i];
    }
    EXPECT_NEAR(norm(values.data(), count), std::sqrt(sum), 1e-12 * sum);
    scale(values.data(), count, 0.25);
    for (int i = 0; i < count; ++i) EXPECT_EQ(values[i], 0.25f * std::sin(static_cast<float>(i)));
  }
}

}  // namespace
}  // namespace trellis::network
