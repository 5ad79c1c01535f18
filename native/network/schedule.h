// Which of a few buffers holds the tangent or cotangent of each value while a block passes through the layers: two for a
// chain, more where values are used again later.
#pragma once

#include "network/spec.h"

namespace trellis::network {

struct Schedule {
  explicit Schedule(const Spec& spec);

  int buffers = 0;
  std::vector<int> tangent;    // [layers] buffer of each
  std::vector<int> cotangent;  // [1 + layers] likewise, the observation's first
  // [layers] whether a layer's pullback adds to its inputs' cotangents (or is the first to write them). Layers are pulled
  // back from the last to the first, so sums over several readers are in a fixed order.
  std::vector<std::array<bool, 2>> adds;
};

}  // namespace trellis::network
