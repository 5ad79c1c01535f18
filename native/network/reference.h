// The network in double precision, one observation at a time, written for reading. What the fast kernels are tested
// against, and what computes dense Jacobians of small networks.
#pragma once

#include <vector>

#include "network/metric.h"
#include "network/spec.h"

namespace trellis::network {

class Reference {
 public:
  Reference(const Spec& spec, const float* parameters);

  // Outputs for one observation (already scaled) [m].
  std::vector<double> forward(const std::vector<double>& input);
  // Their tangent along v [P], after forward.
  std::vector<double> tangent(const std::vector<double>& v) const;
  // gradient [P] += J^T cotangent [m], after forward. Returns the gradient in the scaled input.
  std::vector<double> pullback(const std::vector<double>& cotangent, std::vector<double>& gradient) const;

 private:
  const std::vector<double>& value(int number) const { return values_[number + 1]; }

  const Spec& spec_;
  std::vector<double> theta_;
  std::vector<std::vector<double>> values_;  // input, then the output of every layer
};

// An observation row after the input scaling.
std::vector<double> scaledInput(const Spec& spec, const void* row);
// What a gradient in the scaled input [inputs] is in the observation itself.
std::vector<double> unscaledGradient(const Spec& spec, const std::vector<double>& input, std::vector<double> gradient);
// M t for observation number `index` of a set, given its outputs [m].
std::vector<double> metricProduct(const Metric& metric, int64_t index, const std::vector<double>& outputs,
                                  const std::vector<double>& tangent);

}  // namespace trellis::network
