// Sizes of networks that a file may ask for.
#include "network/spec.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace trellis::network {
namespace {

TEST(Spec, LaysOutConvolutionsAndDenseLayers) {
  const std::vector<Layer> layers = makeSpec(3, 8, 9, {{4, 3, 3, 2, 2}, {5}}).layers;
  EXPECT_EQ(layers[0].outputSize(), 4 * 3 * 4);
  EXPECT_EQ(layers[1].taps(), 48);
  EXPECT_EQ(layers[1].weightOffset, 4 * 27 + 4);
}

TEST(Spec, RefusesSizesThatDoNotFitInto32Bits) {
  // Maps, dense inputs, kernels, and the margin around a map alone.
  EXPECT_THROW(makeSpec(1, 256, 256, {{65536, 1, 1, 1, 1}}), std::length_error);
  EXPECT_THROW(makeSpec(1 << 11, 1 << 11, 1 << 11, {{1}}), std::length_error);
  EXPECT_THROW(makeSpec(1 << 20, 1 << 10, 1 << 10, {{1, 2, 2, 1, 1}}), std::length_error);
  EXPECT_THROW(makeSpec(1, 256, 256, {{16384, 256, 256, 1, 1}}), std::length_error);
}

TEST(Spec, RefusesKernelsThatDoNotFitAndEmptyLayers) {
  EXPECT_THROW(makeSpec(1, 4, 4, {{1, 5, 1, 1, 1}}), std::length_error);
  EXPECT_THROW(makeSpec(1, 4, 4, {{1, 2, 2, 0, 1}}), std::length_error);
  EXPECT_THROW(makeSpec(1, 4, 4, {{0}}), std::length_error);
  EXPECT_THROW(makeSpec(0, 4, 4, {{1}}), std::length_error);
}

TEST(Spec, AStrideBeyondTheInputHasOnePosition) {
  const std::vector<Layer> layers = makeSpec(1, 4, 4, {{1, 2, 2, 2147483647, 2147483647}}).layers;
  EXPECT_EQ(layers[0].outputSize(), 1);
  EXPECT_EQ(layers[0].strideHeight, 4);
}

LayerRequest other(Kind kind, int first = kPrevious, int second = kPrevious) {
  LayerRequest request{0};
  request.kind = kind;
  request.inputs = {first, second};
  return request;
}

TEST(Spec, LaysOutNormalisationSumsAndHeads) {
  LayerRequest branch{2};
  branch.inputs = {0, 0};
  const Spec spec = makeSpec(3, 1, 1, {{4}, other(Kind::layerNorm), other(Kind::add, 0, 1), {5}, branch}, {3, 4}, 6);
  EXPECT_EQ(spec.layers[1].weightOffset, 16);
  EXPECT_EQ(spec.layers[1].biasOffset, 20);
  EXPECT_EQ(spec.layers[2].biasCount(), 0);
  EXPECT_EQ(spec.layers[3].weightOffset, 24);
  EXPECT_EQ(spec.layers[4].inputs[0], 0);
  EXPECT_EQ(spec.emitted(), 7);
  EXPECT_EQ(spec.outputSize(), 13);
  EXPECT_EQ(spec.stateIndependentOffset(), 24 + 25 + 10);
  EXPECT_EQ(spec.parameterCount(), 59 + 6);
}

TEST(Spec, RefusesWhatDoesNotFitTogether) {
  EXPECT_THROW(makeSpec(3, 1, 1, {}), std::invalid_argument);
  EXPECT_THROW(makeSpec(3, 1, 1, {{4}, {5}, other(Kind::add, 0, 1)}), std::invalid_argument);
  EXPECT_THROW(makeSpec(3, 1, 1, {{4}, {5}}, {0}), std::invalid_argument);
  EXPECT_THROW(makeSpec(3, 1, 1, {other(Kind::layerNorm, 1), {3}}), std::out_of_range);
  EXPECT_THROW(makeSpec(3, 1, 1, {{4}}, {1}), std::out_of_range);
}

}  // namespace
}  // namespace trellis::network
