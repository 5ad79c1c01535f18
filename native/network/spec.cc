#include "network/spec.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <stdexcept>

namespace trellis::network {
namespace {

// Kernels count features and taps in 32 bits.
int checkedProduct(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (int64_t factor : factors) {
    if (factor < 1) throw std::length_error("a layer without size");
    if (product > std::numeric_limits<int32_t>::max() / factor) throw std::length_error("a layer of 2^31 features or more");
    product *= factor;
  }
  return static_cast<int>(product);
}

void checkSizes(const Layer& layer) {
  checkedProduct({layer.channels, layer.height, layer.width});
  if (layer.kernelHeight < 1 || layer.kernelWidth < 1 || layer.strideHeight < 1 || layer.strideWidth < 1 ||
      layer.kernelHeight > layer.height || layer.kernelWidth > layer.width) {
    throw std::length_error("a kernel that does not fit its input");
  }
  checkedProduct({layer.channels, layer.kernelHeight, layer.kernelWidth});
  checkedProduct({layer.units, layer.outHeight(), layer.outWidth()});
  checkedProduct({layer.units, layer.paddedHeight(), layer.paddedWidth()});
}

}  // namespace

std::vector<Layer> makeLayers(int channels, int height, int width, const std::vector<LayerRequest>& requests) {
  std::vector<Layer> layers;
  int64_t offset = 0;
  for (const LayerRequest& request : requests) {
    Layer layer{channels, height, width, request.units};
    if (request.kernelHeight == 0) {
      layer.channels = checkedProduct({channels, height, width});
      layer.height = layer.width = 1;
    } else {
      layer.kernelHeight = request.kernelHeight;
      layer.kernelWidth = request.kernelWidth;
      // A larger stride than the input has no other positions than one as large.
      layer.strideHeight = std::min(request.strideHeight, height);
      layer.strideWidth = std::min(request.strideWidth, width);
    }
    checkSizes(layer);
    layer.activation = request.activation;
    layer.weightOffset = offset;
    layer.biasOffset = offset + static_cast<int64_t>(layer.units) * layer.taps();
    offset = layer.biasOffset + layer.units;
    layers.push_back(layer);
    channels = layer.units;
    height = layer.outHeight();
    width = layer.outWidth();
  }
  return layers;
}

}  // namespace trellis::network
