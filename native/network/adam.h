// Adam (Kingma and Ba 2015) on a flat parameter vector, and the length of a gradient: in single precision, operation by
// operation, the same on every machine.
#pragma once

#include <cstdint>

namespace trellis::network {

struct AdamStep {
  double rate;  // learning rate over the bias of the mean
  double beta1, beta2, epsilon;
  double correction;  // one over the bias of the square
  double keep;        // 1, less what decays of a parameter
};

// Euclidean norm, summed in double precision.
double norm(const float* values, int64_t count);
void scale(float* values, int64_t count, double factor);

}  // namespace trellis::network
