// Adam's step, element by element. Include after one of the lanes_*.h.
#pragma once

#include "network/adam.h"
#include "network/kernels.h"

namespace trellis::network {
namespace {

// Moments too small for a normal number would slow down every step.
inline Lanes normalOrZero(Lanes x) {
  return selectLess(magnitude(x), Lanes::broadcast(1.17549435e-38f), Lanes::broadcast(0.0f), x);
}

void adam(float* theta, float* mean, float* square, const float* gradient, int64_t count, const AdamStep& step) {
  const auto all = [](double factor) { return Lanes::broadcast(static_cast<float>(factor)); };
  const Lanes beta1 = all(step.beta1), new1 = all(1 - step.beta1), beta2 = all(step.beta2), new2 = all(1 - step.beta2);
  const Lanes rate = all(step.rate), epsilon = all(step.epsilon), correction = all(step.correction);
  const Lanes keep = all(step.keep);
  const auto move = [&](float* x, float* m, float* v, const float* gradients) {
    const Lanes g = Lanes::load(gradients);
    const Lanes first = normalOrZero(beta1 * Lanes::load(m) + new1 * g);
    const Lanes second = normalOrZero(beta2 * Lanes::load(v) + new2 * (g * g));
    first.store(m);
    second.store(v);
    (keep * Lanes::load(x) - rate * first / (squareRoot(correction * second) + epsilon)).store(x);
  };
  int64_t i = 0;
  for (; i + Lanes::width <= count; i += Lanes::width) move(theta + i, mean + i, square + i, gradient + i);
  if (i == count) return;
  float rest[4][Lanes::width] = {};
  const float* from[4] = {theta + i, mean + i, square + i, gradient + i};
  for (int array = 0; array < 4; ++array) {
    for (int64_t j = 0; j < count - i; ++j) rest[array][j] = from[array][j];
  }
  move(rest[0], rest[1], rest[2], rest[3]);
  for (int64_t j = 0; j < count - i; ++j) {
    theta[i + j] = rest[0][j];
    mean[i + j] = rest[1][j];
    square[i + j] = rest[2][j];
  }
}

}  // namespace
}  // namespace trellis::network
