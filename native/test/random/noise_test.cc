#include "random/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "random/threefry.h"

namespace trellis::random {
namespace {

using parallel::InstructionSet;

std::vector<InstructionSet> sets() {
  std::vector<InstructionSet> found;
  for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
    if (parallel::available(set)) found.push_back(set);
  }
  return found;
}

struct Rows {
  std::vector<uint32_t> keys;
  std::vector<int32_t> times;
  explicit Rows(int rows) {
    for (int i = 0; i < rows; ++i) {
      const Words words = threefry(1, 2, static_cast<uint32_t>(i), 0);
      keys.push_back(words.x0);
      keys.push_back(words.x1);
      times.push_back(i % 11);
    }
  }
};

// Published with the Random123 library.
TEST(Threefry, KnownAnswers) {
  const auto check = [](Words words, uint32_t x0, uint32_t x1) {
    EXPECT_EQ(words.x0, x0);
    EXPECT_EQ(words.x1, x1);
  };
  check(threefry(0, 0, 0, 0), 0x6b200159u, 0x99ba4efeu);
  check(threefry(~0u, ~0u, ~0u, ~0u), 0x1cb996fcu, 0xbb002be7u);
  check(threefry(0x13198a2eu, 0x03707344u, 0x243f6a88u, 0x85a308d3u), 0xc4923a9cu, 0x483df7a0u);
}

TEST(Noise, UniformsAreTheWordsOfTheirCounters) {
  for (int rows : {1, 2, 63, 65, 200}) {
    const Rows input(rows);
    std::vector<double> out(static_cast<size_t>(rows) * 3);
    for (auto set : sets()) {
      noiseKernels(set).uniform(input.keys.data(), input.times.data(), rows, 3, out.data());
      for (int i = 0; i < rows * 3; ++i) {
        const int row = i / 3;
        ASSERT_EQ(out[i], uniform(input.keys[2 * row], input.keys[2 * row + 1], input.times[row], i % 3));
      }
    }
  }
}

TEST(Noise, NormalsInvertTheDistributionFunction) {
  const Rows input(5000);
  std::vector<double> u(20000), z(20000);
  for (auto set : sets()) {
    noiseKernels(set).uniform(input.keys.data(), input.times.data(), 5000, 4, u.data());
    noiseKernels(set).normal(input.keys.data(), input.times.data(), 5000, 4, z.data());
    for (size_t i = 0; i < z.size(); ++i) {
      const double below = 0.5 * std::erfc(-z[i] / std::sqrt(2.0));
      ASSERT_NEAR(below, u[i], 1e-14 + 1e-13 * u[i]);
    }
  }
}

TEST(Noise, SameBitsOnEveryInstructionSet) {
  const Rows input(777);
  const auto& expected = noiseKernels(InstructionSet::scalar);
  std::vector<float> parameters;
  for (int i = 0; i < 777 * 8; ++i) parameters.push_back(std::sin(i * 0.7f) * 3);
  const int32_t sizes[3] = {3, 3, 2};
  for (auto set : sets()) {
    const auto& tested = noiseKernels(set);
    std::vector<double> a(777 * 5), b(777 * 5);
    expected.normal(input.keys.data(), input.times.data(), 777, 5, a.data());
    tested.normal(input.keys.data(), input.times.data(), 777, 5, b.data());
    EXPECT_EQ(a, b);
    std::vector<float> x(777 * 4), y(777 * 4), q(777), r(777);
    expected.gaussian(parameters.data(), input.keys.data(), input.times.data(), 777, 4, x.data(), q.data());
    tested.gaussian(parameters.data(), input.keys.data(), input.times.data(), 777, 4, y.data(), r.data());
    EXPECT_EQ(x, y);
    EXPECT_EQ(q, r);
    std::vector<int32_t> k(777 * 3), l(777 * 3);
    expected.categorical(parameters.data(), input.keys.data(), input.times.data(), 777, sizes, 3, k.data(), q.data());
    tested.categorical(parameters.data(), input.keys.data(), input.times.data(), 777, sizes, 3, l.data(), r.data());
    EXPECT_EQ(k, l);
    EXPECT_EQ(q, r);
  }
}

TEST(Noise, GaussianActionsAreMeanPlusDeviationTimesNoise) {
  const int rows = 100, d = 3;
  const Rows input(rows);
  std::vector<float> parameters, actions(rows * d), logQ(rows);
  for (int i = 0; i < rows * 2 * d; ++i) parameters.push_back(std::cos(i * 1.3f));
  std::vector<double> z(rows * d);
  sampleGaussian(parameters.data(), input.keys.data(), input.times.data(), rows, d, actions.data(), logQ.data());
  normalNoise(input.keys.data(), input.times.data(), rows, d, z.data());
  for (int i = 0; i < rows; ++i) {
    double expected = 0;
    for (int j = 0; j < d; ++j) {
      const double mean = parameters[i * 2 * d + j], logStd = parameters[i * 2 * d + d + j];
      EXPECT_NEAR(actions[i * d + j], mean + std::exp(logStd) * z[i * d + j], 1e-6);
      expected -= 0.5 * z[i * d + j] * z[i * d + j] + logStd + 0.5 * std::log(2 * M_PI);
    }
    EXPECT_NEAR(logQ[i], expected, 1e-5);
  }
}

TEST(Noise, ChoicesHaveTheirProbabilities) {
  const int rows = 40000;
  const Rows input(rows);
  const float logits[5] = {0.3f, -1.2f, 2.0f, -4.0f, 5.0f};
  std::vector<float> parameters, logQ(rows);
  for (int i = 0; i < rows; ++i) parameters.insert(parameters.end(), logits, logits + 5);
  const int32_t sizes[2] = {3, 2};
  std::vector<int32_t> choices(rows * 2);
  sampleCategorical(parameters.data(), input.keys.data(), input.times.data(), rows, sizes, 2, choices.data(),
                    logQ.data());
  const auto probability = [&](int first, int size, int k) {
    double total = 0;
    for (int j = 0; j < size; ++j) total += std::exp(double{logits[first + j]});
    return std::exp(double{logits[first + k]}) / total;
  };
  double counts[5] = {};
  for (int i = 0; i < rows; ++i) {
    ++counts[choices[2 * i]];
    ++counts[3 + choices[2 * i + 1]];
    EXPECT_NEAR(logQ[i], std::log(probability(0, 3, choices[2 * i]) * probability(3, 2, choices[2 * i + 1])), 1e-5);
  }
  for (int k = 0; k < 5; ++k) {
    const double p = k < 3 ? probability(0, 3, k) : probability(3, 2, k - 3);
    EXPECT_NEAR(counts[k] / rows, p, 5 * std::sqrt(p * (1 - p) / rows)) << "choice " << k;
  }
}

}  // namespace
}  // namespace trellis::random
