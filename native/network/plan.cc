#include "network/plan.h"

#include <algorithm>

namespace trellis::network {
namespace {

int64_t weightAt(const Layer& layer, int unit, int channel, int a, int b) {
  return layer.weightOffset +
         ((static_cast<int64_t>(unit) * layer.channels + channel) * layer.kernelHeight + a) * layer.kernelWidth + b;
}

void findSteps(GatherPlan& plan) {
  if (plan.source.empty()) return;
  const int64_t taps = plan.taps(), units = plan.units;
  const int64_t unitStep = units > 1 ? plan.source[taps] - plan.source[0] : 1;
  const int64_t tapStep = taps > 1 ? plan.source[1] - plan.source[0] : 1;
  for (int64_t i = 0; i < units * taps; ++i) {
    if (plan.source[i] != plan.source[0] + i / taps * unitStep + i % taps * tapStep) return;
  }
  plan.unitStep = unitStep;
  plan.tapStep = tapStep;
}

GatherPlan forwardPlan(const Layer& layer) {
  GatherPlan plan;
  plan.units = layer.units;
  plan.unitStride = layer.positions();
  for (int channel = 0; channel < layer.channels; ++channel)
    for (int a = 0; a < layer.kernelHeight; ++a)
      for (int b = 0; b < layer.kernelWidth; ++b)
        plan.tapOffset.push_back((channel * layer.height + a) * layer.width + b);
  for (int row = 0; row < layer.outHeight(); ++row) {
    for (int column = 0; column < layer.outWidth(); ++column) {
      plan.columnIn.push_back(row * layer.strideHeight * layer.width + column * layer.strideWidth);
      plan.columnOut.push_back(row * layer.outWidth() + column);
    }
  }
  for (int64_t i = 0; i < static_cast<int64_t>(layer.units) * layer.taps(); ++i) {
    plan.source.push_back(layer.weightOffset + i);
  }
  findSteps(plan);
  return plan;
}

// Input rows of residue `rowPhase` and columns of residue `columnPhase`: input row y0 * stride + rowPhase is read by
// output row y0 - i through kernel row rowPhase + i * stride, for each i that the kernel has.
GatherPlan backwardPlan(const Layer& layer, const LayerPlan& shape, int rowPhase, int columnPhase) {
  GatherPlan plan;
  plan.units = layer.channels;
  plan.unitStride = layer.height * layer.width;
  for (int row = rowPhase; row < layer.height; row += layer.strideHeight) {
    for (int column = columnPhase; column < layer.width; column += layer.strideWidth) {
      plan.columnIn.push_back(row / layer.strideHeight * shape.paddedWidth + column / layer.strideWidth);
      plan.columnOut.push_back(row * layer.width + column);
    }
  }
  for (int channel = 0; channel < layer.channels; ++channel) {
    for (int unit = 0; unit < layer.units; ++unit) {
      for (int i = 0; rowPhase + i * layer.strideHeight < layer.kernelHeight; ++i) {
        for (int j = 0; columnPhase + j * layer.strideWidth < layer.kernelWidth; ++j) {
          plan.source.push_back(
              weightAt(layer, unit, channel, rowPhase + i * layer.strideHeight, columnPhase + j * layer.strideWidth));
          if (channel > 0) continue;
          plan.tapOffset.push_back((unit * shape.paddedHeight + shape.padTop - i) * shape.paddedWidth + shape.padLeft -
                                   j);
        }
      }
    }
  }
  findSteps(plan);
  return plan;
}

}  // namespace

LayerPlan makePlan(const Layer& layer) {
  LayerPlan plan;
  plan.forward = forwardPlan(layer);
  plan.padTop = layer.padTop();
  plan.padLeft = layer.padLeft();
  plan.paddedHeight = layer.paddedHeight();
  plan.paddedWidth = layer.paddedWidth();
  for (int row = 0; row < std::min(layer.strideHeight, layer.height); ++row) {
    for (int column = 0; column < std::min(layer.strideWidth, layer.width); ++column) {
      plan.backward.push_back(backwardPlan(layer, plan, row, column));
    }
  }
  return plan;
}

}  // namespace trellis::network
