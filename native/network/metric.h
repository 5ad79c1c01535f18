// M of J^T M J: a symmetric matrix for every observation, in the network's outputs [m].
#pragma once

#include <cstdint>
#include <vector>

#include "network/spec.h"

namespace trellis::network {

// gaussian: outputs are d means, then d log standard deviations l; M = diag(exp(-2 l), 2).
// categorical: outputs are the logits of factors, one after the other; M = diag(p) - p p^T for each.
// identity. diagonal: weights [m], or [count, m] if eachRow. dense: weights [count, m, m].
struct Metric {
  enum class Kind : int32_t { gaussian = 0, categorical = 1, identity = 2, diagonal = 3, dense = 4 };
  Kind kind = Kind::identity;
  std::vector<int32_t> sizes{};  // categorical: choices per factor, in sum m
  const float* weights = nullptr;
  bool eachRow = false;
};

// The usual Gaussian policy: the layers emit the means, and the log standard deviations are numbers of θ. Their part of
// a product is 2 v, whatever the observation.
inline bool meansAlone(const Spec& spec, const Metric& metric) {
  return metric.kind == Metric::Kind::gaussian && spec.stateIndependent == spec.emitted();
}

}  // namespace trellis::network
