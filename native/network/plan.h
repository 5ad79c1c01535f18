// Where the kernels find what they multiply, for one layer.
#pragma once

#include "network/kernels.h"

namespace trellis::network {

struct LayerPlan {
  // outputs = weights x inputs; also places weight gradients
  GatherPlan forward;
  // input cotangents = transposed weights x output cotangents: one plan for each residue of the input's row and column
  // modulo the stride, since those share their taps
  std::vector<GatherPlan> backward;
  // What `backward` reads: output maps with a border of zeros, [units, paddedHeight, paddedWidth].
  int paddedHeight, paddedWidth, padTop, padLeft;

  bool padded(const Layer& layer) const { return paddedHeight != layer.outHeight() || paddedWidth != layer.outWidth(); }
};

LayerPlan makePlan(const Layer& layer);

}  // namespace trellis::network
