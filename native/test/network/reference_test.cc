// The reference against finite differences, and the layout against the published parameter counts.
#include "network/reference.h"

#include <gtest/gtest.h>

#include "trial.h"

namespace trellis::network {
namespace {

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(Spec, PublishedParameterCounts) {
  EXPECT_EQ(hopper(1).spec.parameterCount(), 4806);
  EXPECT_EQ(atari(1).spec.parameterCount(), 33500);
  const Spec swimmer = makeSpec(9, 1, 1, {{30}, {2}}, {}, 2), cartpole = makeSpec(4, 1, 1, {{1}}, {}, 1);
  EXPECT_EQ(swimmer.parameterCount(), 364);
  EXPECT_EQ(cartpole.parameterCount(), 6);
}

TEST(Reference, TangentsAreDifferencesAndPullbacksTheirTransposes) {
  for (unsigned seed = 0; seed < 80; ++seed) {
    const Trial trial = randomTrial(seed);
    bool kinks = false;
    for (const Layer& layer : trial.spec.layers) kinks |= layer.activation == Activation::relu;
    const std::vector<double> input = scaledInput(trial.spec, trial.row(0));
    const std::vector<float> direction = normals(trial.spec.parameterCount(), seed + 50);
    const std::vector<double> v(direction.begin(), direction.end());
    const float step = 1e-3f;
    std::vector<float> up = trial.theta, down = trial.theta;
    for (size_t i = 0; i < v.size(); ++i) up[i] += step * direction[i], down[i] -= step * direction[i];
    Reference reference(trial.spec, trial.theta.data());
    reference.forward(input);
    const std::vector<double> tangent = reference.tangent(v);
    if (!kinks) {
      const std::vector<double> high = Reference(trial.spec, up.data()).forward(input);
      const std::vector<double> low = Reference(trial.spec, down.data()).forward(input);
      for (size_t k = 0; k < tangent.size(); ++k) {
        EXPECT_NEAR((high[k] - low[k]) / (2 * step), tangent[k], 2e-3 * (1 + std::sqrt(dot(tangent, tangent)))) << seed;
      }
    }
    const std::vector<float> c = normals(static_cast<int64_t>(tangent.size()), seed + 60);
    const std::vector<double> cotangent(c.begin(), c.end());
    std::vector<double> gradient(v.size());
    const std::vector<double> below = reference.pullback(cotangent, gradient);
    const double expected = dot(cotangent, tangent);
    EXPECT_NEAR(dot(gradient, v), expected, 1e-9 * (1 + std::fabs(expected))) << seed;
    if (kinks) continue;
    const std::vector<float> move = normals(static_cast<int64_t>(input.size()), seed + 70);
    const std::vector<double> moved(move.begin(), move.end());
    const double tiny = 1e-5;
    std::vector<double> ahead = input, behind = input;
    for (size_t i = 0; i < input.size(); ++i) ahead[i] += tiny * move[i], behind[i] -= tiny * move[i];
    const double difference =
        (dot(cotangent, reference.forward(ahead)) - dot(cotangent, reference.forward(behind))) / (2 * tiny);
    EXPECT_NEAR(dot(below, moved), difference, 1e-5 * (1 + std::sqrt(dot(below, below) * dot(moved, moved)))) << seed;
  }
}

}  // namespace
}  // namespace trellis::network
