// Activations and their slopes against double precision, through the kernel tables of every instruction set.
#include <gtest/gtest.h>

#include <bit>
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
    case Activation::tanh:
      return std::tanh(x);
    case Activation::softplus:
      return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x)));
    case Activation::relu:
      return std::fmax(x, 0);
    default:
      return x;
  }
}

double exactSlope(Activation activation, double y) {
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

// Any NaN, quiet or signalling, whatever its payload; its neighbours keep their bits.
TEST(Functions, ANanStaysOneOnEveryInstructionSet) {
  std::vector<float> clean = grid();
  const std::vector<uint32_t> nans = {0x7fc00000u, 0xffc00000u, 0x7fc00001u, 0x7fc001ffu, 0x7fffffffu, 0xff800101u};
  for (auto activation : {Activation::linear, Activation::tanh, Activation::softplus, Activation::relu}) {
    for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
      if (!parallel::available(set)) continue;
      std::vector<float> expected = clean, y = clean;
      for (size_t i = 0; i < nans.size(); ++i) y[7 * i] = std::bit_cast<float>(nans[i]);
      kernels(set).activate(activation, expected.data(), static_cast<int64_t>(clean.size()));
      kernels(set).activate(activation, y.data(), static_cast<int64_t>(y.size()));
      for (size_t i = 0; i < nans.size(); ++i) {
        EXPECT_TRUE(std::isnan(y[7 * i])) << parallel::name(set) << ", NaN " << i;
        y[7 * i] = expected[7 * i];
      }
      EXPECT_EQ(y, expected) << parallel::name(set);
    }
  }
}

TEST(Functions, AnInputThatIsNanIsNotClipped) {
  const float offset = 1, factor = 2;
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (!parallel::available(set)) continue;
    std::vector<float> rows(kTile, 100.0f), out(kTile);
    rows[3] = NAN;
    rows[4] = -INFINITY;
    kernels(set).loadFloats(rows.data(), 1, kTile, 1, {&offset, &factor, 10}, out.data(), kTile, kTile);
    for (int i = 0; i < kTile; ++i) {
      if (i == 3) EXPECT_TRUE(std::isnan(out[i])) << parallel::name(set);
      else EXPECT_EQ(out[i], i == 4 ? -10 : 10) << parallel::name(set);
    }
  }
}

TEST(Functions, TheMetricOfALogitThatIsNoNumberIsNone) {
  const int32_t sizes[] = {2, 3};
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (!parallel::available(set)) continue;
    for (int feature = 0; feature < 5; ++feature) {
      std::vector<float> logits(5 * kTile, 0.5f), tangent(5 * kTile, 1.0f);
      logits[feature * kTile + 2] = std::bit_cast<float>(0x7fc00001u);
      for (int i = 0; i < kTile; ++i) tangent[i] = tangent[2 * kTile + i] = 2;
      kernels(set).softmaxMetric(logits.data(), tangent.data(), sizes, 2, kTile, kTile);
      for (int k = 0; k < 5; ++k) {
        const bool sameFactor = (k < 2) == (feature < 2);
        EXPECT_EQ(std::isnan(tangent[k * kTile + 2]), sameFactor) << parallel::name(set);
        EXPECT_FALSE(std::isnan(tangent[k * kTile + 1])) << parallel::name(set);
      }
    }
  }
}

// As a signed zero would be: a change of sign of zeros is a change of bits.
TEST(Functions, ReluOfMinusZeroIsZero) {
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (!parallel::available(set)) continue;
    std::vector<float> y(kTile, -0.0f);
    kernels(set).activate(Activation::relu, y.data(), kTile);
    for (float x : y) EXPECT_FALSE(std::signbit(x)) << parallel::name(set);
  }
}

}  // namespace
}  // namespace trellis::network
