// Minibatch steps on the squared error of a network's only output: what a value function is fitted with.
#pragma once

#include <vector>

#include "network/network.h"

namespace trellis::network {

// What the steps move, all [P]; numbers in double precision, as they come from JavaScript.
struct SquaredErrorSteps {
  float *theta, *mean, *square;
  const double* targets;  // [observations]
  const float* old;       // [observations] values that may move by `range` at most, or null
  double range;
  const int32_t* order;  // observations, minibatch after minibatch
  const int32_t* ends;   // [minibatches] where each ends in `order`
  int64_t minibatches;
  const double *rates, *corrections;  // [minibatches] of Adam
  double beta1, beta2, epsilon, keep;
  double longest;  // gradient, or infinity
};

// Leaves the new θ in the network, too.
void stepSquaredError(Network& network, const Observations& data, const SquaredErrorSteps& steps);

}  // namespace trellis::network
