// The network in double precision, one observation at a time, written for reading. What the fast kernels are tested
// against, and what computes dense Jacobians of small networks.
#pragma once

#include <vector>

#include "network/spec.h"

namespace trellis::network {

class Reference {
 public:
  Reference(const Spec& spec, const float* parameters);

  // Distribution parameters of one observation (already scaled) [m].
  std::vector<double> forward(const std::vector<double>& input);
  // Their tangent along v [P], after forward.
  std::vector<double> tangent(const std::vector<double>& v) const;
  // gradient [P] += J^T cotangent [m], after forward.
  void pullback(const std::vector<double>& cotangent, std::vector<double>& gradient) const;
  // Fisher metric of the distribution applied to a tangent [m], after forward.
  std::vector<double> metric(const std::vector<double>& tangent) const;

 private:
  const Spec& spec_;
  std::vector<double> theta_;
  std::vector<std::vector<double>> activations_;  // input, then the output of every layer
};

// An observation row after the input scaling.
std::vector<double> scaledInput(const Spec& spec, const void* row);

}  // namespace trellis::network
