// Activations and their slopes against double precision, through the kernel tables of every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "network/kernels.h"

namespace trellis::network {
namespace {

using parallel::InstructionSet;

std::vector<float> grid() {
  std::vector<float> x;
  for (int i = -20000; i < 20000; ++i) x.push_back(static_cast<float>(i) * 0.001f);
  for (float tiny = 1; tiny > 1e-30f; tiny *= 0.5f) x.insert(x.end(), {tiny, -tiny});
  for (float large : {30.0f, 80.0f, 90.0f, 1e4f, 1e30f}) x.insert(x.end(), {large, -large});
  while (x.size() % kTile != 0) x.push_back(0);
  return x;
}

double exact(Activation activation, double x) {
  switch (activation) {
    case Activation::tanh: return std::tanh(x);
    case Activation::softplus: return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x)));
    case Activation::relu: return std::fmax(x, 0);
    default: return x;
  }
}

double exactSlope(Activation activation, double y) {
  switch (activation) {
    case Activation::tanh: return 1 - y * y;
    case Activation::softplus: return -std::expm1(-y);
    case Activation::relu: return y > 0 ? 1 : 0;
    default: return 1;
  }
}

TEST(Functions, AFewUnitsInTheLastPlaceOnEveryInstructionSet) {
  const std::vector<float> x = grid();
  const auto count = static_cast<int64_t>(x.size());
  for (auto activation : {Activation::linear, Activation::tanh, Activation::softplus, Activation::relu}) {
    std::vector<float> firstValues, firstSlopes;
    for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
      if (!parallel::available(set)) continue;
      std::vector<float> y = x, slope(x.size(), 1.0f);
      kernels(set).activate(activation, y.data(), count);
      kernels(set).multiplyBySlope(activation, y.data(), slope.data(), count);
      for (size_t i = 0; i < x.size(); ++i) {
        const double value = exact(activation, x[i]);
        // 1.2e-7 is one unit in the last place; exp(-86) is the least that softplus tells from 0.
        ASSERT_NEAR(y[i], value, 4 * 1.2e-7 * std::fabs(value) + 1e-37) << parallel::name(set) << " at " << x[i];
        const double derivative = exactSlope(activation, y[i]);
        ASSERT_NEAR(slope[i], derivative, 4 * 1.2e-7 * std::fabs(derivative) + 1e-37) << parallel::name(set);
      }
      if (firstValues.empty()) firstValues = y, firstSlopes = slope;
      EXPECT_EQ(y, firstValues) << parallel::name(set);
      EXPECT_EQ(slope, firstSlopes) << parallel::name(set);
    }
  }
}

}  // namespace
}  // namespace trellis::network
