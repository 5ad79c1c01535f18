// Adam (Kingma and Ba 2015) on a flat parameter vector: arithmetic in double precision, each result rounded once.
#pragma once

#include <cstdint>

namespace trellis::network {

struct AdamStep {
  double rate;  // learning rate over the bias of the mean
  double beta1, beta2, epsilon;
  double correction;  // one over the bias of the square
  double keep;        // 1, less what decays of a parameter
};

// Moves theta [count] down the gradient [count]; mean and square [count] are the moments, which move too.
void adamStep(float* theta, float* mean, float* square, const float* gradient, int64_t count, const AdamStep& step);

}  // namespace trellis::network
