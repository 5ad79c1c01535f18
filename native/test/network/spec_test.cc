// Sizes of networks that a file may ask for.
#include "network/spec.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace trellis::network {
namespace {

TEST(Spec, LaysOutConvolutionsAndDenseLayers) {
  const std::vector<Layer> layers = makeLayers(3, 8, 9, {{4, 3, 3, 2, 2}, {5}});
  EXPECT_EQ(layers[0].outputSize(), 4 * 3 * 4);
  EXPECT_EQ(layers[1].taps(), 48);
  EXPECT_EQ(layers[1].weightOffset, 4 * 27 + 4);
}

TEST(Spec, RefusesSizesThatDoNotFitInto32Bits) {
  // Maps, dense inputs, kernels, and the margin around a map alone.
  EXPECT_THROW(makeLayers(1, 256, 256, {{65536, 1, 1, 1, 1}}), std::length_error);
  EXPECT_THROW(makeLayers(1 << 11, 1 << 11, 1 << 11, {{1}}), std::length_error);
  EXPECT_THROW(makeLayers(1 << 20, 1 << 10, 1 << 10, {{1, 2, 2, 1, 1}}), std::length_error);
  EXPECT_THROW(makeLayers(1, 256, 256, {{16384, 256, 256, 1, 1}}), std::length_error);
}

TEST(Spec, RefusesKernelsThatDoNotFitAndEmptyLayers) {
  EXPECT_THROW(makeLayers(1, 4, 4, {{1, 5, 1, 1, 1}}), std::length_error);
  EXPECT_THROW(makeLayers(1, 4, 4, {{1, 2, 2, 0, 1}}), std::length_error);
  EXPECT_THROW(makeLayers(1, 4, 4, {{0}}), std::length_error);
  EXPECT_THROW(makeLayers(0, 4, 4, {{1}}), std::length_error);
}

TEST(Spec, AStrideBeyondTheInputHasOnePosition) {
  const std::vector<Layer> layers = makeLayers(1, 4, 4, {{1, 2, 2, 2147483647, 2147483647}});
  EXPECT_EQ(layers[0].outputSize(), 1);
  EXPECT_EQ(layers[0].strideHeight, 4);
}

}  // namespace
}  // namespace trellis::network
